"""The workday calendar of a place: entered days and office hours, ready to count with (grids/workdays.py)."""

from calendar import isleap
from collections.abc import Callable, Mapping
from datetime import date
from time import monotonic

from django.utils import timezone

from grids.calendar_models import OfficeHours, Workday
from grids.choices import LEVEL_OF_LENGTH
from grids.workdays import Day, ReminderHours, WorkCalendar

# How many seconds the calendar that pages read from memory may be old.
MEMORY_AGE = 60.0


def office_hours_for(path: str) -> OfficeHours:
    """The hours for an area code: of the narrowest area with a row, else the row for everywhere else, else ours."""
    return OfficeHours.objects.nearest_to(path) or OfficeHours()


def calendar_for(path: str) -> WorkCalendar:
    """The calendar of the office at an area code: one query now, one more for each year when first counted in."""
    return WorkCalendar(
        Workday.objects.days_of,
        office=office_hours_for(path).office,
        zone=timezone.get_default_timezone(),
    )


class HoursBook:
    """The reminder hours of every area, for many cases: one query for all hours, one for each year counted in."""

    def __init__(self, days_of: Callable[[int], Mapping[date, Day]] | None = None) -> None:
        self._days_of = days_of or Workday.objects.days_of
        rows = OfficeHours.objects.select_related("area").defer("area__boundary")
        self._rows = {row.area.code if row.area else "": row for row in rows}
        self._made: dict[str, ReminderHours] = {}

    def hours(self, path: str) -> ReminderHours:
        """Those of the narrowest area around the code that has a row, else of everywhere else."""
        around = [path[:length] for length in LEVEL_OF_LENGTH if length <= len(path)]
        code = max((code for code in around if code in self._rows), key=len, default="")
        if code not in self._made:
            row = self._rows.get(code) or OfficeHours()
            calendar = WorkCalendar(self._days_of, office=row.office, zone=timezone.get_default_timezone())
            self._made[code] = ReminderHours(calendar, row.quiet_from, row.quiet_to, row.digest_at)
        return self._made[code]


def is_provisional_year(year: int) -> bool:
    """Whether any day of the year is missing or only estimated."""
    entered, estimated = Workday.objects.counts_by_year().get(year, (0, 0))
    return estimated > 0 or entered < (366 if isleap(year) else 365)


class _Memory:
    """Every entered day and all office hours, read by two queries."""

    def __init__(self) -> None:
        years: dict[int, dict[date, Day]] = {}
        for day, *entered in Workday.objects.values_list("date", "is_workday", "is_provisional"):
            years.setdefault(day.year, {})[day] = Day(*entered)
        self.book = HoursBook(lambda year: years.get(year, {}))
        self.read_at = monotonic()


_memory: _Memory | None = None


def remembered_calendar(path: str) -> WorkCalendar:
    """The calendar of an area for what a page says of time, such as “3 workdays left”; from memory, no query a row.

    It may be a minute old. What a limit is counted by is read anew (`calendar_for`).
    """
    global _memory
    memory = _memory
    if memory is None or monotonic() - memory.read_at > MEMORY_AGE:
        memory = _memory = _Memory()
    return memory.book.hours(path).calendar
