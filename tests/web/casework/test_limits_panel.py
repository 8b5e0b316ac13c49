"""期限与督办 on the case page: every limit with its light, every measure in words, and nothing that is not there."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.models import CaseEvent, Deadline, ExtensionRequest, Suspension
from requests_.models import Ticket
from tests.factories.accounts import OrganisationFactory
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.measures import at, extend, propose_suspension, signed, supervise, suspend, whistle
from tests.factories.requests import finish, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(tree, officer, grid_worker):
    """Accepted on Wednesday 1 March 2023, due on Friday the 10th at 18:00; a resident waits to be spoken to."""
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]), no="5")
    return signed(
        tree["00500101"], officer, grid_worker, now=at(1), building=building, caller_phone="0931-0000000"
    )


@pytest.fixture
def look(english_for):
    """The case page as somebody sees it at a moment."""

    def see(ticket, user, now):
        with time_machine.travel(now, tick=False):
            return english_for(user).get(reverse("casework:case_detail", args=[ticket.number]))

    return see


def lines(page):
    return {line.deadline.step: (line.tone, line.amount) for line in page.context["panel"].limits}


def test_each_limit_has_its_own_light_and_its_length_in_words(look, ticket, officer):
    page = look(ticket, officer, at(2, 9))
    assert lines(page) == {
        "handle": ("green", "7 workdays"),
        "first_contact": ("yellow", "24 hours"),
        "accept": ("blue", "4 office hours"),
        "sign": ("blue", "2 office hours"),
    }
    assert "10 March 2023, 18:00" in page.content.decode()


def test_a_limit_that_is_passed_is_red_and_one_that_ended_late_says_so(look, ticket, officer, grid_worker):
    take(ticket, "record_contact", grid_worker, now=at(3))
    tones = lines(look(ticket, officer, at(13)))
    assert tones["handle"][0] == "red"
    assert tones["first_contact"][0] == "missed"


def test_the_limit_of_the_review_takes_over(look, ticket, officer, grid_worker):
    finish(ticket, grid_worker, now=at(3))
    tones = lines(look(ticket, officer, at(6)))
    assert tones["handle"][0] == "blue"
    assert tones["review"] == ("yellow", "2 workdays")


def test_the_right_to_send_back_is_shown_to_the_handler_alone(look, ticket, officer, grid_worker):
    assert "return" not in lines(look(ticket, officer, at(2)))
    assert lines(look(ticket, grid_worker, at(2)))["return"] == ("none", "2 workdays")
    assert "no longer possible" in look(ticket, grid_worker, at(6)).content.decode()


def test_a_limit_that_no_longer_counts_is_left_out(look, tree, officer):
    ticket = report(officer, tree["00500101"], now=at(1))
    take(ticket, "accept", officer, urgency="normal", handling_level="grid", now=at(1))
    take(ticket, "cancel", officer, reason="误报", now=at(2))
    assert set(lines(look(ticket, officer, at(3)))) == {"accept"}


def test_an_estimated_time_says_so_beside_it(look, ticket, officer):
    for is_provisional in (False, True):
        Deadline.objects.filter(step="handle").update(is_provisional=is_provisional)
        Ticket.objects.update(due_is_provisional=is_provisional)
        html = look(ticket, officer, at(2)).content.decode()
        assert (html.count("estimated") == 3) is is_provisional


def test_an_extension_that_waits_is_told_beside_the_buttons_and_then_in_the_panel(
    look, ticket, grid_worker, secretary
):
    extend(ticket, grid_worker, 3, now=at(6))
    page = look(ticket, secretary, at(6))
    html = page.content.decode()
    assert "王工 asks for an extension of 3 workdays" in html
    assert "等待配件到货" in html
    assert page.context["primary"].verb == "approve_extension"
    assert page.context["panel"].extensions == []
    take(ticket, "approve_extension", secretary, opinion="同意", now=at(7))
    page = look(ticket, secretary, at(7))
    assert page.context["panel"].waiting is None
    assert "+ 3 workdays extension" in page.content.decode()
    assert "孙书记 decided on 7 March 2023, 10:00" in page.content.decode()


def test_the_form_of_the_approval_says_when_it_would_be_due(english_for, ticket, grid_worker, secretary):
    extend(ticket, grid_worker, 3, now=at(6))
    url = reverse("casework:case_do", args=[ticket.number, "approve_extension"])
    assert "due on 15 March 2023, 18:00" in english_for(secretary).get(url).content.decode()


def test_a_suspended_case_says_what_is_left_and_when_it_is_looked_at_again(look, ticket, officer, secretary):
    suspend(ticket, officer, secretary, 30, now=at(6, 11))
    page = look(ticket, officer, at(20))
    html = page.content.decode()
    assert lines(page)["handle"][0] == "grey"
    assert "clock stopped, 4 workdays 4 office hours left" in html
    assert "review on 5 April" in html
    assert "Review is due" not in html
    late = look(ticket, officer, at(6, month=4)).content.decode()
    assert "review was due on 5 April" in late
    assert "Review is due" in late
    take(ticket, "resume", officer, now=at(7, month=4))
    again = look(ticket, officer, at(7, month=4)).content.decode()
    assert "Resumed on 7 April 2023, 10:00" in again
    assert "review was due" not in again


def test_a_supervision_sheet_is_linked_with_its_leader_and_later_its_outcome(
    look, ticket, secretary, officer
):
    supervise(ticket, secretary, officer, now=at(6))
    html = look(ticket, officer, at(7)).content.decode()
    assert reverse("casework:supervision_sheet", args=[ticket.number, "DB-2023-000001"]) in html
    assert 'class="desk-headline wg-supervised"' in html
    assert "赵专干 answers for it by 11 March 2023, 10:00" in html
    assert "Answer overdue" not in html
    assert "Answer overdue" in look(ticket, officer, at(12)).content.decode()
    take(ticket, "lift_supervision", secretary, answer="已按期整改", now=at(12))
    html = look(ticket, officer, at(13)).content.decode()
    assert "已按期整改" in html
    assert "wg-supervised" not in html


def test_each_whistle_call_stands_there_from_the_call_to_its_rating(
    look, ticket, secretary, officer, department, department_handler
):
    other = OrganisationFactory(name="消防救援站")
    whistle(ticket, secretary, department, other, now=at(6))
    own = look(ticket, department_handler, at(6, 11))
    assert own.context["panel"].own_call.organisation == department
    assert "孙书记 called 城管执法中队 to the spot, before 6 March 2023, 14:00" in own.content.decode()
    late = look(ticket, officer, at(7)).content.decode()
    assert late.count("Not reported in yet") == 2
    take(ticket, "report_in", department_handler, now=at(7, 11))
    take(ticket, "answer_whistle", department_handler, outcome="已现场清理", now=at(7, 12))
    call = ticket.whistle_calls.get(organisation=department)
    take(ticket, "rate_whistle", secretary, call=call, rating="good", rating_note="迅速", now=at(8))
    page = look(ticket, department_handler, at(8))
    html = page.content.decode()
    assert page.context["panel"].own_call is None
    for text in ("郑承办 reported in on 7 March 2023, 11:00", "已现场清理", "Good", "迅速"):
        assert text in html
    assert html.count("Not reported in yet") == 1


def test_a_plain_case_has_no_section_of_measures(look, ticket, officer):
    html = look(ticket, officer, at(2)).content.decode()
    assert "desk-limits" in html
    assert "desk-measures" not in html
    assert "desk-waiting" not in html


def test_foreign_people_see_nothing_of_it(look, ticket, secretary, officer, foreign_officer, neighbour):
    supervise(ticket, secretary, officer, now=at(6))
    for user in (foreign_officer, neighbour):
        assert look(ticket, user, at(7)).status_code == 404


def _history(ticket, user, count):
    """So many events, ended limits, extensions and suspensions."""
    for number in range(count):
        seq = ticket.events.count() + 50
        CaseEvent.objects.create(
            case_id=ticket.pk, seq=seq, verb="note", actor=user, at=at(1), facts={"text": "x"}
        )
        Deadline.objects.create(
            case_id=ticket.pk, step="sign", amount=2, unit="working_hour", counted_from=at(1), due_at=at(2),
            yellow_at=at(2), half_over_at=at(3), ended_at=at(1), result="met",
        )  # fmt: skip
        asked = {
            "case_id": ticket.pk, "asked_by": user, "asked_at": at(1), "reason": f"第{number}次",
            "state": "refused", "decided_by": user, "decided_at": at(2),
        }  # fmt: skip
        ExtensionRequest.objects.create(workdays=3, **asked)
        Suspension.objects.create(review_on=at(9).date(), **asked)


@pytest.mark.parametrize("situation", ["plain", "waiting", "suspended"])
def test_a_long_history_costs_no_more_queries(
    client_for, ticket, officer, grid_worker, secretary, department, situation
):
    whistle(ticket, secretary, department, now=at(6))
    supervise(ticket, secretary, officer, now=at(6))
    if situation == "waiting":
        extend(ticket, grid_worker, now=at(6))
    if situation == "suspended":
        suspend(ticket, officer, secretary, now=at(6))
    client, url, counts = client_for(officer), reverse("casework:case_detail", args=[ticket.number]), []
    for more in (3, 27):
        _history(ticket, officer, more)
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            page = client.get(url)
        counts.append(len(seen))
    assert len(page.context["panel"].extensions) == 30
    assert counts[0] == counts[1] <= 16


def test_proposals_are_listed_newest_first(look, ticket, officer, secretary):
    for day in (6, 7):
        propose_suspension(ticket, officer, day, now=at(day))
        take(ticket, "refuse_suspension", secretary, reason="可先行处置", now=at(day))
    found = look(ticket, officer, at(8)).context["panel"].suspensions
    assert [row.asked_at for row in found] == [at(7), at(6)]


def test_what_was_late_before_it_was_suspended_says_so(look, ticket, officer, secretary):
    """Due on the 10th, suspended on the 14th: the panel keeps the day it was due."""
    suspend(ticket, officer, secretary, now=at(14))
    page = look(ticket, officer, at(15))
    line = next(line for line in page.context["panel"].limits if line.deadline.step == "handle")
    assert (line.tone, line.left, str(line.word)) == ("grey", "", "Suspended, overdue before that")
    assert "10 March 2023, 18:00" in page.content.decode()


def test_the_first_limit_and_that_of_the_rework_stand_beside_each_other(look, ticket, officer, grid_worker):
    """Due on the 10th, finished on the 15th, returned; done again in time."""
    finish(ticket, grid_worker, now=at(15))
    take(ticket, "rework", officer, reason="未恢复原状", now=at(15))
    finish(ticket, grid_worker, now=at(16))
    page = look(ticket, officer, at(17))
    shown = [line for line in page.context["panel"].limits if line.deadline.step == "handle"]
    assert [(line.name, str(line.word)) for line in shown] == [
        ("First handling", "Done late"),
        ("Rework", "Done in time"),
    ]
