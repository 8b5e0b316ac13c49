"""Figures of an area: what is open and late now, what was closed this year, and how whole the division is.

Open work is counted live through partial indexes, closed work from daily tallies; nothing counts the history.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Left
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casework.choices import HandlingLevel, Light
from casework.filters import DONE, WITHIN
from casework.lights import light_filter
from casework.models import Case, ClosedTally
from casework.scope import COLUMN_OF_LENGTH
from casework.tallies import COUNTERS, SORTS
from grids.choices import CODE_LENGTH, Level
from grids.coverage import Coverage, check_coverage
from grids.models import Area, Compound
from grids.scope import scope_paths
from portal.rates import NOTHING, Share
from requests_.choices import HANDLED_STATUSES

LEVELS = tuple(Level)
# The rows behind a figure are the ones it counts, also for those who may open secret cases.
UNSECRET = {"secret": "no"}


@dataclass(frozen=True)
class AreaFigures:
    """One line of the table: an area one level down, or the area itself for what lies in none of them."""

    code: str
    name: str
    open: int = 0
    red: int = 0
    yellow: int = 0
    suspended: int = 0
    supervised: int = 0
    in_grid: Share = NOTHING
    in_time: Share = NOTHING

    @property
    def closed(self) -> int:
        return self.in_grid.whole

    @property
    def light(self) -> str:
        """The worst light among its open cases."""
        if self.red:
            return Light.RED.value
        if self.yellow:
            return Light.YELLOW.value
        return Light.GREEN.value if self.open else ""


@dataclass(frozen=True)
class Summary:
    """The figures of one area; closed is what was handled and closed since that day (docs/glossary.md)."""

    area: Area
    since: date
    compounds: int
    counts: dict[str, int]
    lines: tuple[AreaFigures, ...]
    in_grid: Share
    within: Share
    kept: Mapping[str, Share]

    @property
    def open(self) -> int:
        return sum(line.open for line in self.lines)

    @property
    def red(self) -> int:
        return sum(line.red for line in self.lines)

    @property
    def yellow(self) -> int:
        return sum(line.yellow for line in self.lines)

    @property
    def suspended(self) -> int:
        return sum(line.suspended for line in self.lines)

    @property
    def supervised(self) -> int:
        return sum(line.supervised for line in self.lines)

    @property
    def closed(self) -> int:
        return self.in_grid.whole

    @property
    def division(self) -> list[tuple[Any, int]]:
        """How the area is divided: compounds, then each level below it."""
        below = LEVELS[LEVELS.index(Level(self.area.level)) + 1 :]
        levels = [(level.label, self.counts.get(level, 0)) for level in below]
        return [(Compound._meta.verbose_name_plural, self.compounds), *levels]


@dataclass(frozen=True)
class Figure:
    """One number with its name; `url` opens the rows behind it, empty for those who see figures only."""

    name: Any
    value: str
    note: str = ""
    tone: str = ""
    url: str = ""


def figures_of(summary: Summary, *, may_open: bool) -> list[Figure]:
    """The numbers of a summary; those of the principle (小事不出网格，大事不出社区) last."""
    closed = {"kind": "ticket", "status": DONE, "handled": "yes", "closed_since": summary.since.isoformat()}

    def figure(name: Any, value: Any, note: str = "", tone: str = "", **query: str) -> Figure:
        url = f"{reverse('casework:case_list')}?{urlencode({'area': summary.area.code} | query | UNSECRET)}"
        return Figure(name, str(value), note, tone, url if may_open else "")

    def share(name: Any, of: Share, level: str) -> Figure:
        value = "—" if of.percent is None else f"{of.percent}%"
        return figure(name, value, f"{of.part}/{of.whole}", level=level, **closed)

    return [
        figure(pgettext("count", "Open"), summary.open),
        figure(_("Due soon"), summary.yellow, light=Light.YELLOW.value),
        figure(_("Overdue"), summary.red, tone="red" if summary.red else "", light=Light.RED.value),
        figure(_("Suspended"), summary.suspended, light=Light.GREY.value),
        figure(
            _("Supervised"),
            summary.supervised,
            tone="red" if summary.supervised else "",
            supervised="yes",
        ),
        figure(_("Closed this year"), summary.closed, **closed),
        share(_("Closed in the grid"), summary.in_grid, HandlingLevel.GRID.value),
        share(_("Closed in the community"), summary.within, WITHIN),
    ]


@dataclass(frozen=True)
class _Open:
    """Counts of one area's open cases; a case may be counted as supervised beside its light."""

    open: int = 0
    red: int = 0
    yellow: int = 0
    suspended: int = 0
    supervised: int = 0


@dataclass
class _Closed:
    """Counts of one area, of what was handled and closed; `limits` are the counters of the tallies by name."""

    all: int = 0
    at_grid: int = 0
    at_community: int = 0
    limits: Counter[str] = field(default_factory=Counter)

    def kept(self, sort: str) -> Share:
        """How many kept that sort of limit, of those that had one."""
        return Share(self.limits[f"{sort}_kept"], self.limits[f"{sort}_due"])


