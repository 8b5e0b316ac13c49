"""The workday calendar of a place: entered days and office hours, ready to count with (grids/workdays.py)."""

from django.utils import timezone

from grids.calendar_models import OfficeHours, Workday
from grids.workdays import WorkCalendar


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
