"""From a point to its micro-grid: inside, on a border, or the nearest with its distance."""

from dataclasses import dataclass
from datetime import date

from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.db.models import Value

from grids.choices import Level
from grids.geo import Metres
from grids.models import Area

CANDIDATES = 8


@dataclass(frozen=True)
class Located:
    """The micro-grid of a point. Outside all, the nearest: `distance_m` metres away, to be confirmed by a person."""

    area: Area
    distance_m: float
    is_inside: bool


def locate(point: Point, on: date | None = None) -> Located | None:
    """The micro-grid in force on that day (today) for a WGS-84 point; None while there are no outlines at all."""
    area = Area.objects.micro_grid_at(point, on)
    if area is not None:
        return Located(area, 0.0, True)
    # The index orders by degrees, in which a metre east counts for more than a metre north: measure the first few.
    candidates = (
        Area.objects.in_force(on)
        .filter(level=Level.MICRO_GRID, boundary__isnull=False)
        .select_related("parent__parent")
        .annotate(metres=Metres("boundary", Value(point, output_field=PointField(srid=4326))))
        .order_by(GeometryDistance("boundary", point))[:CANDIDATES]
    )
    nearest = min(candidates, key=lambda candidate: (candidate.metres, candidate.code), default=None)
    return Located(nearest, nearest.metres, False) if nearest else None