def summary_of(area: Area, *, now: datetime) -> Summary:
    """The figures, the same for everybody who may see those of the area; the year begins on 1 January. Five queries."""
    since = timezone.localtime(now).date().replace(month=1, day=1)
    level = _level_below(area)
    closed = _closed_by_area(area.code, CODE_LENGTH[level], since)
    opened = _open_by_area([area.code], CODE_LENGTH[level], now)
    areas = Area.objects.in_force().below(area.code)
    # What lies in no child is counted under the area itself; in one that was retired, under that with its dates.
    shown = Q(code__in=areas.filter(level=level).values("code")) | Q(code__in={*closed, *opened})
    names = {row.code: str(row) for row in Area.objects.filter(shown).defer("boundary")}
    names |= {code: area.name for code in (*closed, *opened) if code not in names}
    whole = _Closed()
    for part in closed.values():
        whole.all += part.all
        whole.at_grid += part.at_grid
        whole.at_community += part.at_community
        whole.limits.update(part.limits)
    return Summary(
        area=area,
        since=since,
        compounds=Compound.objects.filter(micro_grid__in=areas).count(),
        counts=dict(areas.values_list("level").annotate(Count("pk")).order_by("level")),
        lines=tuple(_line(code, name, opened, closed) for code, name in sorted(names.items())),
        in_grid=Share(whole.at_grid, whole.all),
        within=Share(whole.at_grid + whole.at_community, whole.all),
        kept={sort: whole.kept(sort) for sort in SORTS},
    )


def coverage_of(area: Area) -> Coverage | None:
    """Whether nobody is missed (全覆盖、无盲区); asked of one community only."""
    return check_coverage(area) if area.level == Level.COMMUNITY else None


def lines_of(areas: Iterable[Area], *, now: datetime) -> list[AreaFigures]:
    """Open work of areas of one level, the most urgent first; one query."""
    names = {area.code: area.name for area in areas}
    if not names:
        return []
    opened = _open_by_area(names, len(next(iter(names))), now)
    lines = [_line(code, name, opened, {}) for code, name in names.items()]
    return sorted(lines, key=lambda line: (-line.red, -line.yellow, -line.open, line.code))


def area_lights(user: Any, codes: Collection[str]) -> dict[str, str]:
    """The colour of areas of one level on the map; those without open work have none.

    SECURITY: none for areas that reach beyond the person's posts, whose outlines are shown all the same; so none for
    administrators.
    """
    paths = scope_paths(user)
    codes = [code for code in codes if any(code.startswith(path) for path in paths)]
    if not codes:
        return {}
    opened = _open_by_area(codes, len(next(iter(codes))), timezone.now())
    lines = [_line(code, "", opened, {}) for code in opened]
    return {line.code: line.light for line in lines if line.light}


def _level_below(area: Area) -> Level:
    """The level the table's lines have; a micro-grid has no level below and stands alone."""
    return LEVELS[min(LEVELS.index(Level(area.level)) + 1, len(LEVELS) - 1)]


def _open_by_area(codes: Collection[str], length: int, now: datetime) -> dict[str, _Open]:
    """What is open by area code of that length, within the areas with these codes.

    SECURITY: secret cases are in no figure, for nobody (docs/decisions/0009-secret-tickets.md).
    """
    within = COLUMN_OF_LENGTH[len(next(iter(codes)))]
    rows = (
        Case.objects.filter(is_secret=False, **{f"{within}__in": list(codes)})
        .open()
        .values_list(COLUMN_OF_LENGTH[length])
        .annotate(
            opened=Count("pk"),
            red=Count("pk", filter=light_filter(Light.RED, now)),
            yellow=Count("pk", filter=light_filter(Light.YELLOW, now)),
            suspended=Count("pk", filter=light_filter(Light.GREY, now)),
            supervised=Count("pk", filter=Q(is_supervised=True)),
        )
        .order_by(COLUMN_OF_LENGTH[length])
    )
    return {code: _Open(*counts) for code, *counts in rows}


def _closed_by_area(path: str, length: int, since: date) -> dict[str, _Closed]:
    """Tickets handled and closed since that day, by area code of that length; from the tallies."""
    by_area: dict[str, _Closed] = {}
    rows = (
        ClosedTally.objects.filter(
            kind="ticket", path__startswith=path, day__gte=since, status__in=HANDLED_STATUSES
        )
        .annotate(area=Left("path", length))
        .values_list("area", "handling_level")
        .annotate(*(Sum(name) for name in ("count", *COUNTERS)))
        .order_by("area")
    )
    for code, level, count, *limits in rows:
        part = by_area.setdefault(code, _Closed())
        part.all += count
        part.at_grid += count if level == HandlingLevel.GRID else 0
        part.at_community += count if level == HandlingLevel.COMMUNITY else 0
        part.limits.update(dict(zip(COUNTERS, limits, strict=True)))
    return by_area


def _line(code: str, name: str, opened: dict[str, _Open], closed: dict[str, _Closed]) -> AreaFigures:
    live = opened.get(code, _Open())
    done = closed.get(code, _Closed())
    in_grid = Share(done.at_grid, done.all)
    return AreaFigures(code, name, **asdict(live), in_grid=in_grid, in_time=done.kept("handling"))
