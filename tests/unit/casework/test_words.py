"""Amounts, spans and days as one says them."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from casework.choices import Unit
from casework.words import amount_words, day_words, left_words, span_words

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
