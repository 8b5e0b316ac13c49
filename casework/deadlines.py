"""When something is due: the arithmetic of limits, pure, with every moment passed in.

Three kinds of unit stand side by side (domain page 0.4): time on the wall, office hours, and workdays. Workdays count
from the workday after arrival and end with the office; what arrives after the cut-off arrives the next workday.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from casework.choices import Unit
from grids.workdays import WorkCalendar

# The share of an hours-limit that is left when the light turns yellow: one part in five.
YELLOW_PART = 5
WALL_CLOCK = {
    Unit.MINUTE: timedelta(minutes=1),
    Unit.CALENDAR_HOUR: timedelta(hours=1),
    Unit.CALENDAR_DAY: timedelta(days=1),
}
OFFICE_CLOCK = {Unit.WORKING_HOUR: timedelta(hours=1)}


@dataclass(frozen=True)
class Limit:
    """An amount of a unit; `cut_off` overrides the office's own."""

    amount: int
    unit: str
    cut_off: time | None = None


@dataclass(frozen=True)
class Due:
    """When it is due, from when the light is yellow, and whether days were counted that are only estimated (暂估)."""

    at: datetime
    yellow_at: datetime
    is_provisional: bool = False


@dataclass(frozen=True)
class Period:
    """A period in which a limit ran until its clock was stopped; `extra_workdays` were granted in it."""

    began_at: datetime
    stopped_at: datetime
    extra_workdays: int = 0


def due_of(limit: Limit, start: datetime, calendar: WorkCalendar) -> Due:
    """When a limit that begins at `start` runs out. ValueError for an unknown unit."""
    unit = Unit(limit.unit)
    if unit in WALL_CLOCK:
        return _wall(start, limit.amount * WALL_CLOCK[unit])
    arrival = calendar.arrival_day(start, limit.cut_off)
    if unit in OFFICE_CLOCK:
        begin = start if arrival == calendar.local(start).date() else calendar.opening(arrival)
        return _office(start, begin, limit.amount * OFFICE_CLOCK[unit], calendar)
    day = calendar.add_workdays(arrival, limit.amount)
    return _by_day(start, calendar.closing(day), calendar)


def extended(due_at: datetime, workdays: int, start: datetime, calendar: WorkCalendar) -> Due:
    """The due time put off by one workday or more, at the same time of day.

    What is due on a day off, or after the office has closed, counts as due when it closed last.
    """
    local = calendar.local(due_at)
    local = min(local, calendar.closing(calendar.on_or_before(local.date())))
    day = calendar.add_workdays(local.date(), workdays)
    return _by_day(start, datetime.combine(day, local.timetz()), calendar)


def half_over(due_at: datetime, amount: int, unit: str, calendar: WorkCalendar) -> datetime:
    """When half of the amount has passed once more, in its own unit, since it ran out; half a workday counts as one."""
    known = Unit(unit)
    if known in WALL_CLOCK:
        return due_at + amount * WALL_CLOCK[known] / 2
    if known in OFFICE_CLOCK:
        return calendar.add_working_time(due_at, amount * OFFICE_CLOCK[known] / 2)
    return calendar.closing(calendar.add_workdays(calendar.local(due_at).date(), -(-amount // 2)))


def remaining(due_at: datetime, now: datetime, unit: str, calendar: WorkCalendar) -> timedelta:
    """What is left of a limit: time on the wall for wall units, office time for the others; never negative."""
    if unit in WALL_CLOCK:
        return max(due_at - now, timedelta())
    return calendar.working_time_between(now, due_at)


def resumed(left: timedelta, unit: str, now: datetime, calendar: WorkCalendar) -> Due:
    """When a limit that was stopped with `left` remaining (see `remaining`) runs out, started again now."""
    if unit in WALL_CLOCK:
        return _wall(now, left)
    if unit in OFFICE_CLOCK:
        return _office(now, now, left, calendar)
    return _by_day(now, calendar.add_working_time(now, left), calendar)


def workdays_late(due_at: datetime, now: datetime, calendar: WorkCalendar) -> int:
    """How many workdays late it is, as reminders count them: a workday counts once it has opened."""
    today = calendar.local(now).date()
    if now < calendar.opening(today):
        today -= timedelta(days=1)
    return calendar.workdays_between(calendar.local(due_at).date(), today)


def left_after(limit: Limit, periods: Iterable[Period], calendar: WorkCalendar) -> timedelta:
    """What is left of a limit that ran in these periods (at least one), as if it had held from the first of them on.

    The time used is measured in the unit of this limit, whatever unit held then: minutes, hours and days of the wall
    clock by the wall clock; office hours and workdays by office time, a workday being the office hours of that day.
    Never negative.
    """
    left: timedelta | None = None
    for period in periods:
        if left is None:
            due = due_of(limit, period.began_at, calendar)
        else:
            due = resumed(left, limit.unit, period.began_at, calendar)
        if period.extra_workdays:
            due = extended(due.at, period.extra_workdays, period.began_at, calendar)
        left = remaining(due.at, period.stopped_at, limit.unit, calendar)
    if left is None:
        raise ValueError("no period")
    return left


def _wall(start: datetime, span: timedelta) -> Due:
    return Due(start + span, start + span - span / YELLOW_PART)


def _office(start: datetime, begin: datetime, span: timedelta, calendar: WorkCalendar) -> Due:
    due_at = calendar.add_working_time(begin, span)
    yellow_at = calendar.add_working_time(begin, span - span / YELLOW_PART)
    return Due(due_at, yellow_at, _is_provisional(start, due_at, calendar))


def _by_day(start: datetime, due_at: datetime, calendar: WorkCalendar) -> Due:
    """Yellow from the opening of the workday before the due day."""
    before = calendar.add_workdays(calendar.local(due_at).date(), -1)
    return Due(due_at, calendar.opening(before), _is_provisional(start, due_at, calendar))


def _is_provisional(start: datetime, due_at: datetime, calendar: WorkCalendar) -> bool:
    return calendar.is_provisional(calendar.local(start).date(), calendar.local(due_at).date())
