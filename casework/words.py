"""Amounts, spans and days as one says them in an office."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.choices import Unit
from casework.deadlines import WALL_CLOCK, workdays_late
from grids.workdays import WorkCalendar

OFFICE_UNITS = (Unit.WORKDAY, Unit.WORKING_HOUR)


def _minutes(n: int) -> str:
    return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}


def _hours(n: int) -> str:
    return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}


def _office_hours(n: int) -> str:
    return ngettext("%(n)d office hour", "%(n)d office hours", n) % {"n": n}


def _days(n: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


def _workdays(n: int) -> str:
    return ngettext("%(n)d workday", "%(n)d workdays", n) % {"n": n}


WORDS: Mapping[str, Callable[[int], str]] = {
    Unit.MINUTE: _minutes,
    Unit.CALENDAR_HOUR: _hours,
    Unit.WORKING_HOUR: _office_hours,
    Unit.WORKDAY: _workdays,
    Unit.CALENDAR_DAY: _days,
}


def amount_words(amount: int, unit: str) -> str:
    """“5 workdays”, “2 office hours”. ValueError for an unknown unit."""
    return WORDS[Unit(unit)](amount)


def span_words(span: timedelta) -> str:
    """A span in its largest unit, never more than days: deadlines are counted in days, not months."""
    minutes = max(int(span.total_seconds() // 60), 1)
    if minutes < 60:
        return _minutes(minutes)
    hours = minutes // 60
    return _hours(hours) if hours < 48 else _days(hours // 24)


def left_in_unit(due_at: datetime, now: datetime, unit: str, calendar: WorkCalendar) -> str:
    """What is left of a limit in its own unit: workdays after today, on the last day office hours; time on the wall."""
    if unit in OFFICE_UNITS:
        days = calendar.workdays_between(calendar.local(now).date(), calendar.local(due_at).date())
        if unit == Unit.WORKDAY and days:
            return _workdays(days)
        return _office_time(calendar.working_time_between(now, due_at))
    return _wall_words(due_at - now, unit)


def late_in_unit(due_at: datetime, now: datetime, unit: str, calendar: WorkCalendar) -> str:
    """How late it is in the limit's own unit; workdays as reminders count them."""
    if unit == Unit.WORKDAY:
        days = workdays_late(due_at, now, calendar)
        return _workdays(days) if days else _("less than a workday")
    if unit in OFFICE_UNITS:
        return _office_time(calendar.working_time_between(due_at, now))
    return _wall_words(now - due_at, unit)


def _office_time(span: timedelta) -> str:
    hours, minutes = divmod(int(span.total_seconds() // 60), 60)
    return _office_hours(hours) if hours else _minutes(max(minutes, 1))


def _wall_words(span: timedelta, unit: str) -> str:
    """Hours stay hours however many they are; days are days from the second on."""
    if unit in (Unit.MINUTE, Unit.CALENDAR_HOUR) and span >= timedelta(hours=1):
        return _hours(int(span.total_seconds() // 3600))
    return span_words(span)


def left_words(left: timedelta, unit: str, office_day: timedelta) -> str:
    """What a stopped clock has left: time on the wall, or workdays of so much office time and the office hours over."""
    if unit in WALL_CLOCK:
        return span_words(left)
    days, rest = divmod(left, office_day)
    hours, rest = divmod(rest, timedelta(hours=1))
    parts = [_workdays(days)] if days else []
    if hours:
        parts.append(_office_hours(hours))
    return " ".join(parts) or _minutes(int(rest.total_seconds() // 60))


def moment_words(moment: datetime) -> str:
    """A moment in few characters: its day as `day_words` says it, and the hour."""
    local = timezone.localtime(moment)
    return f"{day_words(local.date(), timezone.localdate())} {local:%H:%M}"


def day_words(day: date, today: date) -> str:
    """A day without its year while it lies in this one: 9月1日, else 2024年1月3日."""
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")
