"""The arithmetic of office time: monotone, never on a day off, and counting is its inverse."""

from datetime import UTC, date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.workdays import Day, OfficeDay, WorkCalendar, by_weekday
from tests.factories.calendar import ZONE, at, calendars, days, moments, official_calendar, pairs

counts = st.integers(0, 30)
spans = st.timedeltas(timedelta(), timedelta(hours=60))


@given(calendars(), days, counts)
def test_counting_is_the_inverse_of_adding(calendar, day, count):
    assert calendar.workdays_between(day, calendar.add_workdays(day, count)) == count


@given(calendars(), days, st.integers(1, 20))
def test_the_day_reached_is_a_workday_before_and_after(calendar, day, count):
    for signed in (count, -count):
        reached = calendar.add_workdays(day, signed)
        assert calendar.is_workday(reached)
        assert (reached > day) is (signed > 0)


@given(calendars(), days, st.integers(1, 20))
def test_going_back_from_a_workday_returns(calendar, day, count):
    day = calendar.on_or_after(day)
    assert calendar.add_workdays(calendar.add_workdays(day, count), -count) == day


@given(calendars(), days, days, counts, counts)
def test_a_later_start_and_a_larger_count_never_end_earlier(calendar, first, second, few, many):
    first, second = sorted((first, second))
    few, many = sorted((few, many))
    assert calendar.add_workdays(first, few) <= calendar.add_workdays(second, few)
    assert calendar.add_workdays(first, few) <= calendar.add_workdays(first, many)


@given(calendars(), days)
def test_the_neighbouring_workdays_leave_none_between(calendar, day):
    before, after = calendar.on_or_before(day), calendar.on_or_after(day)
    assert before <= day <= after
    assert calendar.is_workday(before)
    assert calendar.is_workday(after)
    assert calendar.workdays_between(before, after) == (0 if before == after else 1)


@given(calendars(), moments, spans)
def test_measuring_is_the_inverse_of_adding_office_time(calendar, start, span):
    assert calendar.working_time_between(start, calendar.add_working_time(start, span)) == span


@given(calendars(), moments, st.timedeltas(timedelta(seconds=1), timedelta(hours=60)))
def test_office_time_ends_in_office_hours(calendar, start, span):
    end = calendar.add_working_time(start, span)
    assert calendar.is_workday(end.date())
    assert any(begin < end.time() <= finish for begin, finish in calendar.office.spans)


@given(calendars(), pairs, spans, spans)
def test_a_later_start_and_a_longer_span_never_end_earlier(calendar, pair, short, long):
    first, second = pair
    short, long = sorted((short, long))
    assert calendar.add_working_time(first, short) <= calendar.add_working_time(second, short)
    assert calendar.add_working_time(first, short) <= calendar.add_working_time(first, long)


@given(calendars(), moments, spans, spans)
def test_office_time_adds_up(calendar, start, first, second):
    in_two = calendar.add_working_time(calendar.add_working_time(start, first), second)
    assert in_two == calendar.add_working_time(start, first + second)


@given(calendars(), moments, moments, moments)
def test_measured_spans_add_up(calendar, one, two, three):
    one, two, three = sorted((one, two, three))
    measured = calendar.working_time_between(one, two) + calendar.working_time_between(two, three)
    assert measured == calendar.working_time_between(one, three)


@given(calendars(), pairs)
def test_the_day_something_counts_for_is_a_workday_and_never_earlier(calendar, pair):
    first, second = pair
    assert calendar.is_workday(calendar.arrival_day(first))
    assert first.date() <= calendar.arrival_day(first) <= calendar.arrival_day(second)


@given(calendars(), moments, spans)
def test_the_zone_of_a_moment_does_not_matter(calendar, start, span):
    abroad = start.astimezone(UTC)
    assert calendar.arrival_day(abroad) == calendar.arrival_day(start)
    assert calendar.add_working_time(abroad, span) == calendar.add_working_time(start, span)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2023-02-20 08:00", "2023-02-20"),
        ("2023-02-20 17:00", "2023-02-20"),
        ("2023-02-20 17:01", "2023-02-21"),
        ("2023-02-24 17:01", "2023-02-27"),
        ("2023-02-25 09:00", "2023-02-27"),
        ("2023-01-20 17:30", "2023-01-28"),
        ("2023-01-28 10:00", "2023-01-28"),
    ],
    ids=[
        "before opening",
        "at the cut-off",
        "after it",
        "on Friday",
        "Saturday",
        "before a festival",
        "make-up",
    ],
)
def test_the_day_something_arrives(moment, day):
    assert official_calendar().arrival_day(at(moment)) == date.fromisoformat(day)


