"""Dispatching several cases of the queue at once: what is left out, refused, or changed meanwhile is named."""

import re

import pytest

from requests_.models import Ticket
from tests.factories.requests import accept, dispatch, report, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
QUEUE = "/cases/"
BULK = "/cases/bulk-dispatch/"


@pytest.fixture
def waiting(make, officer):
    return [accept(make(), officer) for _ in range(3)]


def dispatching(person, *tickets, **more):
    return {
        "number": [t.number for t in tickets],
        "handler": f"person:{person.pk}",
        "opinion": "请尽快处理",
        **{f"version_{t.number}": t.version for t in tickets},
        **more,
    }


def test_only_cases_that_wait_for_ones_dispatch_can_be_ticked(
    client_for, officer, grid_worker, make, waiting
):
    make()
    ticks = re.compile(r'type="checkbox" name="number" value="([^"]+)"')
    assert set(ticks.findall(client_for(officer).get(QUEUE).content.decode())) == {t.number for t in waiting}
    assert not ticks.findall(client_for(grid_worker).get(QUEUE).content.decode())


def test_several_cases_are_dispatched_together(client_for, officer, grid_leader, waiting):
    client = client_for(officer)
    form = client.get(BULK, {"number": [t.number for t in waiting]})
    assert [row.case.number for row, _version in form.context["rows"]] == [t.number for t in waiting]
    response = client.post(BULK, dispatching(grid_leader, *waiting), follow=True)
    assert response.status_code == 200
    reloaded = client.get(response.redirect_chain[-1][0])
    assert reloaded.context["done"] == 3
    assert (response.context["done"], response.context["refused"]) == (3, 0)
    for ticket in waiting:
        ticket.refresh_from_db()
        assert (ticket.status, ticket.handler_user) == ("to_sign", grid_leader)
        assert ticket.events.filter(verb="dispatch").count() == 1


def test_each_row_has_its_own_answer(client_for, officer, grid_leader, make, waiting):
    fresh = make()
    response = client_for(officer).post(BULK, dispatching(grid_leader, waiting[0], fresh), follow=True)
    assert [(r.row.case.number, bool(r.problem)) for r in response.context["results"]] == [
        (waiting[0].number, False),
        (fresh.number, True),
    ]
    fresh.refresh_from_db()
    assert fresh.status == "reported"


def test_a_case_that_changed_after_the_form_was_shown_is_not_dispatched(
    client_for, officer, grid_leader, grid_worker, waiting
):
    client, first = client_for(officer), waiting[0]
    page = client.get(BULK, {"number": [t.number for t in waiting]}).content.decode()
    sent = dispatching(grid_leader, *waiting)
    sent |= dict(re.findall(r'name="(version_[^"]+)" value="([0-9]+)"', page))
    take(dispatch(first, grid_leader, grid_worker), "send_back", grid_worker, reason="不归我管")
    without_handler = client.post(BULK, sent | {"handler": ""})
    assert f'name="version_{first.number}" value="{first.version}"' in without_handler.content.decode()
    response = client.post(BULK, sent, follow=True)
    problems = {r.row.case.number: r.problem for r in response.context["results"]}
    assert [number for number, problem in problems.items() if problem] == [first.number]
    assert grid_worker.name in problems[first.number]
    first.refresh_from_db()
    assert first.handler_user != grid_leader


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_bulk_without_the_version_it_was_shown_dispatches_nothing(
    client_for, officer, grid_leader, waiting, version
):
    sent = dispatching(grid_leader, waiting[0], **{f"version_{waiting[0].number}": version})
    assert client_for(officer).post(BULK, sent, follow=True).context["refused"] == 1


def test_same_bulk_sent_twice_dispatches_once(client_for, officer, grid_leader, waiting):
    client = client_for(officer)
    client.post(BULK, dispatching(grid_leader, *waiting))
    again = client.post(BULK, dispatching(grid_leader, *waiting), follow=True)
    assert (again.context["done"], again.context["refused"]) == (0, 3)
    assert waiting[0].events.filter(verb="dispatch").count() == 1


def test_bulk_without_a_handler_is_refused_and_keeps_the_rest(client_for, officer, grid_leader, waiting):
    response = client_for(officer).post(BULK, dispatching(grid_leader, *waiting, handler=""))
    assert response.status_code == 400
    assert response.context["form"]["opinion"].value() == "请尽快处理"
    assert not Ticket.objects.filter(status="to_sign").exists()


def test_foreign_cases_are_left_out_of_a_bulk(client_for, foreign_officer, grid_leader, waiting):
    response = client_for(foreign_officer).post(BULK, dispatching(grid_leader, *waiting))
    assert response.status_code == 302
    assert not Ticket.objects.filter(status="to_sign").exists()


def test_what_a_bulk_leaves_out_is_named(client_for, officer, grid_worker, waiting, tree):
    left_out = report(officer, tree["00500101"])
    page = client_for(officer).get(BULK, {"number": [waiting[0].number, left_out.number]})
    assert [row.case.number for row in page.context["skipped"]] == [left_out.number]
    assert f'href="/cases/{left_out.number}/">{left_out.number}</a>' in page.content.decode()


@pytest.mark.parametrize("number", ["NUL\x00", "' OR 1=1", "字" * 20_000])
def test_bulk_takes_no_nonsense_for_a_number(client_for, officer, grid_leader, waiting, number):
    data = dispatching(grid_leader, waiting[0]) | {"number": [number]}
    assert client_for(officer).post(BULK, data).status_code == 302


def test_bulk_with_nothing_chosen_leads_back_to_the_queue(client_for, officer):
    for response in (client_for(officer).get(BULK), client_for(officer).post(BULK)):
        assert response.url == QUEUE


def test_what_is_filtered_by_is_said_in_words(client_for, officer, tree, micro_grid_worker):
    report(micro_grid_worker, tree["00500101"])
    query = {
        "status": "to_sign",
        "area": tree["005001"].code,
        "text": "踏步",
        "since": "2023-02-20",
        "sort": "due",
    }
    chosen = client_for(officer).get("/cases/", query).context["filter"].chosen
    assert chosen == [
        "编号或标题 踏步",
        "状态 待签收",
        f"辖区 {tree['005001'].name}",
        "上报日期起 2023-02-20",
        "排序 最急在前，挂账在后",
    ]
    assert client_for(officer).get("/cases/").context["filter"].chosen == []
