"""Amounts, spans and days as one says them."""

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.choices import Unit
from casework.deadlines import Limit, due_of, workdays_late
from casework.planning import late_since
from casework.words import amount_words, day_words, late_in_unit, left_in_unit, left_words, span_words
from tests.factories.calendar import at, calendars, official_calendar, pairs

SEVEN = timedelta(hours=7)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (5, Unit.WORKDAY, "5 workdays"),
        (1, Unit.WORKDAY, "1 workday"),
        (2, Unit.WORKING_HOUR, "2 office hours"),
        (30, Unit.MINUTE, "30 minutes"),
        (24, Unit.CALENDAR_HOUR, "24 hours"),
        (90, Unit.CALENDAR_DAY, "90 days"),
    ],
)
def test_an_amount_has_its_unit(amount, unit, words):
    assert amount_words(amount, unit) == words


def test_every_unit_has_words_and_no_other():
    for unit in Unit:
        assert amount_words(2, unit).startswith("2 ")
    with pytest.raises(ValueError, match="fortnight"):
        amount_words(1, "fortnight")


@pytest.mark.parametrize(
    ("left", "unit", "words"),
    [
        (timedelta(hours=21), Unit.WORKDAY, "3 workdays"),
        (timedelta(hours=25, minutes=40), Unit.WORKDAY, "3 workdays 4 office hours"),
        (timedelta(hours=2), Unit.WORKDAY, "2 office hours"),
        (timedelta(minutes=20), Unit.WORKING_HOUR, "20 minutes"),
        (timedelta(), Unit.WORKDAY, "0 minutes"),
        (timedelta(hours=21), Unit.CALENDAR_HOUR, "21 hours"),
        (timedelta(hours=70), Unit.CALENDAR_HOUR, "2 days"),
    ],
)
def test_what_is_left_is_said_in_the_kind_of_time_it_is_counted_in(left, unit, words):
    assert left_words(left, unit, SEVEN) == words


def test_a_span_is_said_in_its_largest_unit():
    spans = {timedelta(seconds=3): "1 minute", timedelta(hours=47): "47 hours", timedelta(hours=49): "2 days"}
    assert {span: span_words(span) for span in spans} == spans


def test_a_day_of_another_year_names_it():
    assert day_words(date(2023, 9, 1), date(2023, 2, 20)) == "1 September"
    assert day_words(date(2024, 1, 3), date(2023, 12, 20)) == "3 January 2024"


MONDAY = at("2023-02-20 10:00")


@pytest.mark.parametrize(
    ("limit", "now", "words"),
    [
        (Limit(25, Unit.WORKDAY), "2023-02-20 10:00", "25 workdays"),
        (Limit(25, Unit.WORKDAY), "2023-03-24 19:00", "1 workday"),
        (Limit(25, Unit.WORKDAY), "2023-03-27 08:00", "7 office hours"),
        (Limit(25, Unit.WORKDAY), "2023-03-27 17:59", "1 minute"),
        (Limit(4, Unit.WORKING_HOUR), "2023-02-20 11:30", "2 office hours"),
        (Limit(60, Unit.CALENDAR_HOUR), "2023-02-20 10:00", "60 hours"),
        (Limit(30, Unit.MINUTE), "2023-02-20 10:10", "20 minutes"),
        (Limit(90, Unit.CALENDAR_DAY), "2023-02-20 10:00", "90 days"),
    ],
)
def test_what_is_left_is_said_in_the_unit_of_the_limit(limit, now, words):
    calendar = official_calendar()
    due_at = due_of(limit, MONDAY, calendar).at
    assert left_in_unit(due_at, at(now), limit.unit, calendar) == words


@pytest.mark.parametrize(
    ("unit", "now", "words"),
    [
        (Unit.WORKDAY, "2023-03-10 18:01", "less than a workday"),
        (Unit.WORKDAY, "2023-03-12 12:00", "less than a workday"),
        (Unit.WORKDAY, "2023-03-13 08:30", "1 workday"),
        (Unit.WORKDAY, "2023-03-16 10:00", "4 workdays"),
        (Unit.WORKING_HOUR, "2023-03-13 10:00", "1 office hour"),
        (Unit.CALENDAR_HOUR, "2023-03-13 10:00", "64 hours"),
        (Unit.CALENDAR_DAY, "2023-03-16 18:00", "6 days"),
    ],
)
def test_how_late_it_is_is_said_in_the_unit_of_the_limit(unit, now, words):
    """Due on Friday 10 March 2023 at 18:00."""
    assert late_in_unit(at("2023-03-10 18:00"), at(now), unit, official_calendar()) == words


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calendars(), pairs, st.integers(1, 6))
def test_workdays_late_are_those_by_which_reminders_go_out(calendar, pair, days):
    due_at, now = pair
    is_told = due_at < late_since(days, now, calendar)
    assert is_told == (workdays_late(due_at, now, calendar) >= days)
