"""From a point to its micro-grid: inside, on a border, or the nearest with its distance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Value
from django.utils import timezone

from grids.choices import Level
from grids.geo import EDGE_WIDTH_M, Metres
from grids.models import Area

CANDIDATES = 8
# OFFSET 0: the index of outlines is asked first, whatever the planner believes of tables that were just filled.
AROUND = """
    SELECT DISTINCT ON (nr) nr, area.id FROM unnest(%(points)s::bytea[]) WITH ORDINALITY AS p(point, nr)
    CROSS JOIN LATERAL (
        SELECT * FROM grids_area WHERE ST_Intersects(boundary, point::geometry) OFFSET 0
    ) area
    WHERE area.level = %(level)s AND daterange(active_from, active_to) @> %(today)s
    ORDER BY nr, area.code
"""


@dataclass(frozen=True)
class Located:
    """The micro-grid of a point. Outside all, the nearest: `distance_m` metres away, to be confirmed by a person."""

    area: Area
    distance_m: float
    is_inside: bool


def around(point: Point, on: date | None = None) -> list[Located]:
    """The micro-grids in force at and near a WGS-84 point, the nearest first; on a shared border several are inside."""
    # The index orders by degrees, in which a metre east counts for more than a metre north: measure the first few.
    candidates = (
        Area.objects.in_force(on)
        .filter(level=Level.MICRO_GRID, boundary__isnull=False)
        .select_related("parent__parent")
        .annotate(metres=Metres("boundary", Value(point, output_field=PointField(srid=4326))))
        .order_by(GeometryDistance("boundary", point))[:CANDIDATES]
    )
    found = [Located(area, area.metres, area.metres < EDGE_WIDTH_M / 2) for area in candidates]
    return sorted(found, key=lambda spot: (spot.distance_m, spot.area.code))


def locate(point: Point, on: date | None = None) -> Located | None:
    """The micro-grid in force on that day (today) for a WGS-84 point; None while there are no outlines at all."""
    area = Area.objects.micro_grid_at(point, on)
    if area is not None:
        return Located(area, 0.0, True)
    nearest = next(iter(around(point, on)), None)
    return Located(nearest.area, nearest.distance_m, False) if nearest else None


def micro_grids_at(points: Sequence[Point | None]) -> list[Area | None]:
    """For each point the micro-grid in force around it, on a shared border the lower code. Two queries for all."""
    facts: dict[str, Any] = {
        "points": [bytes(point.ewkb) if point else None for point in points],
        "level": Level.MICRO_GRID.value,
        "today": timezone.localdate(),
    }
    with connection.cursor() as cursor:
        cursor.execute(AROUND, facts)
        ids = dict(cursor.fetchall())
    areas = Area.objects.defer("boundary").in_bulk(list(ids.values()))
    return [areas.get(ids.get(nr, 0)) for nr in range(1, len(points) + 1)]
