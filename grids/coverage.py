"""The coverage check (全覆盖、无盲区): is every place of a community in exactly one micro-grid, and is it served?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.permissions import sees_every_area
from grids.choices import NEEDED_DUTIES, Duty, Level
from grids.geo import EDGE_WIDTH_M
from grids.models import Area, AreaAssignment, Compound
from grids.scope import scope_paths


@dataclass(frozen=True)
class Gap:
    """Ground of the community in no micro-grid, in square metres."""

    geometry: GEOSGeometry
    square_metres: float


@dataclass(frozen=True)
class Overlap:
    """Ground in two micro-grids at once, in square metres."""

    first: Area
    second: Area
    geometry: GEOSGeometry
    square_metres: float


class StrayReason(StrEnum):
    NO_MICRO_GRID = "no_micro_grid"
    RETIRED = "retired"
    OUTSIDE = "outside"


STRAY_WORDS: dict[StrayReason, Promise] = {
    StrayReason.NO_MICRO_GRID: _("has no micro-grid"),
    StrayReason.RETIRED: _("belongs to a micro-grid that is no longer in force"),
    StrayReason.OUTSIDE: _("lies outside of the micro-grid it belongs to"),
}


@dataclass(frozen=True)
class Stray:
    """A compound that no micro-grid really holds."""

    compound: Compound
    reason: StrayReason

    @property
    def words(self) -> Promise:
        return STRAY_WORDS[self.reason]


@dataclass(frozen=True)
class Vacancy:
    """An area whose needed post nobody holds."""

    area: Area
    duty: Duty


@dataclass(frozen=True)
class Coverage:
    """The answer for one community on one day."""

    community: Area
    day: date
    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]
    strays: tuple[Stray, ...]
    vacancies: tuple[Vacancy, ...]
    without_outline: tuple[Area, ...]

    @property
    def is_whole(self) -> bool:
        return not (self.gaps or self.overlaps or self.strays or self.vacancies or self.without_outline)

    @property
    def missing(self) -> list[str]:
        """What keeps it from being whole, each kind with its number; empty when nothing does."""
        kinds = (
            (self.gaps, ngettext_lazy("%(n)d gap", "%(n)d gaps", "n")),
            (self.overlaps, ngettext_lazy("%(n)d overlap", "%(n)d overlaps", "n")),
            (self.strays, ngettext_lazy("%(n)d compound outside", "%(n)d compounds outside", "n")),
            (self.vacancies, ngettext_lazy("%(n)d post nobody holds", "%(n)d posts nobody holds", "n")),
            (
                self.without_outline,
                ngettext_lazy("%(n)d area without outline", "%(n)d areas without outline", "n"),
            ),
        )
        return [str(words % {"n": len(found)}) for found, words in kinds if found]


# Both queries keep only ground wider than a shared edge: what is left when the edge's width is taken off.
GAPS = """
    WITH held AS (
        SELECT ST_Union(boundary) AS ground FROM grids_area
        WHERE id = ANY(%(micro_grids)s) AND boundary IS NOT NULL
    ), gaps AS (
        SELECT (ST_Dump(COALESCE(ST_Difference(c.boundary, held.ground), c.boundary))).geom AS ground
        FROM grids_area c, held WHERE c.id = %(community)s AND c.boundary IS NOT NULL
    )
    SELECT ST_AsEWKB(ground), ST_Area(ground::geography) AS metres FROM gaps
    WHERE ST_Dimension(ground) = 2 AND ST_Area(ST_Buffer(ground::geography, %(edge)s)) > 0
    ORDER BY metres DESC
"""
OVERLAPS = """
    WITH pairs AS (
        SELECT a.id AS first, b.id AS second, ST_CollectionExtract(ST_Intersection(a.boundary, b.boundary), 3) AS ground
        FROM grids_area a JOIN grids_area b ON a.code < b.code AND ST_Intersects(a.boundary, b.boundary)
        WHERE a.id = ANY(%(micro_grids)s) AND b.id = ANY(%(micro_grids)s)
    )
    SELECT first, second, ST_AsEWKB(ground), ST_Area(ground::geography) AS metres FROM pairs
    WHERE ST_Area(ST_Buffer(ground::geography, %(edge)s)) > 0
    ORDER BY metres DESC
