"""The calendar of the office of an area."""

from django.utils import timezone

from grids.workdays import OfficeDay, ReminderHours, WorkCalendar


def calendar_for(path: str) -> WorkCalendar:
    """The workdays and office hours of the area with this code."""
    return WorkCalendar(lambda year: {}, office=OfficeDay(), zone=timezone.get_default_timezone())


class HoursBook:
    """The reminder hours of every area, read once for many cases."""

    def hours(self, path: str) -> ReminderHours:
        return ReminderHours(calendar_for(path))


def is_provisional_year(year: int) -> bool:
    """Whether any day of the year is missing or only estimated."""
    return True
