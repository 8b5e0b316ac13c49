"""Calendars to count with, without a database: the official years of the project's data file, and invented ones."""

import csv
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from grids.management.commands.make_workdays import FILE
from grids.workdays import DAY, Day, OfficeDay, WorkCalendar, by_weekday

ZONE = ZoneInfo("Asia/Shanghai")


@cache
def official_days(year: int) -> Mapping[date, Day]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["date"].startswith(f"{year}-")]
    return {
        date.fromisoformat(row["date"]): Day(row["is_workday"] == "1", row["provisional"] == "1")
        for row in rows
    }


def official_calendar(office: OfficeDay | None = None) -> WorkCalendar:
    return WorkCalendar(official_days, office=office or OfficeDay(), zone=ZONE)


def at(text: str) -> datetime:
    """`2023-01-20 10:00` on the wall clock of Lanzhou."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
days = st.dates(min_value=FIRST + 30 * DAY, max_value=LAST - 60 * DAY)
moments = st.builds(
    lambda day, seconds: datetime.combine(day, time(), tzinfo=ZONE) + timedelta(seconds=seconds),
    days,
    st.integers(0, 86_399),
)
# Two moments near each other: what happens around a cut-off, a closing or a weekend shows in such pairs.
pairs = st.builds(
    lambda moment, seconds: (moment, moment + timedelta(seconds=seconds)), moments, st.integers(0, 4 * 86_400)
)


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """A year whose holidays and make-up workdays fall anywhere, with hours of an office."""
    turned = draw(st.sets(st.dates(min_value=FIRST, max_value=LAST), max_size=60))
    hours = sorted(draw(st.sets(st.integers(6 * 4, 22 * 4), min_size=4, max_size=4)))
    begin, noon, after, end = (time(n // 4, n % 4 * 15) for n in hours)
    cut_off = time(*divmod(draw(st.integers(hours[0] * 15, hours[3] * 15)), 60))
    table = {day: Day(not by_weekday(day).is_workday) for day in turned}
    return WorkCalendar(
        lambda year: table, office=OfficeDay(((begin, noon), (after, end)), cut_off), zone=ZONE
    )