"""
# Gaps have no pair of micro-grids.
FAULTS = f"SELECT NULL, NULL, ground, metres FROM ({GAPS}) gaps (ground, metres) UNION ALL ({OVERLAPS})"  # noqa: S608  our text
STRAYS = """
    SELECT c.id,
           CASE WHEN m.id IS NULL THEN %(none)s
                WHEN m.active_from > %(day)s OR m.active_to <= %(day)s THEN %(retired)s
                ELSE %(outside)s END
    FROM grids_compound c LEFT JOIN grids_area m ON m.id = c.micro_grid_id
    WHERE (m.code LIKE %(below)s OR (m.id IS NULL AND (c.code LIKE %(below)s OR ST_Intersects(
              COALESCE(c.boundary, c.point), (SELECT boundary FROM grids_area WHERE id = %(community)s)))))
      AND (m.id IS NULL OR m.active_from > %(day)s OR m.active_to <= %(day)s
           OR NOT ST_Intersects(m.boundary, c.point)
           OR ST_Area(ST_Buffer(
               ST_CollectionExtract(ST_Difference(c.boundary, m.boundary), 3)::geography, %(edge)s)) > 0)
    ORDER BY c.code
"""

# What no community's check names: without a micro-grid, on no community's ground and with no community's code.
UNASSIGNED = """
    SELECT c.id FROM grids_compound c WHERE c.micro_grid_id IS NULL AND NOT EXISTS (
        SELECT FROM grids_area a WHERE a.level = %(level)s AND daterange(a.active_from, a.active_to) @> %(day)s
        AND (c.code LIKE a.code || '%%' OR ST_Intersects(COALESCE(c.boundary, c.point), a.boundary)))
"""


def check_coverage(community: Area, on: date | None = None) -> Coverage:
    """Everything that keeps the community from being whole on that day (today). A fixed number of queries."""
    day = on or timezone.localdate()
    areas = list(Area.objects.in_force(day).below(community.code))
    drawn = next((area for area in areas if area == community), community)
    micro_grids = [area for area in areas if area.level == Level.MICRO_GRID]
    facts = {
        "community": community.pk,
        "micro_grids": [area.pk for area in micro_grids],
        "edge": -EDGE_WIDTH_M / 2,
        "day": day,
        "below": f"{community.code}%",
        "none": StrayReason.NO_MICRO_GRID.value,
        "retired": StrayReason.RETIRED.value,
        "outside": StrayReason.OUTSIDE.value,
    }
    by_pk = {area.pk: area for area in micro_grids}
    faults = [
        (first, second, GEOSGeometry(memoryview(ground)), metres)
        for first, second, ground, metres in sorted(_rows(FAULTS, facts), key=lambda row: -row[3])
    ]
    return Coverage(
        community=community,
        day=day,
        gaps=tuple(Gap(ground, metres) for first, _second, ground, metres in faults if first is None),
        overlaps=tuple(
            Overlap(by_pk[first], by_pk[second], ground, metres)
            for first, second, ground, metres in faults
            if first is not None
        ),
        strays=_strays(facts),
        vacancies=vacancies(areas, day),
        without_outline=tuple(a for a in (drawn, *micro_grids) if a.boundary is None),
    )


def unassigned_compounds(user: Any = None) -> tuple[Compound, ...]:
    """Compounds that belong to no community in force: all of them, or those the person may know of.

    They lie in no area, so only a code that begins with an area's tells others than administrators.
    """
    facts = {"level": Level.COMMUNITY.value, "day": timezone.localdate()}
    compounds = Compound.objects.filter(pk__in=[pk for (pk,) in _rows(UNASSIGNED, facts)]).defer("boundary")
    if user is not None and not sees_every_area(user):
        # SECURITY: not the places of another subdistrict.
        scope = [Q(code__startswith=path) for path in scope_paths(user)]
        compounds = compounds.filter(reduce(or_, scope, Q(pk__in=[])))
    return tuple(compounds)


def vacancies(areas: list[Area], day: date) -> tuple[Vacancy, ...]:
    """The needed posts of these areas that no main holder has on that day, in the order of the areas."""
    held = set(
        AreaAssignment.objects.current(day)
        .filter(area__in=areas, is_deputy=False)
        .values_list("area_id", "duty")
    )
    return tuple(
        Vacancy(area, duty)
        for area in areas
        for duty in NEEDED_DUTIES.get(Level(area.level), ())
        if (area.pk, duty.value) not in held
    )


def _strays(facts: dict[str, Any]) -> tuple[Stray, ...]:
    reasons = dict(_rows(STRAYS, facts))
    if not reasons:
        return ()
    compounds = Compound.objects.select_related("micro_grid").filter(pk__in=reasons)
    return tuple(Stray(compound, StrayReason(reasons[compound.pk])) for compound in compounds)


def _rows(query: str, facts: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        return cursor.fetchall()
