"""Office time: on which days and in which hours an office works, and how to count in it. Pure, no ORM.

The days come from `grids.Workday` (see grids/office_calendar.py). A day nobody entered counts by the weekday rule and
is provisional: a limit over the turn of the year never fails, it only says 暂估 until the official list is there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)
FRIDAY = 4
# As the end of an office day it is the midnight after it, 24:00; the last second that still belongs to the day.
MIDNIGHT, LAST_SECOND = time(0), time(23, 59, 59)


@dataclass(frozen=True)
class Day:
    """One day of the calendar as it was entered."""

    is_workday: bool
    is_provisional: bool = False


@dataclass(frozen=True)
class OfficeDay:
    """The hours of an office on a workday; what arrives after the cut-off counts as the next workday's.

    A span that ends at midnight ends with the day.
    """

    spans: tuple[tuple[time, time], ...] = ((time(8, 30), time(12)), (time(14, 30), time(18)))
    cut_off: time = time(17)

    @property
    def length(self) -> timedelta:
        """How much office time a workday has."""
        any_day = date.min
        return sum(
            (_ending(any_day, end) - datetime.combine(any_day, begin) for begin, end in self.spans),
            timedelta(),
        )


def _ending(day: date, hour: time, zone: tzinfo | None = None) -> datetime:
    return datetime.combine(day + DAY if hour == MIDNIGHT else day, hour, tzinfo=zone)


def by_weekday(day: date) -> Day:
    """The rule for days without an entry: Monday to Friday, provisional."""
    return Day(is_workday=day.weekday() <= FRIDAY, is_provisional=True)


class WorkCalendar:
    """Workdays and office hours of one office. All moments are aware; days are those of `zone`.

    `days_of` gives the entered days of a year; it is asked once per year and calendar.
    """

    def __init__(
        self, days_of: Callable[[int], Mapping[date, Day]], *, office: OfficeDay, zone: tzinfo
    ) -> None:
        self._days_of = days_of
        self._years: dict[int, Mapping[date, Day]] = {}
        self.office = office
        self.zone = zone

    def day(self, day: date) -> Day:
        if day.year not in self._years:
            self._years[day.year] = self._days_of(day.year)
        return self._years[day.year].get(day) or by_weekday(day)

    def is_workday(self, day: date) -> bool:
        return self.day(day).is_workday

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether any day from `first` to `last`, both included, is only estimated."""
        day = first
        while day <= last:
            if self.day(day).is_provisional:
                return True
            day += DAY
        return False

    def on_or_after(self, day: date) -> date:
        """The day itself if it is a workday, else the next one."""
        while not self.is_workday(day):
            day += DAY
        return day

    def on_or_before(self, day: date) -> date:
        """The day itself if it is a workday, else the one before."""
        while not self.is_workday(day):
            day -= DAY
        return day

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th workday after the day (before it when negative); the day itself for 0."""
        step = DAY if count > 0 else -DAY
        for _ in range(abs(count)):
            day += step
            day = self.on_or_after(day) if count > 0 else self.on_or_before(day)
        return day

    def workdays_between(self, first: date, last: date) -> int:
        """How many workdays lie after `first` and not after `last`; 0 when `last` is not later."""
        return sum(self.is_workday(first + DAY * n) for n in range(1, (last - first).days + 1))

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=self.zone)

    def opening(self, day: date) -> datetime:
        return self.at(day, self.office.spans[0][0])

    def closing(self, day: date) -> datetime:
        """When the office closes; for one open until midnight the last second of the day, so that it is of that day."""
        hour = self.office.spans[-1][1]
        return self.at(day, LAST_SECOND if hour == MIDNIGHT else hour)

    def arrival_day(self, moment: datetime, cut_off: time | None = None) -> date:
        """The workday as whose mail something counts: after the cut-off or on a day off, the next workday's."""
        local = self.local(moment)
        day = local.date()
        if not self.is_workday(day):
            return self.on_or_after(day)
        return self.add_workdays(day, 1) if local.time() > (cut_off or self.office.cut_off) else day

    def add_working_time(self, moment: datetime, span: timedelta) -> datetime:
        """The moment at which `span` (not negative) of office time has passed since `moment`."""
        if span <= timedelta():
            return moment
        day = self.local(moment).date()
        while True:
            for begin, end in self._spans_on(day):
                start = max(begin, moment)
                if start < end:
                    if span <= end - start:
                        return start + span
                    span -= end - start
            day = self.on_or_after(day + DAY)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much office time lies between two moments; zero when `end` is not later."""
        passed, day, last = timedelta(), self.local(start).date(), self.local(end).date()
        while day <= last:
            for begin, finish in self._spans_on(day):
                passed += max(min(finish, end) - max(begin, start), timedelta())
            day += DAY
        return passed

    def _spans_on(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.is_workday(day):
            return []
        return [(self.at(day, begin), _ending(day, end, self.zone)) for begin, end in self.office.spans]


@dataclass(frozen=True)
class ReminderHours:
    """When an office is left in peace (through the night), and when it reads its morning list."""

    calendar: WorkCalendar
    quiet_from: time = time(21)
    quiet_to: time = time(8)
    digest_at: time = time(8, 40)

    def after_quiet(self, moment: datetime) -> datetime:
        """The moment itself, or the end of the quiet hours it lies in."""
        local = self.calendar.local(moment)
        if local.time() >= self.quiet_from:
            return self.calendar.at(local.date() + DAY, self.quiet_to)
        if local.time() < self.quiet_to:
            return self.calendar.at(local.date(), self.quiet_to)
        return moment

    def next_digest(self, moment: datetime) -> datetime:
        """The next morning list after the moment, on a workday."""
        day = self.calendar.local(moment).date()
        if self.calendar.at(day, self.digest_at) <= moment:
            day += DAY
        return self.calendar.at(self.calendar.on_or_after(day), self.digest_at)

    def digest_due(self, moment: datetime) -> datetime | None:
        """The time of today's morning list once it has come, until the evening; None on a day off."""
        day = self.calendar.local(moment).date()
        begin = self.calendar.at(day, self.digest_at)
        if not self.calendar.is_workday(day) or moment < begin or self.after_quiet(moment) != moment:
            return None
        return begin
