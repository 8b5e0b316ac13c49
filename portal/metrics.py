"""The figures of one area now: what is covered, open, late and closed, and at which level it was closed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from casework.choices import HandlingLevel
from casework.models import Case, ClosedTally
from casework.scope import COLUMN_OF_LENGTH
from grids.choices import CODE_LENGTH, Level
from grids.coverage import check_coverage
from grids.models import Area, Compound

# Closed after being handled; what was declined, merged or cancelled is not work done (see docs/glossary.md).
HANDLED = "closed"
# The level below, by which an area's figures are broken down.
BELOW = {
    Level.DISTRICT: Level.SUBDISTRICT,
    Level.SUBDISTRICT: Level.COMMUNITY,
    Level.COMMUNITY: Level.GRID,
    Level.GRID: Level.MICRO_GRID,
}


@dataclass(frozen=True)
class Share:
    """A part of a whole; `percent` is None when there is nothing to divide by."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.part / self.whole) if self.whole else None


@dataclass(frozen=True)
class Figures:
    """Counts of cases in one area: open and late now, closed since the first of January."""

    open: int = 0
    late: int = 0
    closed: int = 0
    at_grid: int = 0
    at_community: int = 0
    on_time: int = 0

    @property
    def closed_at_grid(self) -> Share:
        """小事不出网格: closed at grid level, of all closed."""
        return Share(self.at_grid, self.closed)

    @property
    def closed_in_community(self) -> Share:
        """大事不出社区: closed at grid or community level, of all closed."""
        return Share(self.at_grid + self.at_community, self.closed)

    @property
    def closed_on_time(self) -> Share:
        return Share(self.on_time, self.closed)


@dataclass(frozen=True)
class Line:
    """One area of the break-down."""

    area: Area
    figures: Figures


@dataclass(frozen=True)
class Summary:
    """One area's page of figures."""

    area: Area
    year: int
    compounds: int
    grids: int
    micro_grids: int
    figures: Figures
    lines: tuple[Line, ...]
    # None above a community, where coverage is checked community by community.
    is_covered: bool | None


def figures_by_area(user: Any, path: str, length: int, *, now: datetime, since: date) -> dict[str, Figures]:
    """Figures per code of `length` digits at or below `path`; three queries whatever the number of cases.

    Open and late cases are those the person may see (`user` None: all, for figures only); closed ones come from
    the tallies, which hold no single case.
    """
    column = COLUMN_OF_LENGTH[length]
    rows = Case.objects.visible_to(user) if user is not None else Case.objects.filter(is_secret=False)
    live = (
        rows.open()
        .filter(**{COLUMN_OF_LENGTH[len(path)]: path})
        .values_list(column)
        .annotate(Count("pk"), Count("pk", filter=Q(due_at__lt=now)))
    )
    counts: dict[str, dict[str, int]] = {}
    for code, is_open, late in live.order_by():
        counts.setdefault(code, {}).update(open=is_open, late=late)
    tallies = ClosedTally.objects.filter(path__startswith=path, day__gte=since, status=HANDLED)
    done = tallies.values_list("path", "handling_level", "on_time").annotate(Sum("count")).order_by()
    for code, level, on_time, count in done:
        figures = counts.setdefault(code[:length], {})
        _add(figures, "closed", count)
        if on_time:
            _add(figures, "on_time", count)
        if level == HandlingLevel.GRID:
            _add(figures, "at_grid", count)
        elif level == HandlingLevel.COMMUNITY:
            _add(figures, "at_community", count)
    return {code: Figures(**figures) for code, figures in counts.items()}


def _add(figures: dict[str, int], name: str, count: int) -> None:
    figures[name] = figures.get(name, 0) + count


def _total(parts: list[Figures]) -> Figures:
    names = ("open", "late", "closed", "at_grid", "at_community", "on_time")
    return Figures(**{name: sum(getattr(part, name) for part in parts) for name in names})


def area_figures(user: Any, area: Area, *, now: datetime) -> Figures:
    """The figures of one area as a whole."""
    found = figures_by_area(user, area.code, len(area.code), now=now, since=_new_year(now))
    return found.get(area.code, Figures())


def summary(user: Any, area: Area, *, now: datetime, figures_only: bool = False) -> Summary:
    """The summary page of a community, a subdistrict, a district or a grid, in a fixed number of queries.

    `figures_only`: for leaders, who see counts over all cases and no single one.
    """
    below = BELOW.get(Level(area.level), Level.MICRO_GRID)
    who = None if figures_only else user
    found = figures_by_area(who, area.code, CODE_LENGTH[below], now=now, since=_new_year(now))
    inside = list(Area.objects.in_force().below(area.code).defer("boundary"))
    children = [a for a in inside if a.level == below]
    return Summary(
        area=area,
        year=_new_year(now).year,
        compounds=Compound.objects.filter(micro_grid__code__startswith=area.code).count(),
        grids=sum(a.level == Level.GRID for a in inside),
        micro_grids=sum(a.level == Level.MICRO_GRID for a in inside),
        figures=_total(list(found.values())),
        lines=tuple(Line(child, found.get(child.code, Figures())) for child in children),
        is_covered=check_coverage(area).is_whole if area.level == Level.COMMUNITY else None,
    )


def _new_year(now: datetime) -> date:
    return date(timezone.localtime(now).year, 1, 1)
