"""A year of the workday calendar as its page shows it: twelve months of days, told apart by kind, and the sums."""

from calendar import Calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from grids.calendar_files import days_of_year
from grids.calendar_models import Workday
from grids.workdays import FRIDAY, by_weekday

# Years that can be looked at; limits are never counted farther.
FIRST_YEAR, LAST_YEAR = 2000, 2100
WORKDAY, WEEKEND, HOLIDAY, MAKE_UP = "workday", "weekend", "holiday", "makeup"
KIND_NAMES = {
    WORKDAY: pgettext_lazy("kind of day", "workday"),
    WEEKEND: pgettext_lazy("kind of day", "weekend"),
    HOLIDAY: pgettext_lazy("kind of day", "holiday"),
    MAKE_UP: pgettext_lazy("kind of day", "worked weekend"),
}
# What stands in the corner of a day, as wall calendars print it.
MARKS = {
    HOLIDAY: pgettext_lazy("mark on a calendar day", "off"),
    MAKE_UP: pgettext_lazy("mark on a calendar day", "work"),
}
COLUMNS = (
    pgettext_lazy("column of a calendar", "Mo"),
    pgettext_lazy("column of a calendar", "Tu"),
    pgettext_lazy("column of a calendar", "We"),
    pgettext_lazy("column of a calendar", "Th"),
    pgettext_lazy("column of a calendar", "Fr"),
    pgettext_lazy("column of a calendar", "Sa"),
    pgettext_lazy("column of a calendar", "Su"),
)
OFFICIAL, PROVISIONAL, MISSING = "official", "provisional", "missing"


@dataclass(frozen=True)
class Cell:
    """One day: as entered, or by its weekday when nobody entered it."""

    day: date
    entry: Workday | None
    is_today: bool = False
    is_changed: bool = False

    @property
    def is_workday(self) -> bool:
        return self.entry.is_workday if self.entry else by_weekday(self.day).is_workday

    @property
    def is_provisional(self) -> bool:
        return self.entry is None or self.entry.is_provisional

    @property
    def name(self) -> str:
        return self.entry.name if self.entry else ""

    @property
    def kind(self) -> str:
        on_weekend = self.day.weekday() > FRIDAY
        if self.is_workday:
            return MAKE_UP if on_weekend else WORKDAY
        return WEEKEND if on_weekend and not self.name else HOLIDAY

    @property
    def mark(self) -> str:
        return str(MARKS.get(self.kind, ""))

    @property
    def words(self) -> str:
        """Everything the cell shows, as a screen reader says it."""
        parts = [date_format(self.day), WEEKDAYS[self.day.weekday()], KIND_NAMES[self.kind], self.name]
        parts += [_("provisional")] if self.is_provisional else []
        parts += [_("today")] if self.is_today else []
        parts += [_("changes")] if self.is_changed else []
        return " ".join(str(part) for part in parts if part)


@dataclass(frozen=True)
class Note:
    """Days in a row of one kind and name, as the line below a month tells them."""

    kind: str
    days: str
    name: str


@dataclass(frozen=True)
class Month:
    number: int
    weeks: tuple[tuple[Cell | None, ...], ...]

    @property
    def name(self) -> str:
        return str(MONTHS[self.number])

    @property
    def cells(self) -> Iterator[Cell]:
        return (cell for week in self.weeks for cell in week if cell)

    @property
    def workdays(self) -> int:
        return sum(cell.is_workday for cell in self.cells)

    @property
    def notes(self) -> list[Note]:
        """Holidays and worked weekends of the month; days that follow each other are told once."""
        told = []
        special = [cell for cell in self.cells if cell.kind in MARKS]
        for (kind, name, _first), run in groupby(
            enumerate(special), key=lambda at: (at[1].kind, at[1].name, at[1].day.toordinal() - at[0])
        ):
            days = [cell.day.day for _place, cell in run]
            text = str(days[0]) if len(days) == 1 else f"{days[0]}–{days[-1]}"
            told.append(Note(kind, text, name or str(KIND_NAMES[kind])))
        return told


@dataclass(frozen=True)
class YearPage:
    """What the page of one year shows."""

    year: int
    months: tuple[Month, ...]
    missing: int
    estimated: int
    sources: tuple[str, ...]

    @property
    def state(self) -> str:
        return state_of(missing=self.missing, estimated=self.estimated)

    @property
    def is_official(self) -> bool:
        return self.state == OFFICIAL

    @property
    def cells(self) -> list[Cell]:
        return [cell for month in self.months for cell in month.cells]

    @property
    def workdays(self) -> int:
        return sum(cell.is_workday for cell in self.cells)

    @property
    def days_off(self) -> int:
        return len(self.cells) - self.workdays

    @property
    def holidays(self) -> int:
        return self._count(HOLIDAY)

    @property
    def make_ups(self) -> int:
        return self._count(MAKE_UP)

    def _count(self, kind: str) -> int:
        return sum(cell.kind == kind for cell in self.cells)


@dataclass(frozen=True)
class YearLink:
    """A year one may turn to, and whether its list is there."""

    year: int
    state: str


def state_of(*, missing: int, estimated: int) -> str:
    """`missing` when a day is not entered, `provisional` when one is estimated, else `official`."""
    if missing:
        return MISSING
    return PROVISIONAL if estimated else OFFICIAL


def entered_days(year: int) -> dict[date, Workday]:
    """The entries of a year; one query."""
    return {entry.date: entry for entry in Workday.objects.of_year(year)}


def year_page(
    year: int, entered: Mapping[date, Workday], *, changed: frozenset[date] = frozenset()
) -> YearPage:
    """The year of these entries; `changed` days are marked."""
    today = timezone.localdate()

    def cell(day: date) -> Cell:
        return Cell(day, entered.get(day), is_today=day == today, is_changed=day in changed)

    months = tuple(
        Month(
            number,
            tuple(
                tuple(cell(day) if day.month == number else None for day in week)
                for week in Calendar().monthdatescalendar(year, number)
            ),
        )
        for number in MONTHS
    )
    return YearPage(
        year=year,
        months=months,
        missing=sum(day not in entered for day in days_of_year(year)),
        estimated=sum(entry.is_provisional for entry in entered.values()),
        sources=tuple(dict.fromkeys(entered[day].source for day in sorted(entered))),
    )


def year_links(shown: int) -> list[YearLink]:
    """The years with entries, this one, the next and the one looked at, without gaps; one query."""
    counts = Workday.objects.counts_by_year()
    this = timezone.localdate().year
    near = {*counts, this, this + 1}
    links = []
    for year in sorted({*range(min(near), max(near) + 1), shown}):
        entered, estimated = counts.get(year, (0, 0))
        state = state_of(missing=len(days_of_year(year)) - entered, estimated=estimated)
        links.append(YearLink(year, state))
    return links
