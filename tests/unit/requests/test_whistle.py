"""吹哨报到: one call per department, through its states to the rating by the caller's side; the clock is passed in."""

import pytest

from casework.errors import NotAllowed, NotOffered, RuleBroken
from casework.models import WhistleCall
from portal.queries import my_work
from requests_.models import Ticket
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.measures import at, signed, supervise, whistle
from tests.factories.requests import finish, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(tree, officer, grid_worker):
    return signed(tree["00500101"], officer, grid_worker, now=at(1))


@pytest.fixture
def fire(db):
    return OrganisationFactory(name="消防救援站")


@pytest.fixture
def firefighter(fire):
    return UserFactory(name="钱消防", role="department_handler", organisation=fire)


def sees(user, ticket):
    return Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists()


def call_of(organisation):
    return WhistleCall.objects.get(organisation=organisation)


def rate(ticket, actor, organisation, rating="good", now=None, **more):
    return take(
        ticket, "rate_whistle", actor, call=call_of(organisation), rating=rating, now=now or at(8), **more
    )


def test_each_department_is_called_by_itself_and_sees_the_ticket(
    ticket, secretary, department, department_handler, fire, firefighter
):
    assert not sees(department_handler, ticket)
    called = whistle(ticket, secretary, department, fire, hours=4, now=at(6))
    assert called.status == "handling"
    assert called.whistles == {str(department.pk): "called", str(fire.pk): "called"}
    assert {(c.state, c.called_by, c.respond_by) for c in WhistleCall.objects.all()} == {
        ("called", secretary, at(6, 14))
    }
    assert sees(department_handler, ticket)
    assert sees(firefighter, ticket)


def test_a_call_goes_from_reporting_in_to_its_rating(ticket, secretary, department, department_handler):
    whistle(ticket, secretary, department, now=at(6))
    took = take(ticket, "report_in", department_handler, now=at(6, 13))
    assert took.whistles == {str(department.pk): "reported_in"}
    done = take(ticket, "answer_whistle", department_handler, outcome="已现场清理", now=at(7))
    assert done.whistles == {str(department.pk): "handled"}
    rated = rate(ticket, secretary, department, "fair", rating_note="到场稍迟")
    call = call_of(department)
    assert rated.whistles == {}
    assert (call.state, call.reported_in_by, call.reported_in_at) == ("rated", department_handler, at(6, 13))
    assert (call.outcome, call.handled_at, call.rating, call.rating_note) == (
        "已现场清理", at(7), "fair", "到场稍迟",
    )  # fmt: skip
    assert sees(department_handler, ticket)


def test_reporting_in_late_is_written_down(ticket, secretary, department, department_handler):
    whistle(ticket, secretary, department, hours=1, now=at(6))
    take(ticket, "report_in", department_handler, now=at(6, 12))
    assert call_of(department).was_late
    assert ticket.events.get(verb="report_in").facts["late"] is True


def test_a_department_that_is_not_rated_yet_is_not_called_again(ticket, secretary, department, fire):
    whistle(ticket, secretary, department, now=at(6))
    with pytest.raises(RuleBroken) as refused:
        whistle(ticket, secretary, fire, department, now=at(7))
    assert refused.value.details["field"] == "organisations"
    assert "城管执法中队" in str(refused.value)
    assert WhistleCall.objects.count() == 1
    assert whistle(ticket, secretary, fire, now=at(7)).whistles.keys() == {str(department.pk), str(fire.pk)}


def test_a_rated_department_may_be_called_anew(ticket, secretary, department, department_handler):
    whistle(ticket, secretary, department, now=at(6))
    take(ticket, "report_in", department_handler, now=at(6))
    take(ticket, "answer_whistle", department_handler, outcome="已处置", now=at(6))
    rate(ticket, secretary, department)
    assert whistle(ticket, secretary, department, now=at(9)).whistles == {str(department.pk): "called"}


@pytest.mark.parametrize("hours", [0, -1])
def test_a_time_that_has_passed_is_refused(ticket, secretary, department, hours):
    with pytest.raises(RuleBroken) as refused:
        whistle(ticket, secretary, department, hours=hours, now=at(6))
    assert refused.value.details["field"] == "respond_by"
    assert not WhistleCall.objects.exists()


def test_only_who_commands_the_ticket_blows_the_whistle(
    ticket, officer, grid_worker, subdistrict_admin, department
):
    for user in (officer, grid_worker):
        with pytest.raises(NotAllowed):
            whistle(ticket, user, department, now=at(6))
    assert whistle(ticket, subdistrict_admin, department, now=at(6)).whistles


def test_no_department_is_called_to_a_secret_ticket(tree, officer, secretary, department):
    ticket = signed(tree["00500101"], officer, officer, now=at(1), is_secret=True)
    with pytest.raises(NotAllowed):
        whistle(ticket, secretary, department, now=at(6))


def test_the_whistle_is_blown_while_it_is_handled(tree, officer, secretary, department):
    ticket = report(officer, tree["00500101"], now=at(1))
    with pytest.raises(NotOffered):
        whistle(ticket, secretary, department, now=at(2))


def test_a_department_acts_on_its_own_call_only(
    ticket, secretary, department, department_handler, firefighter
):
    chief = UserFactory(role="leader_view", organisation=department)
    whistle(ticket, secretary, department, now=at(6))
    for user in (firefighter, secretary, chief):
        with pytest.raises(NotAllowed):
            take(ticket, "report_in", user, now=at(6))
    with pytest.raises(NotAllowed):
        take(ticket, "answer_whistle", department_handler, outcome="已处置", now=at(6))
    take(ticket, "report_in", department_handler, now=at(6))
    with pytest.raises(NotAllowed):
        take(ticket, "report_in", department_handler, now=at(6))


