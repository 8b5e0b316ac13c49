"""Changing the workday calendar: one day, or the official list of a year. Whoever counts with it hears of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, NotAllowed, StalePage
from grids.calendar_files import Change, DayRow, changes, seen_mark, year_problems
from grids.calendar_listeners import tell_listeners
from grids.calendar_models import Workday
from grids.permissions import can_keep_calendar

FIELDS = ("is_workday", "name", "source", "is_provisional")
# Columns of OfficeHours by which limits are counted.
COUNTED = frozenset({"area", "morning_from", "morning_to", "afternoon_from", "afternoon_to", "cut_off"})
# No limit that runs began earlier or ends later.
EVERY_DAY = (date(2000, 1, 1), date(2100, 1, 1))


@transaction.atomic
def set_workday(*, actor: Any, day: date, is_workday: bool, name: str, source: str) -> list[date]:
    """Enter one day; it is no longer provisional. The day, when it counts differently now, else nothing.

    NotAllowed for whoever does not keep the calendar, DomainError for a text that is missing or too long.
    """
    _check_keeper(actor)
    before = Workday.objects.select_for_update().filter(date=day).first()
    return _write([Change(before, DayRow(day, is_workday, name.strip()))], source)


@transaction.atomic
def import_year(*, actor: Any, year: int, rows: Sequence[DayRow], source: str, seen: str = "") -> list[date]:
    """Replace a year by its official list; the days that count differently now, in order.

    The rows must be exactly the days of the year: else, as for a text that is missing or too long, DomainError
    names what is wrong and nothing is written. `seen` marks the year as the actor saw it (`seen_mark`): StalePage
    when it was changed since.
    """
    _check_keeper(actor)
    if problems := year_problems(year, rows):
        raise DomainError(" ".join(problems))
    entered = {day.date: day for day in Workday.objects.select_for_update().of_year(year)}
    if seen and seen != seen_mark(entered):
        raise StalePage(_("The calendar of %(year)s was changed meanwhile.") % {"year": year})
    return _write(changes(rows, entered), source)


def hours_changed() -> None:
    """Office hours were changed by the caller: limits that run count anew, however long ago they began."""
    tell_listeners(EVERY_DAY)


def _check_keeper(actor: Any) -> None:
    if not can_keep_calendar(actor):
        raise NotAllowed(_("You may not change the workday calendar."))


def _write(entered: Sequence[Change], source: str) -> list[date]:
    if not source.strip():
        raise DomainError(_("Name the notice or the decision the days follow."))
    days = [
        Workday(
            date=change.after.day,
            is_workday=change.after.is_workday,
            name=change.after.name,
            source=source.strip(),
        )
        for change in entered
    ]
    try:
        for day in days:
            day.clean_fields()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from error
    Workday.objects.bulk_create(days, update_conflicts=True, unique_fields=["date"], update_fields=FIELDS)
    changed = [change.after.day for change in entered if change.counts_anew]
    tell_listeners(changed)
    return changed
