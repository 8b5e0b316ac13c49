"""The steps about time over HTTP: taken as from a form, refused with the reason beside what was typed."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from casework.models import ExtensionRequest, Supervision, Suspension, WhistleCall
from requests_.models import Ticket
from tests.factories.accounts import OrganisationFactory
from tests.factories.measures import at, extend, propose_suspension, signed, supervise, suspend, whistle
from tests.factories.requests import take

pytestmark = pytest.mark.django_db
NOW = at(6)
MEASURES = (ExtensionRequest, Suspension, Supervision, WhistleCall)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ticket(tree, officer, grid_worker):
    """Due on Friday 10 March 2023 at 18:00; it is Monday the 6th."""
    return signed(tree["00500101"], officer, grid_worker, now=at(1))


def do(ticket, verb):
    return reverse("casework:case_do", args=[ticket.number, verb])


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def send(client, ticket, verb, **data):
    return client.post(do(ticket, verb), {"version": fresh(ticket).version, **data})


def asking(**more):
    return {"workdays": "3", "reason": "等待配件到货", **more}


def proposing(**more):
    return {"reason": "待旧改施工后一并处理", "review_on": "2023-04-05", **more}


def calling(*organisations, **more):
    return {
        "organisations": [str(organisation.pk) for organisation in organisations],
        "ground": "residents",
        "demand": "请到现场会商",
        "respond_by": "2023-03-06T14:30",
        **more,
    }


def supervising(leader, **more):
    return {"leader": str(leader.pk), "answer_by": "2023-03-09", "demand": "限期办结并说明原因", **more}


# --- taken -------------------------------------------------------------------------------------------------


def test_an_extension_is_asked_for_and_approved(client_for, ticket, grid_worker, secretary):
    assert send(client_for(grid_worker), ticket, "request_extension", **asking()).status_code == 302
    assert fresh(ticket).pending_request == "extension"
    assert send(client_for(secretary), ticket, "approve_extension", opinion="同意").status_code == 302
    assert fresh(ticket).due_at == at(15, 18)


def test_a_suspension_is_proposed_approved_and_ended(client_for, ticket, officer, secretary):
    assert send(client_for(officer), ticket, "propose_suspension", **proposing()).status_code == 302
    assert send(client_for(secretary), ticket, "suspend").status_code == 302
    assert fresh(ticket).status == "suspended"
    assert send(client_for(officer), ticket, "resume", opinion="已具备条件").status_code == 302
    assert fresh(ticket).status == "handling"


def test_departments_are_called_report_in_answer_and_are_rated(
    client_for, ticket, secretary, department, department_handler
):
    other = OrganisationFactory(name="消防救援站")
    assert send(client_for(secretary), ticket, "whistle", **calling(department, other)).status_code == 302
    assert set(WhistleCall.objects.values_list("respond_by", flat=True)) == {at(6, 14, 30)}
    handler = client_for(department_handler)
    assert send(handler, ticket, "report_in", note="到场").status_code == 302
    assert send(handler, ticket, "answer_whistle", outcome="已处置").status_code == 302
    call = WhistleCall.objects.get(organisation=department)
    rating = {"call": str(call.pk), "rating": "good", "rating_note": "迅速"}
    assert send(client_for(secretary), ticket, "rate_whistle", **rating).status_code == 302
    call.refresh_from_db()
    assert (call.state, call.rating, call.rating_note) == ("rated", "good", "迅速")


def test_a_sheet_is_issued_and_lifted(client_for, ticket, secretary, officer):
    client = client_for(secretary)
    assert send(client, ticket, "supervise", **supervising(officer)).status_code == 302
    sheet = Supervision.objects.get()
    assert (sheet.leader, sheet.answer_by) == (officer, at(9, 18))
    assert send(client, ticket, "lift_supervision", answer="已整改").status_code == 302
    assert not fresh(ticket).is_supervised


def test_the_first_contact_is_recorded_in_one_click(client_for, tree, officer, grid_worker):
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(6, 9), caller_phone="0931-0000000")
    assert send(client_for(grid_worker), ticket, "record_contact").status_code == 302
    assert fresh(ticket).first_contact_at == NOW
    assert send(client_for(grid_worker), ticket, "record_contact").status_code == 403


# --- refused: the reason stands there, what was typed is kept, nothing is saved ----------------------------


def refused(response, ticket, field, **kept):
    """The form with its error and its texts; no measure, no event, no other version."""
    assert response.status_code == 400
    form = response.context["step_form"]
    assert form.errors[field] if field else form.non_field_errors(), form.errors
    for name, value in kept.items():
        assert form[name].value() == value
        if isinstance(value, str):
            assert value in response.content.decode()
    assert fresh(ticket).version == ticket.version


@pytest.mark.parametrize("workdays", ["0", "-3", "11", "400", "", "x", "2.5", "9" * 400])
def test_an_extension_of_an_impossible_length(client_for, ticket, grid_worker, workdays):
    response = send(client_for(grid_worker), ticket, "request_extension", **asking(workdays=workdays))
    refused(response, ticket, "workdays", reason="等待配件到货", workdays=workdays)
    assert not ExtensionRequest.objects.exists()


def test_an_extension_without_a_reason(client_for, ticket, grid_worker):
    response = send(client_for(grid_worker), ticket, "request_extension", **asking(reason=" "))
    refused(response, ticket, "reason", workdays="3")


@pytest.mark.parametrize("late", [at(10, 17, 1), at(13)])
def test_an_extension_after_the_cut_off(client_for, clock, ticket, grid_worker, late):
    client = client_for(grid_worker)
    clock.move_to(late)
    response = send(client, ticket, "request_extension", **asking())
    refused(response, ticket, None, reason="等待配件到货", workdays="3")
    assert not ExtensionRequest.objects.exists()


def test_the_form_says_until_when_it_may_be_asked_for(client_for, ticket, grid_worker):
    html = client_for(grid_worker).get(do(ticket, "request_extension")).content.decode()
    assert "2023年3月10日 17:00" in html
    assert 'max="10"' in html


@pytest.mark.parametrize(
    "review_on", ["2023-03-05", "2023-03-06", "2023-09-22", "2023-02-30", "", "9999-12-31", "x"]
)
def test_a_suspension_reviewed_on_an_impossible_day(client_for, ticket, officer, review_on):
    response = send(client_for(officer), ticket, "propose_suspension", **proposing(review_on=review_on))
    refused(response, ticket, "review_on", reason="待旧改施工后一并处理")
    assert not Suspension.objects.exists()


def test_the_browser_offers_only_days_that_are_possible(client_for, ticket, officer):
    html = client_for(officer).get(do(ticket, "propose_suspension")).content.decode()
    assert 'type="date"' in html
    assert 'min="2023-03-07"' in html
    assert 'max="2023-06-04"' in html


def test_resuming_what_is_not_suspended(client_for, ticket, officer):
    response = send(client_for(officer), ticket, "resume", opinion="可以恢复")
    assert response.status_code == 409
    assert fresh(ticket).version == ticket.version
    assert "可以恢复" in response.context["note_form"]["text"].value()


def test_a_whistle_without_a_department(client_for, ticket, secretary):
    response = send(client_for(secretary), ticket, "whistle", **calling())
    refused(response, ticket, "organisations", demand="请到现场会商", respond_by="2023-03-06T14:30")


@pytest.mark.parametrize(
    "respond_by",
    [
        "2023-03-06T09:59",
        "2023-03-06T10:00",
        "2022-01-01T10:00",
        "0001-01-01T00:00",
        "2032-03-06T14:30",
        "",
        "soon",
    ],
)
def test_a_whistle_with_an_impossible_time(client_for, ticket, secretary, department, respond_by):
    response = send(client_for(secretary), ticket, "whistle", **calling(department, respond_by=respond_by))
    refused(response, ticket, "respond_by", demand="请到现场会商", organisations=[str(department.pk)])
    assert not WhistleCall.objects.exists()


def test_a_department_that_is_called_already_is_not_offered_but_named(
    client_for, ticket, secretary, department
):
    other = OrganisationFactory(name="消防救援站")
    ticket = whistle(ticket, secretary, department, now=NOW)
    client = client_for(secretary)
    form = client.get(do(ticket, "whistle")).context["step_form"]
    assert [choice[1] for choice in form["organisations"].field.choices] == [other.name]
    assert department.name in form["organisations"].help_text
    response = send(client, ticket, "whistle", **calling(department, other))
    refused(response, ticket, "organisations", demand="请到现场会商")
    assert WhistleCall.objects.count() == 1


@pytest.mark.parametrize("wrong", ["", "0", "999999", "x"])
def test_a_supervision_without_a_leader(client_for, ticket, secretary, officer, wrong):
    response = send(client_for(secretary), ticket, "supervise", **supervising(officer) | {"leader": wrong})
    refused(response, ticket, "leader", demand="限期办结并说明原因", answer_by="2023-03-09")
    assert not Supervision.objects.exists()


def test_a_worker_of_the_grid_is_no_leader(client_for, ticket, secretary, grid_worker):
    response = send(client_for(secretary), ticket, "supervise", **supervising(grid_worker))
    refused(response, ticket, "leader")


@pytest.mark.parametrize("answer_by", ["2023-03-05", "2032-03-06", "", "x"])
def test_a_supervision_answered_on_an_impossible_day(client_for, ticket, secretary, officer, answer_by):
    response = send(client_for(secretary), ticket, "supervise", **supervising(officer, answer_by=answer_by))
    refused(response, ticket, "answer_by", demand="限期办结并说明原因")


@pytest.mark.parametrize("wrong", [{"rating": "best"}, {"rating": ""}, {"call": "0"}, {"call": "x"}])
def test_a_rating_of_nothing_or_without_a_word(
    client_for, ticket, secretary, department, department_handler, wrong
):
    whistle(ticket, secretary, department, now=NOW)
    take(ticket, "report_in", department_handler, now=NOW)
    ticket = take(ticket, "answer_whistle", department_handler, outcome="已处置", now=NOW)
    call = WhistleCall.objects.get()
    data = {"call": str(call.pk), "rating": "good", "rating_note": "迅速"} | wrong
    refused(
        send(client_for(secretary), ticket, "rate_whistle", **data),
        ticket,
        next(iter(wrong)),
        rating_note="迅速",
    )


# --- not one's own -----------------------------------------------------------------------------------------


def test_steps_of_others_are_forbidden_and_foreign_ones_not_found(
    client_for, ticket, officer, grid_worker, foreign_officer, department, department_handler
):
    forms = {
        "request_extension": (officer, asking()),
        "propose_suspension": (grid_worker, proposing()),
        "whistle": (officer, calling(department)),
        "supervise": (officer, supervising(officer)),
    }
    for verb, (user, data) in forms.items():
        assert client_for(user).get(do(ticket, verb)).status_code == 403, verb
        assert send(client_for(user), ticket, verb, **data).status_code == 403, verb
        for stranger in (foreign_officer, department_handler):
            assert send(client_for(stranger), ticket, verb, **data).status_code == 404, verb
    assert fresh(ticket).version == ticket.version
    assert not any(model.objects.exists() for model in MEASURES)


def test_decisions_are_forbidden_to_who_asked(client_for, ticket, officer, grid_worker, secretary):
    extend(ticket, grid_worker, now=NOW)
    assert send(client_for(grid_worker), ticket, "approve_extension").status_code == 403
    take(ticket, "refuse_extension", secretary, reason="抓紧办理", now=NOW)
    propose_suspension(ticket, officer, now=NOW)
    assert send(client_for(officer), ticket, "suspend").status_code == 403


# --- twice, and too late -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "verb", ["request_extension", "propose_suspension", "whistle", "supervise", "resume"]
)
def test_a_second_click_does_nothing_twice(
    client_for, ticket, verb, officer, grid_worker, secretary, department
):
    if verb == "resume":
        suspend(ticket, officer, secretary, now=NOW)
    user, data = {
        "request_extension": (grid_worker, asking()),
        "propose_suspension": (officer, proposing()),
        "whistle": (secretary, calling(department)),
        "supervise": (secretary, supervising(officer)),
        "resume": (officer, {"opinion": "恢复办理"}),
    }[verb]
    client, sent = client_for(user), {"version": fresh(ticket).version, **data}
    assert client.post(do(ticket, verb), sent).status_code == 302
    again = client.post(do(ticket, verb), sent)
    assert again.status_code == 409
    assert ticket.events.filter(verb=verb).count() == 1
    assert sum(model.objects.count() for model in MEASURES) == 1


def test_a_decision_on_a_page_that_is_old_is_told_who_was_faster(
    client_for, ticket, grid_worker, secretary, subdistrict_admin
):
    old = extend(ticket, grid_worker, now=NOW)
    take(ticket, "refuse_extension", subdistrict_admin, reason="不同意", now=NOW)
    sent = {"version": old.version, "opinion": "同意，请做好解释"}
    response = client_for(secretary).post(do(ticket, "approve_extension"), sent)
    assert response.status_code == 409
    html = response.content.decode()
    assert subdistrict_admin.name in html
    assert "同意，请做好解释" in response.context["note_form"]["text"].value()
    assert fresh(ticket).due_at == at(10, 18)


def test_a_stale_form_keeps_the_ticked_departments(client_for, ticket, officer, secretary, department):
    old = fresh(ticket)
    supervise(ticket, secretary, officer, now=NOW)
    response = client_for(secretary).post(
        do(ticket, "whistle"), {"version": old.version, **calling(department)}
    )
    assert response.status_code == 409
    form = response.context["step_form"]
    assert form["organisations"].value() == [str(department.pk)]
    assert form["respond_by"].value() == "2023-03-06T14:30"
    assert not WhistleCall.objects.exists()


def test_the_browser_s_times_begin_now(client_for, ticket, secretary):
    html = client_for(secretary).get(do(ticket, "whistle")).content.decode()
    assert 'type="datetime-local"' in html
    assert f'min="{timezone.localtime(NOW):%Y-%m-%dT%H:%M}"' in html
    latest = datetime.strptime(html.split('max="')[1][:16], "%Y-%m-%dT%H:%M").replace(tzinfo=NOW.tzinfo)
    assert latest - NOW == timedelta(days=366)
