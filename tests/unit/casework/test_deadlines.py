"""When something is due: the values the field checks by hand, and what must hold of any calendar."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.choices import Unit
from casework.deadlines import (
    WALL_CLOCK,
    Due,
    Limit,
    Period,
    due_of,
    extended,
    half_over,
    left_after,
    remaining,
    resumed,
    workdays_late,
)
from grids.workdays import OfficeDay, WorkCalendar
from tests.factories.calendar import ZONE, at, calendars, moments, official_calendar, pairs

# Amounts of a unit that stay inside the invented year.
MOST = {
    Unit.MINUTE: 3000,
    Unit.CALENDAR_HOUR: 120,
    Unit.WORKING_HOUR: 60,
    Unit.WORKDAY: 15,
    Unit.CALENDAR_DAY: 20,
}
limits = st.sampled_from(list(Unit)).flatmap(
    lambda unit: st.builds(Limit, st.integers(1, MOST[unit]), st.just(unit.value))
)


@pytest.mark.parametrize(
    ("start", "workdays", "due_day"),
    [
        ("2023-01-20 10:00", 5, "2023-02-01"),
        ("2023-02-20 10:00", 15, "2023-03-13"),
        ("2023-04-28 10:00", 5, "2023-05-09"),
        ("2023-09-28 10:00", 5, "2023-10-11"),
        ("2026-02-13 10:00", 5, "2026-02-27"),
        ("2026-09-30 10:00", 5, "2026-10-13"),
    ],
)
def test_workdays_checked_by_hand_end_with_the_office(start, workdays, due_day):
    due = due_of(Limit(workdays, Unit.WORKDAY), at(start), official_calendar())
    assert due.at == at(f"{due_day} 18:00")
    assert not due.is_provisional


def test_a_limit_over_the_turn_of_the_year_is_counted_and_provisional():
    due = due_of(Limit(15, Unit.WORKDAY), at("2026-12-15 10:00"), official_calendar())
    assert due.at == at("2027-01-05 18:00")
    assert due.is_provisional


def test_a_limit_in_years_nobody_entered_is_counted_and_provisional():
    due = due_of(Limit(5, Unit.WORKDAY), at("2040-10-01 10:00"), official_calendar())
    assert due == Due(at("2040-10-08 18:00"), at("2040-10-05 08:30"), is_provisional=True)


@pytest.mark.parametrize(
    ("start", "due_at"),
    [
        ("2023-02-20 17:00", "2023-02-27 18:00"),
        ("2023-02-20 17:01", "2023-02-28 18:00"),
        ("2023-02-25 10:00", "2023-03-06 18:00"),
        ("2023-01-28 10:00", "2023-02-02 18:00"),
    ],
    ids=["at the cut-off", "after the cut-off", "on a Saturday", "on a make-up Saturday"],
)
def test_five_workdays_count_from_the_day_after_arrival(start, due_at):
    assert due_of(Limit(5, Unit.WORKDAY), at(start), official_calendar()).at == at(due_at)


@pytest.mark.parametrize(
    ("start", "due_at"),
    [
        ("2023-02-20 11:00", "2023-02-20 15:30"),
        ("2023-02-20 16:59", "2023-02-21 09:29"),
        ("2023-02-20 17:30", "2023-02-21 10:30"),
        ("2023-01-20 16:30", "2023-01-28 09:00"),
        ("2023-01-22 10:00", "2023-01-28 10:30"),
        ("2023-02-25 10:00", "2023-02-27 10:30"),
        ("2023-02-20 07:00", "2023-02-20 10:30"),
    ],
    ids=["lunch", "evening", "cut-off", "into Spring Festival", "in Spring Festival", "Saturday", "early"],
)
def test_two_office_hours(start, due_at):
    assert due_of(Limit(2, Unit.WORKING_HOUR), at(start), official_calendar()).at == at(due_at)


@pytest.mark.parametrize(
    ("limit", "due_at"),
    [
        (Limit(24, Unit.CALENDAR_HOUR), "2023-01-21 22:00"),
        (Limit(30, Unit.MINUTE), "2023-01-20 22:30"),
        (Limit(90, Unit.CALENDAR_DAY), "2023-04-20 22:00"),
    ],
)
def test_time_on_the_wall_runs_through_nights_and_holidays(limit, due_at):
    due = due_of(limit, at("2023-01-20 22:00"), official_calendar())
    assert due.at == at(due_at)
    assert not due.is_provisional


def test_time_on_the_wall_is_never_provisional():
    assert not due_of(
        Limit(24, Unit.CALENDAR_HOUR), at("2040-10-01 10:00"), official_calendar()
    ).is_provisional


def test_the_cut_off_of_the_limit_comes_before_the_offices():
    limit = Limit(1, Unit.WORKDAY, cut_off=time(12))
    assert due_of(limit, at("2023-02-20 13:00"), official_calendar()).at == at("2023-02-22 18:00")


def test_an_unknown_unit_is_an_error():
    with pytest.raises(ValueError, match="fortnight"):
        due_of(Limit(1, "fortnight"), at("2023-02-20 10:00"), official_calendar())


@pytest.mark.parametrize(
    ("limit", "yellow_at"),
    [
        (Limit(5, Unit.WORKDAY), "2023-02-24 08:30"),
        (Limit(5, Unit.WORKING_HOUR), "2023-02-20 16:30"),
        (Limit(10, Unit.CALENDAR_HOUR), "2023-02-20 18:00"),
    ],
    ids=["the workday before", "a fifth of the office hours", "a fifth on the wall"],
)
def test_the_light_turns_yellow_before_it_is_due(limit, yellow_at):
    assert due_of(limit, at("2023-02-20 10:00"), official_calendar()).yellow_at == at(yellow_at)


@given(calendars(), moments, limits)
def test_a_limit_never_runs_out_before_it_begins(calendar, start, limit):
    due = due_of(limit, start, calendar)
    assert due.at > start
    assert due.yellow_at <= due.at


@given(calendars(), moments, st.integers(1, 15))
def test_workdays_counted_back_are_the_amount(calendar, start, amount):
    due = due_of(Limit(amount, Unit.WORKDAY), start, calendar)
    assert calendar.is_workday(due.at.date())
    assert due.at == calendar.closing(due.at.date())
    assert calendar.workdays_between(calendar.arrival_day(start), due.at.date()) == amount


@given(calendars(), moments, st.integers(1, 60))
def test_office_hours_end_in_the_office(calendar, start, hours):
    due_at = due_of(Limit(hours, Unit.WORKING_HOUR), start, calendar).at
    assert calendar.is_workday(due_at.date())
    assert any(begin < due_at.time() <= end for begin, end in calendar.office.spans)


@given(calendars(), pairs, limits, st.integers(0, 10))
def test_a_later_start_or_a_larger_amount_is_never_due_earlier(calendar, pair, limit, more):
    first, second = pair
    due, later = due_of(limit, first, calendar), due_of(limit, second, calendar)
    larger = due_of(Limit(limit.amount + more, limit.unit), first, calendar)
    assert due.at <= later.at
    assert due.at <= larger.at
    assert due.yellow_at <= later.yellow_at
    assert due.yellow_at <= larger.yellow_at


@given(calendars(), pairs, limits, moments)
def test_stopped_and_started_again_exactly_the_rest_is_left(calendar, pair, limit, go_on):
    start, stop = pair
    go_on = max(stop, go_on)
    due = due_of(limit, start, calendar)
    left = remaining(due.at, stop, limit.unit, calendar)
    anew = resumed(left, limit.unit, go_on, calendar)
    assert remaining(anew.at, go_on, limit.unit, calendar) == left
    assert anew.at >= go_on
    assert anew.yellow_at <= anew.at


@given(calendars(), pairs, limits)
def test_stopped_and_started_at_once_nothing_is_won_or_lost(calendar, pair, limit):
    start, stop = pair
    due = due_of(limit, start, calendar)
    left = remaining(due.at, stop, limit.unit, calendar)
    if left > timedelta():
        assert resumed(left, limit.unit, stop, calendar).at == due.at


@given(calendars(), moments, limits)
def test_what_is_overdue_has_nothing_left(calendar, start, limit):
    due_at = due_of(limit, start, calendar).at
    for now in (due_at, due_at + timedelta(days=3)):
        assert remaining(due_at, now, limit.unit, calendar) == timedelta()


@given(calendars(), pairs, limits, limits, moments, st.integers(0, 5))
def test_the_order_of_a_stop_and_another_limit_gains_and_loses_nothing(
    calendar, pair, first, second, go_on, extra
):
    """Changed after the stop it has the rest it would have had if it had been changed before, whatever the units."""
    start, stop = pair
    go_on = max(stop, go_on)
    before = extended(due_of(second, start, calendar).at, extra, start, calendar) if extra else None
    changed_first = remaining((before or due_of(second, start, calendar)).at, stop, second.unit, calendar)
    assert left_after(second, [Period(start, stop, extra)], calendar) == changed_first
    back = left_after(first, [Period(start, stop), Period(go_on, go_on)], calendar)
    assert back == left_after(first, [Period(start, stop)], calendar)


@given(calendars(), pairs, limits, st.integers(0, 10))
def test_a_larger_limit_has_never_less_left_after_a_stop(calendar, pair, limit, more):
    period = Period(*pair)
    larger = Limit(limit.amount + more, limit.unit)
    assert left_after(limit, [period], calendar) <= left_after(larger, [period], calendar)


@given(calendars(), pairs, st.integers(1, 15), st.integers(1, 15))
def test_a_workday_is_the_office_hours_of_that_day(calendar, pair, amount, more):
    """Two limits in workdays differ after a stop by whole office days, as long as something is left of the shorter."""
    period = Period(*pair)
    short, long = (left_after(Limit(n, Unit.WORKDAY), [period], calendar) for n in (amount, amount + more))
    if short:
        assert long - short == more * calendar.office.length


def test_without_a_period_nothing_is_asked_for():
    with pytest.raises(ValueError, match="no period"):
        left_after(Limit(1, Unit.WORKDAY), [], official_calendar())


def test_a_suspension_over_the_weekend_gives_the_rest_back():
    calendar = official_calendar()
    due = due_of(Limit(5, Unit.WORKDAY), at("2023-02-20 10:00"), calendar)
    left = remaining(due.at, at("2023-02-24 16:00"), Unit.WORKDAY, calendar)
    assert left == timedelta(hours=9)
    assert resumed(left, Unit.WORKDAY, at("2023-03-06 14:30"), calendar).at == at("2023-03-07 16:30")


@given(calendars(), moments, limits, st.integers(1, 10))
def test_an_extension_puts_off_by_so_many_workdays(calendar, start, limit, workdays):
    due_at = due_of(limit, start, calendar).at
    later = extended(due_at, workdays, start, calendar)
    assert later.at > due_at
    assert calendar.is_workday(later.at.date())
    assert calendar.workdays_between(due_at.date(), later.at.date()) == workdays
    if calendar.is_workday(due_at.date()):
        assert later.at.timetz() == min(due_at, calendar.closing(due_at.date())).timetz()


@given(calendars(), pairs, st.integers(1, 10), st.integers(0, 5))
def test_a_longer_extension_or_a_later_limit_is_never_due_earlier(calendar, pair, workdays, more):
    first, second = pair
    later = extended(first, workdays, first, calendar).at
    assert later <= extended(second, workdays, first, calendar).at
    assert later <= extended(first, workdays + more, first, calendar).at


def test_what_is_due_on_a_saturday_is_not_put_off_less_than_what_was_due_on_friday():
    calendar, start = official_calendar(), at("2023-02-23 10:00")
    friday, saturday = (
        extended(at(f"2023-02-{day}"), 1, start, calendar).at for day in ("24 18:00", "25 10:00")
    )
    assert friday <= saturday


def test_an_extension_of_what_is_due_on_a_day_off_ends_with_the_office():
    later = extended(at("2023-02-25 10:00"), 1, at("2023-02-24 10:00"), official_calendar())
    assert later.at == at("2023-02-27 18:00")
    assert later.yellow_at == at("2023-02-24 08:30")


def test_every_unit_is_counted():
    assert set(MOST) == set(Unit)
    assert set(WALL_CLOCK) < set(Unit)


@pytest.mark.parametrize(
    ("limit", "start", "over_at"),
    [
        (Limit(2, Unit.WORKING_HOUR), "2023-02-24 16:59", "2023-02-27 10:29"),
        (Limit(2, Unit.WORKING_HOUR), "2023-02-20 11:00", "2023-02-20 16:30"),
        (Limit(30, Unit.MINUTE), "2023-02-24 23:00", "2023-02-24 23:45"),
        (Limit(1, Unit.WORKDAY), "2023-02-23 10:00", "2023-02-27 18:00"),
        (Limit(2, Unit.WORKDAY), "2023-02-22 10:00", "2023-02-27 18:00"),
    ],
)
def test_half_as_long_again_is_counted_in_the_limits_own_unit(limit, start, over_at):
    calendar = official_calendar()
    due = due_of(limit, at(start), calendar)
    assert half_over(due.at, limit.amount, limit.unit, calendar) == at(over_at)


@given(limits, moments, calendars())
def test_half_as_long_again_is_over_after_the_limit(limit, start, calendar):
    due = due_of(limit, start, calendar)
    assert half_over(due.at, limit.amount, limit.unit, calendar) > due.at


# --- an office that is open until midnight ---
LATE = WorkCalendar(
    lambda year: {},
    office=OfficeDay(spans=((time(8), time(12)), (time(14), time(0))), cut_off=time(22)),
    zone=ZONE,
)
FRIDAY = date(2023, 2, 24)


def test_a_limit_of_workdays_ends_on_its_day_when_the_office_closes_at_midnight():
    due = due_of(Limit(4, Unit.WORKDAY), LATE.at(date(2023, 2, 20), time(9)), LATE)
    assert LATE.local(due.at).date() == FRIDAY
    assert due.at == LATE.at(FRIDAY, time(23, 59, 59))
    longer = extended(due.at, 1, LATE.at(date(2023, 2, 20), time(9)), LATE)
    assert LATE.local(longer.at) == LATE.at(date(2023, 2, 27), time(23, 59, 59))
    assert workdays_late(due.at, LATE.at(date(2023, 2, 27), time(9)), LATE) == 1


def test_a_limit_of_office_hours_runs_until_midnight_and_over_the_weekend():
    due = due_of(Limit(3, Unit.WORKING_HOUR), LATE.at(FRIDAY, time(21)), LATE)
    assert due.at == LATE.at(date(2023, 2, 25), time(0))
    due = due_of(Limit(4, Unit.WORKING_HOUR), LATE.at(FRIDAY, time(21)), LATE)
    assert due.at == LATE.at(date(2023, 2, 27), time(9))