def test_a_limit_may_have_a_cut_off_of_its_own():
    calendar = official_calendar()
    assert calendar.arrival_day(at("2023-02-20 16:30"), time(16)) == date(2023, 2, 21)
    assert calendar.arrival_day(at("2023-02-20 17:30"), time(18)) == date(2023, 2, 20)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2023-02-20 08:00", "2023-02-20 10:30"),
        ("2023-02-20 11:00", "2023-02-20 15:30"),
        ("2023-02-20 17:00", "2023-02-21 09:30"),
        ("2023-02-20 20:00", "2023-02-21 10:30"),
        ("2023-01-20 17:00", "2023-01-28 09:30"),
        ("2023-02-25 12:00", "2023-02-27 10:30"),
        ("2023-02-20 16:00", "2023-02-20 18:00"),
    ],
    ids=["early", "lunch", "evening", "night", "Spring Festival", "weekend", "to the closing"],
)
def test_two_office_hours(start, end):
    calendar = official_calendar()
    assert calendar.add_working_time(at(start), timedelta(hours=2)) == at(end)
    assert calendar.working_time_between(at(start), at(end)) == timedelta(hours=2)


def test_no_time_ends_at_once_even_at_night():
    night = at("2023-02-20 23:00")
    assert official_calendar().add_working_time(night, timedelta()) == night


def test_an_end_before_the_start_measures_nothing():
    calendar = official_calendar()
    assert calendar.working_time_between(at("2023-02-21 10:00"), at("2023-02-20 10:00")) == timedelta()
    assert calendar.workdays_between(date(2023, 2, 21), date(2023, 2, 20)) == 0


def test_a_year_nobody_entered_counts_by_the_weekday_and_is_provisional():
    calendar = official_calendar()
    assert calendar.day(date(2035, 10, 1)) == by_weekday(date(2035, 10, 1)) == Day(True, True)
    assert calendar.add_workdays(date(2035, 9, 28), 1) == date(2035, 10, 1)
    assert calendar.is_provisional(date(2035, 9, 28), date(2035, 10, 1))


def test_a_missing_day_inside_an_entered_year_is_provisional():
    calendar = WorkCalendar(lambda year: {date(2026, 3, 2): Day(False)}, office=OfficeDay(), zone=ZONE)
    assert not calendar.is_provisional(date(2026, 3, 2), date(2026, 3, 2))
    assert calendar.is_provisional(date(2026, 3, 2), date(2026, 3, 3))


def test_the_days_of_a_year_are_asked_for_once():
    asked = []
    calendar = WorkCalendar(lambda year: asked.append(year) or {}, office=OfficeDay(), zone=ZONE)
    calendar.add_workdays(date(2026, 12, 20), 20)
    calendar.add_workdays(date(2026, 12, 1), 40)
    assert asked == [2026, 2027]


def test_opening_and_closing_are_moments_of_the_zone():
    calendar = official_calendar()
    assert calendar.opening(date(2023, 2, 20)) == at("2023-02-20 08:30")
    assert calendar.closing(date(2023, 2, 20)) == at("2023-02-20 18:00")


# --- an office that is open until midnight ---
LATE = OfficeDay(spans=((time(8), time(12)), (time(14), time(0))), cut_off=time(22))
MONDAY = date(2023, 2, 20)


def late_office():
    return WorkCalendar(lambda year: {}, office=LATE, zone=ZONE)


def test_an_office_open_until_midnight_works_until_midnight():
    calendar = late_office()
    assert LATE.length == timedelta(hours=14)
    begin = calendar.at(MONDAY, time(23))
    midnight = calendar.at(MONDAY + timedelta(days=1), time(0))
    assert calendar.working_time_between(begin, midnight) == timedelta(hours=1)
    assert calendar.working_time_between(
        begin, calendar.at(MONDAY + timedelta(days=1), time(9))
    ) == timedelta(hours=2)
    assert calendar.add_working_time(begin, timedelta(hours=1)) == midnight
    assert calendar.add_working_time(begin, timedelta(minutes=90)) == calendar.at(
        MONDAY + timedelta(days=1), time(8, 30)
    )


def test_an_office_open_until_midnight_closes_on_the_day_itself():
    """What is due when it closes is due on that day, not at the first moment of the next, which may be a day off."""
    calendar = late_office()
    friday = MONDAY + timedelta(days=4)
    assert calendar.local(calendar.closing(friday)).date() == friday
    assert calendar.closing(friday) == calendar.at(friday, time(23, 59, 59))
    assert calendar.arrival_day(calendar.at(friday, time(21, 59))) == friday
    assert calendar.arrival_day(calendar.at(friday, time(23))) == friday + timedelta(days=3)
