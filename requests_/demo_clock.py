"""When things happen in the demonstration: in office hours of workdays only, whatever the day and hour of `--reset`."""

from datetime import date, datetime, timedelta

from grids.office_calendar import calendar_for


class OfficeTime:
    """The office hours of one community up to now."""

    def __init__(self, path: str, now: datetime) -> None:
        self.calendar, self.now = calendar_for(path), now

    @property
    def today(self) -> date:
        return self.calendar.local(self.now).date()

    def back(self, hours: float) -> datetime:
        """The moment from which so many office hours (more than none) lead up to now."""
        left, until, day = timedelta(hours=hours), self.now, self.calendar.on_or_before(self.today)
        while (passed := self.calendar.working_time_between(self.calendar.opening(day), until)) < left:
            left -= passed
            day = self.calendar.add_workdays(day, -1)
            until = self.calendar.closing(day)
        return self.calendar.add_working_time(self.calendar.opening(day), passed - left)

    def after(self, moment: datetime, hours: float, share: float = 1) -> datetime:
        """So many office hours later, but at most that share of those between the moment and now."""
        left = self.calendar.working_time_between(moment, self.now) * share
        return self.calendar.add_working_time(moment, min(timedelta(hours=hours), left))

    def closing_in(self, workdays: int) -> datetime:
        """When the office closes for the next time, or that many workdays later; before it when negative."""
        day = self.calendar.on_or_after(self.today)
        if self.calendar.closing(day) <= self.now:
            day = self.calendar.add_workdays(day, 1)
        return self.calendar.closing(self.calendar.add_workdays(day, workdays))
