"""What is asked before it is done, and what is not offered before it can be done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_.models import Ticket
from tests.factories.measures import signed, whistle
from tests.factories.requests import accept, finish, report, take

pytestmark = pytest.mark.django_db
PHONE = "09318412345"


@pytest.fixture
def handled(tree, officer, grid_worker):
    return signed(tree["00500101"], officer, grid_worker)


def url(ticket, verb):
    return f"/cases/{ticket.number}/do/{verb}/"


def sent(ticket, **data):
    ticket = Ticket.objects.get(pk=ticket.pk)
    return {"version": ticket.version, **data}


def text(answer):
    return answer.content.decode()


def test_finishing_with_a_whistle_unanswered_asks_first_and_keeps_what_was_typed(
    client_for, handled, grid_worker, secretary, department
):
    whistle(handled, secretary, department)
    client, data = client_for(grid_worker), {"result": "已清理干净", "contacted": "not_needed"}
    refused = client.post(url(handled, "finish"), sent(handled, **data))
    form = refused.context["step_form"]
    assert refused.status_code == 400
    assert set(form.errors) == {"calls_seen"}
    assert form["result"].value() == "已清理干净"
    assert "城管执法中队" in str(form.fields["calls_seen"].label)
    assert client.post(url(handled, "finish"), sent(handled, **data, calls_seen="on")).status_code == 302
    assert Ticket.objects.get().status == "to_review"


def test_passing_the_review_with_a_whistle_unrated_asks_first(
    client_for, handled, grid_worker, officer, secretary, department, department_handler
):
    whistle(handled, secretary, department)
    take(handled, "report_in", department_handler)
    take(handled, "answer_whistle", department_handler, outcome="已处置")
    finish(handled, grid_worker)
    client = client_for(officer)
    refused = client.post(url(handled, "pass_review"), sent(handled))
    assert set(refused.context["step_form"].errors) == {"calls_seen"}
    assert client.post(url(handled, "pass_review"), sent(handled, calls_seen="on")).status_code == 302


def test_nothing_is_asked_when_every_call_is_over(client_for, handled, grid_worker, officer):
    data = {"result": "已清理", "contacted": "not_needed"}
    assert client_for(grid_worker).post(url(handled, "finish"), sent(handled, **data)).status_code == 302
    assert client_for(officer).post(url(handled, "pass_review"), sent(handled)).status_code == 302


def test_a_dispatch_to_somebody_without_a_post_in_the_place_asks_first(
    client_for, tree, officer, neighbour, grid_worker
):
    ticket = accept(report(officer, tree["00500101"]), officer, "community")
    client, data = client_for(officer), {"handler": f"person:{neighbour.pk}", "opinion": "请协助"}
    refused = client.post(url(ticket, "dispatch"), sent(ticket, **data))
    assert refused.status_code == 400
    form = refused.context["step_form"]
    assert (form["opinion"].value(), form["handler"].value()) == ("请协助", data["handler"])
    assert 'name="outside_ok"' in text(refused)
    assert client.post(url(ticket, "dispatch"), sent(ticket, **data, outside_ok="on")).status_code == 302
    assert Ticket.objects.get().handler_user == neighbour
    other = accept(report(officer, tree["00500101"]), officer, "community")
    served = {"handler": f"person:{grid_worker.pk}", "opinion": "请处理"}
    assert client.post(url(other, "dispatch"), sent(other, **served)).status_code == 302


def test_the_list_of_handlers_says_who_serves_the_place_and_puts_them_first(
    client_for, tree, officer, neighbour, grid_worker
):
    ticket = accept(report(officer, tree["00500101"]), officer, "community")
    form = client_for(officer).get(url(ticket, "dispatch")).context["step_form"]
    groups = dict(form.fields["handler"].choices[1:])
    here, others = groups["服务该处的人员"], groups["其他人员"]
    assert [key for key, _name in others] == [f"person:{neighbour.pk}"]
    names = dict(here)
    assert tree["005001"].name in names[f"person:{grid_worker.pk}"]
    assert "网格员" in names[f"person:{grid_worker.pk}"]
    assert list(groups) == ["服务该处的人员", "其他人员"]


def test_a_bulk_dispatch_asks_too_though_the_first_ticket_is_in_the_person_s_grid(
    client_for, tree, officer, neighbour
):
    tickets = [accept(report(officer, tree[area]), officer, "community") for area in ("00500201", "00500101")]
    client = client_for(officer)
    data = {"number": [t.number for t in tickets], "handler": f"person:{neighbour.pk}", "opinion": "请处理"}
    data |= {f"version_{t.number}": Ticket.objects.get(pk=t.pk).version for t in tickets}
    refused = client.post("/cases/bulk-dispatch/", data)
    assert refused.status_code == 400
    assert 'name="outside_ok"' in text(refused)
    assert not Ticket.objects.filter(status="to_sign").exists()
    assert client.post("/cases/bulk-dispatch/", data | {"outside_ok": "on"}).status_code == 302
    assert Ticket.objects.filter(status="to_sign").count() == 2


def test_closing_as_not_reached_is_not_offered_before_it_was_tried_often_enough(
    client_for, tree, officer, grid_worker
):
    ticket = signed(tree["00500101"], officer, grid_worker, caller_phone=PHONE)
    finish(ticket, grid_worker)
    take(ticket, "pass_review", officer)
    client = client_for(officer)
    page = client.get(f"/cases/{ticket.number}/")
    assert url(ticket, "close_unreached") not in text(page)
    assert "目前0/3次" in text(page)
    begun = timezone.now()
    for hours in (0, 1, 26):
        take(ticket, "try_contact", officer, now=begun + timedelta(hours=hours))
    page = client.get(f"/cases/{ticket.number}/")
    assert url(ticket, "close_unreached") in text(page)
    assert "次，共" not in text(page)


def test_the_box_of_a_called_department_follows_what_it_did(
    client_for, handled, secretary, department, department_handler
):
    whistle(handled, secretary, department)
    client, page = client_for(department_handler), f"/cases/{handled.number}/"
    before = text(client.get(page))
    assert url(handled, "report_in") in before
    assert "处置后请填写处置情况" not in before
    take(handled, "report_in", department_handler)
    after = text(client.get(page))
    assert "报到，处置后请填写处置情况" in after
    assert url(handled, "report_in") not in after


def test_who_has_no_step_reads_whom_it_waits_for(client_for, tree, grid_worker, officer, grid_leader):
    ticket = accept(report(grid_worker, tree["00500101"], category="noise"), officer, "community")
    page = text(client_for(grid_worker).get(f"/cases/{ticket.number}/"))
    assert "等待：社区工作者 赵专干" in page
