"""The workday calendar of a place: entered days and office hours, ready to count with (grids/workdays.py)."""

from calendar import isleap

from django.utils import timezone

from grids.calendar_models import OfficeHours, Workday
from grids.choices import LEVEL_OF_LENGTH
from grids.workdays import ReminderHours, WorkCalendar


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

    def __init__(self) -> None:
        rows = OfficeHours.objects.select_related("area").defer("area__boundary")
        self._rows = {row.area.code if row.area else "": row for row in rows}
        self._made: dict[str, ReminderHours] = {}

    def hours(self, path: str) -> ReminderHours:
        """Those of the narrowest area around the code that has a row, else of everywhere else."""
        around = [path[:length] for length in LEVEL_OF_LENGTH if length <= len(path)]
        code = max((code for code in around if code in self._rows), key=len, default="")
        if code not in self._made:
            row = self._rows.get(code) or OfficeHours()
            calendar = WorkCalendar(
                Workday.objects.days_of, office=row.office, zone=timezone.get_default_timezone()
            )
            self._made[code] = ReminderHours(calendar, row.quiet_from, row.quiet_to, row.digest_at)
        return self._made[code]


def is_provisional_year(year: int) -> bool:
    """Whether any day of the year is missing or only estimated."""
    entered, estimated = Workday.objects.counts_by_year().get(year, (0, 0))
    return estimated > 0 or entered < (366 if isleap(year) else 365)
