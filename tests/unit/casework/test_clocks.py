"""The limits that run on a ticket: which begin, end, stop and go on with each step; the clock is passed in."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from casework.choices import Light
from casework.clocks import move
from casework.lights import light_of
from casework.limits import limit_for
from casework.models import Deadline, Reminder, ServiceLevel
from casework.planning import sweep
from casework.registry import Outcome
from requests_.kinds import TICKET
from requests_.models import Category, Ticket
from tests.factories.requests import COMMUNITY, accept, dispatch, due, finish, report, take

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def at(day, hour=10, minute=0, month=2):
    return datetime(2023, month, day, hour, minute, tzinfo=ZONE)


MONDAY = at(20)


def running(ticket):
    return set(Deadline.objects.running().filter(case_id=ticket.pk).values_list("step", flat=True))


def results(ticket):
    rows = Deadline.objects.filter(case_id=ticket.pk, ended_at__isnull=False).order_by("pk")
    return list(rows.values_list("step", "result"))


@pytest.fixture
def reported(micro_grid_worker, tree):
    return report(micro_grid_worker, tree["00500101"], category="dispute", now=MONDAY)


@pytest.fixture
def dispatched(reported, officer, grid_worker):
    accept(reported, officer, "grid", now=MONDAY)
    return dispatch(reported, officer, grid_worker, now=MONDAY)


@pytest.fixture
def signed(dispatched, grid_worker):
    return take(dispatched, "sign", grid_worker, now=at(20, 11))


def test_a_report_is_to_be_accepted_within_half_an_office_day(reported, officer):
    assert (reported.due_at, running(reported)) == (due(reported, "accept"), {"accept"})
    assert reported.due_at == at(20, 16, 30)
    ticket = take(reported, "decline", officer, decline_reason="not_ours", told_how="电话", now=at(20, 11))
    assert (ticket.due_at, running(ticket), results(ticket)) == (None, set(), [("accept", "met")])


def test_what_is_urgent_is_to_be_accepted_at_once_day_or_night(tree, micro_grid_worker):
    ticket = report(micro_grid_worker, tree["00500101"], urgency="urgent", now=at(18, 23))
    assert ticket.due_at == at(18, 23, 30)


@pytest.mark.parametrize(("level", "due_on"), [("grid", at(27, 18)), ("community", at(1, 18, month=3))])
def test_the_level_decides_the_handling_limit(reported, officer, level, due_on):
    ticket = accept(reported, officer, level, now=MONDAY)
    assert ticket.due_at == due_on
    assert running(ticket) == {"handle"}


def test_what_is_urgent_runs_through_the_night(reported, officer):
    ticket = take(reported, "accept", officer, urgency="urgent", handling_level="grid", now=at(20, 16))
    assert ticket.due_at == at(21, 16)
    assert ticket.yellow_at == ticket.due_at - timedelta(hours=24) / 5


def test_accepted_after_the_cut_off_counts_from_the_next_workday(reported, officer):
    assert accept(reported, officer, "grid", now=at(20, 17, 1)).due_at == at(28, 18)


def test_the_row_is_yellow_from_the_opening_of_the_workday_before(reported, officer):
    ticket = accept(reported, officer, "grid", now=MONDAY)
    assert light_of(ticket, at(24, 8, 29)) == Light.GREEN
    assert light_of(ticket, at(24, 8, 30)) == Light.YELLOW
    assert light_of(ticket, at(27, 18, 1)) == Light.RED


def test_dispatching_starts_the_time_to_sign_and_the_time_to_send_back(dispatched):
    assert running(dispatched) == {"handle", "sign", "return"}
    assert due(dispatched, "sign") == at(20, 12)
    assert due(dispatched, "return") == at(22, 18)


def test_signing_in_time_ends_that_limit_only(signed):
    assert running(signed) == {"handle", "return"}
    assert results(signed) == [("accept", "met"), ("sign", "met")]
    assert signed.events.get(verb="sign").facts["late"] is False


def test_signing_late_is_written_down(dispatched, grid_worker):
    ticket = take(dispatched, "sign", grid_worker, now=at(21))
    assert results(ticket) == [("accept", "met"), ("sign", "missed")]
    assert ticket.events.get(verb="sign").facts["late"] is True


def test_sent_back_and_dispatched_again_the_handling_limit_goes_on(signed, grid_worker, officer):
    take(signed, "send_back", grid_worker, reason="不属于本网格", now=at(21))
    again = dispatch(signed, officer, grid_worker, now=at(22))
    assert again.due_at == signed.due_at
    assert due(again, "return") == at(24, 18)
    assert due(again, "sign") > at(22)


def test_reassigning_begins_signing_and_sending_back_anew(signed, officer, neighbour):
    again = take(signed, "reassign", officer, handler=(neighbour, None), reason="换人", now=at(22))
    assert running(again) == {"handle", "sign", "return"}
    assert due(again, "return") == at(24, 18)


def test_finishing_hands_the_light_over_to_the_review(signed, grid_worker):
    ticket = finish(signed, grid_worker, now=at(22))
    assert running(ticket) == {"review"}
    assert ticket.due_at == due(ticket, "review") == at(24, 18)
    assert ("handle", "met") in results(ticket)


def test_closed_in_time_the_handling_limit_stays_on_the_row(signed, grid_worker, officer):
    finish(signed, grid_worker, now=at(27, 17))
    ticket = take(signed, "pass_review", officer, now=at(3, month=3))
    assert (ticket.due_at, ticket.handled_at) == (at(27, 18), at(27, 17))
    assert light_of(ticket, at(4, month=3)) == Light.BLUE
    assert running(ticket) == set()


def test_handled_late_it_closes_without_the_blue_light(signed, grid_worker, officer):
    finish(signed, grid_worker, now=at(28))
    ticket = take(signed, "pass_review", officer, now=at(28, 11))
    assert light_of(ticket, at(28, 12)) == Light.NONE


def test_rework_has_a_limit_of_its_own(signed, grid_worker, officer):
    finish(signed, grid_worker, now=at(21))
    ticket = take(signed, "rework", officer, reason="未恢复原状", now=at(22))
    assert running(ticket) == {"handle"}
    assert (ticket.due_at, ticket.handled_at) == (at(1, 18, month=3), None)


def test_escalating_gives_the_limit_of_the_level_counted_from_the_same_beginning(signed, officer):
    ticket = take(signed, "escalate", officer, reason="需社区协调", now=at(24))
    assert ticket.due_at == at(1, 18, month=3)
    assert running(ticket) == {"handle"}


@pytest.fixture
def resumed(signed, officer, secretary):
    """Suspended on Wednesday 22 February at 10:00 and resumed a week later: due on Monday 6 March."""
    review_on = at(3, month=3).date()
    take(signed, "propose_suspension", officer, reason="等待产权单位", review_on=review_on, now=at(22))
    take(signed, "suspend", secretary, now=at(22))
    ticket = take(signed, "resume", officer, now=at(1, month=3))
    assert ticket.due_at == at(6, 18, month=3)
    return ticket


def test_escalating_after_a_resume_adds_what_the_level_allows_more_to_the_rest(resumed, officer):
    """Seven workdays instead of five."""
    ticket = take(resumed, "escalate", officer, reason="需社区协调", now=at(2, month=3))
    assert ticket.due_at == at(8, 18, month=3)


def test_a_rest_is_never_less_than_nothing(resumed, officer):
    level(1, level="community")
    ticket = take(resumed, "escalate", officer, reason="需社区协调", now=at(2, month=3))
    assert ticket.due_at == at(1, month=3)


@pytest.mark.parametrize(
    ("amount", "unit", "due_at"),
    [
        # 48 hours had passed by the wall clock: nothing is left.
        (48, "calendar_hour", at(1, month=3)),
        (72, "calendar_hour", at(2, month=3)),
        (4, "calendar_day", at(3, month=3)),
        # Monday 10:00 to 12:00 and 14:30 to 18:00, Tuesday, Wednesday from 8:30: 14 of 20 office hours had passed.
        (20, "working_hour", at(2, 9, month=3)),
        # Tuesday and an hour and a half of Wednesday had been used, 5½ hours of Wednesday and 24 February are left.
        (3, "workday", at(2, 18, month=3)),
    ],
)
def test_a_limit_in_another_unit_keeps_the_time_used_before_the_stop(resumed, officer, amount, unit, due_at):
    level(amount, level="community", unit=unit)
    ticket = take(resumed, "escalate", officer, reason="需社区协调", now=at(1, 11, month=3))
    assert ticket.due_at == due_at


def test_what_was_used_before_every_stop_is_kept(resumed, officer, secretary):
    """49 hours from Monday 10:00: 48 until the first stop, half an hour until the second."""
    take(
        resumed,
        "propose_suspension",
        officer,
        reason="等待产权单位",
        review_on=at(10, month=3).date(),
        now=at(1, 10, 30, month=3),
    )
    take(resumed, "suspend", secretary, now=at(1, 10, 30, month=3))
    take(resumed, "resume", officer, now=at(8, month=3))
    level(49, level="community", unit="calendar_hour")
    ticket = take(resumed, "escalate", officer, reason="需社区协调", now=at(8, month=3))
    assert ticket.due_at == at(8, 10, 30, month=3)


@pytest.fixture
def missed(signed, officer, secretary):
    """Due on 27 February, suspended two days later and resumed on 6 March."""
    review_on = at(10, month=3).date()
    take(
        signed, "propose_suspension", officer, reason="等待产权单位", review_on=review_on, now=at(1, month=3)
    )
    take(signed, "suspend", secretary, now=at(1, month=3))
    return take(signed, "resume", officer, now=at(6, month=3))


def test_what_was_missed_before_it_was_suspended_goes_on_being_late_since_then(missed, officer, grid_worker):
    assert (missed.due_at, light_of(missed, at(6, month=3))) == (at(27, 18), Light.RED)
    level(30, level="community")
    ticket = take(missed, "escalate", officer, reason="需社区协调", now=at(6, month=3))
    assert (ticket.due_at, light_of(ticket, at(6, month=3))) == (at(27, 18), Light.RED)
    dispatch(ticket, officer, grid_worker, now=at(6, month=3))
    take(ticket, "sign", grid_worker, now=at(6, month=3))
    finish(ticket, grid_worker, now=at(7, month=3))
    ticket = take(ticket, "pass_review", officer, now=at(7, month=3))
    assert ("handle", "missed") in results(ticket)
    assert light_of(ticket, at(7, month=3)) == Light.NONE


def test_the_days_of_lateness_count_on_through_a_suspension(signed, officer, secretary):
    """Late since 27 February: the third day is 2 March. Told that day, nobody is told again after the resume."""

    def told(now):
        sweep(now=now)
        return list(Deadline.objects.filter(step="handle").values_list("told", flat=True))

    assert told(at(28, 9)) == [0]
    take(
        signed,
        "propose_suspension",
        officer,
        reason="等待产权单位",
        review_on=at(10, month=3).date(),
        now=at(28),
    )
    take(signed, "suspend", secretary, now=at(28))
    take(signed, "resume", officer, now=at(2, 9, month=3))
    assert told(at(2, 9, month=3)) == [3]
    secretaries = Reminder.objects.filter(rule="late", recipient=secretary).values_list(
        "facts__days", flat=True
    )
    assert list(secretaries) == [3]


def test_a_category_corrected_after_a_resume_keeps_the_time_used_before(resumed, officer):
    """Fifteen workdays by standard from 20 February would end on 13 March; seven days of it were suspended: the rest,
    13 workdays less an hour and a half of Wednesday 22 February, runs from Wednesday 1 March at 10:00.
    """
    category = Category.objects.get(code="illegal-building")
    ticket = take(resumed, "correct", officer, category=category, reason="分类有误", now=at(2, month=3))
    assert ticket.due_at == at(20, 18, month=3)


def test_a_category_corrected_while_it_is_suspended_counts_after_the_resume(signed, officer, secretary):
    review_on = at(10, month=3).date()
    take(signed, "propose_suspension", officer, reason="等待产权单位", review_on=review_on, now=at(22))
    take(signed, "suspend", secretary, now=at(22))
    category = Category.objects.get(code="illegal-building")
    ticket = take(signed, "correct", officer, category=category, reason="分类有误", now=at(24))
    assert (ticket.due_at, light_of(ticket, at(24))) == (None, Light.GREY)
    assert take(signed, "resume", officer, now=at(1, month=3)).due_at == at(20, 18, month=3)


@pytest.mark.parametrize(
    ("fields", "due_at"),
    [({"category": "illegal-building"}, at(13, 18, month=3)), ({"urgency": "urgent"}, at(21))],
)
def test_a_corrected_category_or_urgency_takes_its_limit_from_the_same_beginning(signed, fields, due_at):
    if "category" in fields:
        fields = {"category": Category.objects.get(code=fields["category"])}
    case = Ticket.objects.get(pk=signed.pk)
    for name, value in fields.items():
        setattr(case, name, value)
    moved = move(
        kind=TICKET,
        case=case,
        verb="correct",
        before=case.status,
        outcome=Outcome(fields=fields),
        now=at(20, 12),
    )
    assert moved.fields["due_at"] == due_at


def test_escalating_what_is_done_again_keeps_the_limit_of_rework(signed, grid_worker, officer):
    finish(signed, grid_worker, now=at(21))
    again = take(signed, "rework", officer, reason="未恢复原状", now=at(22))
    ticket = take(again, "escalate", officer, reason="需社区协调", now=at(24))
    assert ticket.due_at == again.due_at == at(1, 18, month=3)


def test_escalating_what_is_done_again_takes_the_levels_own_limit_of_rework(signed, grid_worker, officer):
    level(6, step="rework", level="community")
    finish(signed, grid_worker, now=at(21))
    take(signed, "rework", officer, reason="未恢复原状", now=at(22))
    ticket = take(signed, "escalate", officer, reason="需社区协调", now=at(24))
    assert ticket.due_at == at(2, 18, month=3)


def test_reopened_it_is_counted_anew(signed, grid_worker, officer):
    finish(signed, grid_worker, now=at(21))
    take(signed, "pass_review", officer, now=at(21))
    ticket = take(signed, "reopen", officer, reason="再次损坏", now=at(22))
    assert ticket.due_at == at(1, 18, month=3)


def test_a_resident_who_waits_starts_the_time_of_first_contact(officer, grid_worker, tree):
    ticket = report(officer, tree["00500101"], category=COMMUNITY, caller_phone="0931-0000000", now=MONDAY)
    accept(ticket, officer, "community", now=MONDAY)
    assert due(ticket, "first_contact") == at(21)
    dispatch(ticket, officer, grid_worker, now=MONDAY)
    ticket = take(ticket, "record_contact", grid_worker, now=at(21, 9))
    assert ticket.first_contact_at == at(21, 9)
    assert ("first_contact", "met") in results(ticket)
    assert "first_contact" not in running(ticket)


def test_contact_at_the_end_counts_as_first_contact_and_may_be_late(officer, grid_worker, tree):
    ticket = report(officer, tree["00500101"], category=COMMUNITY, caller_phone="0931-0000000", now=MONDAY)
    accept(ticket, officer, "community", now=MONDAY)
    dispatch(ticket, officer, grid_worker, now=MONDAY)
    take(ticket, "sign", grid_worker, now=MONDAY)
    ticket = take(ticket, "finish", grid_worker, result="已劝导", contacted="yes", now=at(22))
    assert ("first_contact", "missed") in results(ticket)


def test_over_the_turn_of_the_year_the_due_time_is_estimated(reported, officer):
    ticket = take(
        reported, "accept", officer, urgency="normal", handling_level="community",
        now=datetime(2026, 12, 25, 10, tzinfo=ZONE),
    )  # fmt: skip
    assert ticket.due_is_provisional
    assert ticket.due_at > datetime(2027, 1, 1, tzinfo=ZONE)


def test_a_later_change_of_the_rule_moves_nothing_that_runs(signed, officer):
    ServiceLevel.objects.filter(step="handle").update(amount=1)
    take(
        signed,
        "propose_suspension",
        officer,
        reason="等待产权单位",
        review_on=at(1, month=3).date(),
        now=at(21),
    )
    assert Ticket.objects.get().due_at == at(27, 18)


def level(amount, **more):
    fields = {
        "kind": "ticket",
        "step": "handle",
        "unit": "workday",
        "basis": "测试",
        "valid_from": MONDAY.date(),
    }
    return ServiceLevel.objects.create(amount=amount, **(fields | more))


def test_the_row_that_says_most_wins(reported):
    on = MONDAY.date()

    def amount():
        return limit_for(reported, "handle", on=on).amount

    assert amount() == 5  # of the level
    level(21, subject=f"type:{reported.type}")
    assert amount() == 21
    level(22, subject="dispute")
    assert amount() == 22
    level(23, subject="dispute", level="grid")
    assert amount() == 23
    level(24, urgency="normal")
    assert amount() == 24
    level(25, urgency="normal", valid_from=on + timedelta(days=1))
    assert amount() == 24
    assert limit_for(reported, "handle", on=on + timedelta(days=1)).amount == 25


def test_without_a_limit_the_step_has_no_clock(reported, officer):
    ServiceLevel.objects.filter(step="handle").delete()
    ticket = accept(reported, officer, "grid", now=MONDAY)
    assert (ticket.due_at, running(ticket)) == (None, set())