def test_the_caller_s_side_rates_and_may_do_so_when_it_is_closed(
    ticket, secretary, officer, grid_worker, department, department_handler, subdistrict_admin
):
    whistle(ticket, secretary, department, now=at(6))
    take(ticket, "report_in", department_handler, now=at(6))
    take(ticket, "answer_whistle", department_handler, outcome="已处置", now=at(6))
    finish(ticket, grid_worker, now=at(7))
    assert take(ticket, "pass_review", officer, now=at(7)).status == "closed"
    for user in (department_handler, officer):
        with pytest.raises(NotAllowed):
            rate(ticket, user, department)
    assert rate(ticket, subdistrict_admin, department, "poor").whistles == {}


def test_a_department_answers_while_the_ticket_is_reviewed(
    ticket, secretary, grid_worker, department, department_handler
):
    whistle(ticket, secretary, department, now=at(6))
    assert finish(ticket, grid_worker, now=at(6)).status == "to_review"
    take(ticket, "report_in", department_handler, now=at(7))
    assert (
        take(ticket, "answer_whistle", department_handler, outcome="已处置", now=at(7)).status == "to_review"
    )


def test_who_was_called_and_who_called_hear_of_each_other(
    ticket, secretary, department, department_handler, firefighter, inbox_of
):
    def heard(user):
        return [item.facts["verb"] for item in inbox_of(user)]

    whistle(ticket, secretary, department, now=at(6))
    assert heard(department_handler) == ["whistle"]
    assert heard(firefighter) == []
    take(ticket, "report_in", department_handler, now=at(6))
    assert "report_in" in heard(secretary)


def test_supervision_and_whistle_stand_side_by_side(ticket, secretary, officer, department):
    whistle(ticket, secretary, department, now=at(6))
    assert supervise(ticket, secretary, officer, now=at(6)).whistles == {str(department.pk): "called"}


@pytest.fixture
def three_calls(ticket, secretary, department, department_handler, fire, firefighter, grid_worker):
    """One department dealt with it, one has reported in, one was not heard of; the ticket is to be called back."""
    silent = OrganisationFactory(name="供热公司")
    whistle(ticket, secretary, department, fire, silent, now=at(6))
    take(ticket, "report_in", department_handler, now=at(6))
    take(ticket, "answer_whistle", department_handler, outcome="已处置", now=at(6))
    take(ticket, "report_in", firefighter, now=at(6))
    return {"handled": department, "reported_in": fire, "called": silent}


def test_calls_that_were_not_dealt_with_end_with_their_ticket(
    ticket, three_calls, officer, secretary, grid_worker, firefighter
):
    finish(ticket, grid_worker, now=at(7))
    closed = take(ticket, "pass_review", officer, now=at(7))
    assert closed.closed_at is not None
    states = {name: call_of(organisation).state for name, organisation in three_calls.items()}
    assert states == {"handled": "handled", "reported_in": "ended", "called": "ended"}
    assert closed.whistles == {str(three_calls["handled"].pk): "handled"}
    assert rate(ticket, secretary, three_calls["handled"]).whistles == {}
    with pytest.raises(NotOffered):
        take(ticket, "answer_whistle", firefighter, outcome="已处置", now=at(8))


def test_a_department_whose_call_ended_is_called_anew_when_the_ticket_is_reopened(
    ticket, three_calls, officer, secretary, grid_worker
):
    finish(ticket, grid_worker, now=at(7))
    take(ticket, "pass_review", officer, now=at(7))
    take(ticket, "reopen", officer, reason="又堵了", now=at(8))
    take(ticket, "dispatch", officer, handler=(grid_worker, None), opinion="请再处理", now=at(8))
    take(ticket, "sign", grid_worker, now=at(8))
    again = whistle(ticket, secretary, three_calls["called"], now=at(8))
    assert again.whistles[str(three_calls["called"].pk)] == "called"
    assert WhistleCall.objects.filter(organisation=three_calls["called"]).count() == 2


def test_a_department_that_stayed_silent_is_rated_as_that_by_the_caller_s_side(
    ticket, secretary, officer, department
):
    whistle(ticket, secretary, department, hours=4, now=at(6))
    with pytest.raises(RuleBroken) as early:
        rate(ticket, secretary, department, "absent", now=at(6, 13))
    assert early.value.details["field"] == "call"
    with pytest.raises(RuleBroken) as good:
        rate(ticket, secretary, department, "good", now=at(7))
    assert good.value.details["field"] == "rating"
    with pytest.raises(NotAllowed):
        rate(ticket, officer, department, "absent", now=at(7))
    assert rate(ticket, secretary, department, "absent", now=at(7)).whistles == {}
    assert (call_of(department).state, call_of(department).rating) == ("rated", "absent")


def test_who_reported_in_is_not_rated_as_silent(ticket, secretary, department, department_handler):
    whistle(ticket, secretary, department, now=at(6))
    take(ticket, "report_in", department_handler, now=at(6))
    take(ticket, "answer_whistle", department_handler, outcome="已处置", now=at(6))
    with pytest.raises(RuleBroken):
        rate(ticket, secretary, department, "absent")


def test_a_silent_department_lies_on_the_desk_of_who_called_it(ticket, secretary, department):
    whistle(ticket, secretary, department, hours=4, now=at(6))
    assert not my_work(secretary, now=at(6, 13)).filter(pk=ticket.pk).exists()
    assert my_work(secretary, now=at(6, 15)).filter(pk=ticket.pk).exists()
