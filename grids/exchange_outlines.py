"""Builds the geometry of one feature: positions, rings, validity, repair; never in long time, whatever is drawn."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import cos, isfinite, radians
from typing import Any

from django.contrib.gis.geos import GEOSException, GEOSGeometry, LinearRing, MultiPolygon, Point, Polygon
from django.utils.translation import gettext as _

from grids.coords import METRES_PER_DEGREE, Position
from grids.exchange_base import COMPOUND, Limits, Refused, Row

CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
SPOT = re.compile(r"\[(-?[0-9.]+) (-?[0-9.]+)\]")
# A repair takes time and memory by the square of the crossings: 500 take a third of a second, 4,500 half a minute.
MAX_CROSSINGS, MAX_CROSSINGS_OF_FILE = 500, 2_000
# Pairs of segments compared over the file, a second of work; an ordinary outline needs fifty for each segment.
MAX_COMPARED = 1_500_000
# Parts of one outline that overlap by less only touch.
TOUCHES_M2 = 1.0
# A millimetre, in degrees.
JOINT = 1e-8

Segment = tuple[float, float, float, float, float, float, float, float]


class Tally:
    """Counts positions and crossings over the whole file, and positions over one outline."""

    def __init__(self, limits: Limits | None) -> None:
        self.limits = limits
        self.total = self.outline = self.crossings = self.compared = 0

    @property
    def is_used_up(self) -> bool:
        """Whether so much was compared or found to cross that nothing more is repaired."""
        return self.crossings > MAX_CROSSINGS_OF_FILE or self.compared > MAX_COMPARED

    def begin(self) -> None:
        self.outline = 0

    def count(self) -> None:
        self.total += 1
        self.outline += 1
        if self.limits is None:
            return
        if self.outline > self.limits.outline_points:
            raise Refused(
                _("The outline has more than %(limit)s points. Simplify it, or use the command import_areas.")
                % {"limit": self.limits.outline_points}
            )
        if self.total > self.limits.points:
            raise Refused(
                _("The file has more than %(limit)s points. Divide it, or use the command import_areas.")
                % {"limit": self.limits.points}
            )


def geometry_of(
    geometry: Any, *, convert: Callable, repair: bool, tally: Tally, row: Row
) -> MultiPolygon | Point | None:
    """The geometry of a feature in WGS-84; notes and the repair go to `row`. Refused says what is wrong with it."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind is None and row.kind == COMPOUND:
        return None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    tally.begin()
    if kind == "Point" and row.kind == COMPOUND:
        return Point(*_position(coordinates, convert, tally), srid=4326)
    if kind not in ("Polygon", "MultiPolygon"):
        raise Refused(
            _("The geometry must be a Polygon or MultiPolygon; here it is %(kind)s.")
            % {"kind": _kind_name(kind)}
        )
    drawn = [coordinates] if kind == "Polygon" else _list(coordinates)
    try:
        polygons = [_polygon(rings, convert, tally, row) for rings in drawn]
        return _valid(polygons, repair, tally, row)
    except (GEOSException, ValueError, TypeError) as error:
        raise Refused(_("The outline cannot be built from these positions.")) from error


def _kind_name(kind: Any) -> str:
    return CONTROL.sub("", kind)[:30] if isinstance(kind, str) else "–"


def _list(value: Any) -> list:
    if not isinstance(value, list) or not value:
        raise Refused(_("The coordinates are empty or not a list."))
    return value


def _polygon(rings: Any, convert: Callable, tally: Tally, row: Row) -> Polygon:
    return Polygon(*[_ring(ring, convert, tally, row) for ring in _list(rings)])


def _ring(ring: Any, convert: Callable, tally: Tally, row: Row) -> LinearRing:
    positions = [_position(position, convert, tally) for position in _list(ring)]
    if positions[0] != positions[-1]:
        positions.append(positions[0])
        row.notes.append(_("The outline was not closed; it was closed with a straight line."))
    if len(positions) < 4:
        raise Refused(_("An outline needs at least three different points."))
    return LinearRing(positions)


def _position(value: Any, convert: Callable[[float, float], Position], tally: Tally) -> Position:
    tally.count()
    numbers: list[Any] = value[:2] if isinstance(value, list) and len(value) >= 2 else [None]
    if not all(_is_number(n) for n in numbers):
        raise Refused(_("A position must be two numbers: longitude and latitude."))
    lng, lat = numbers
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        raise Refused(
            _("The position %(lng)s, %(lat)s is not on Earth. The order is longitude, then latitude.")
            % {"lng": str(lng)[:20], "lat": str(lat)[:20]}
        )
    return convert(float(lng), float(lat))


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or isfinite(value)


def _valid(polygons: list[Polygon], repair: bool, tally: Tally, row: Row) -> MultiPolygon:
    outline = MultiPolygon(polygons, srid=4326)
    if outline.valid:
        if outline.area <= 0:
            raise Refused(_("The outline encloses no ground."))
        return outline
    reason = outline.valid_reason
    are_sound = len(polygons) > 1 and all(polygon.valid for polygon in polygons)
    if are_sound or repair:
        _check_crossings(polygons, tally)
    if are_sound:
        united = _multi(outline.unary_union)
        if square_metres(outline) - square_metres(united) < TOUCHES_M2:
            return united
        if repair:
            return _repaired(united, 0.0, row)
    if not repair:
        where = SPOT.search(reason)
        raise Refused(
            _(
                "The outline crosses or touches itself near %(where)s. Draw it again, or tick the repair of outlines."
            )
            % {"where": ", ".join(where.groups()) if where else "?"}
        )
    mended = _multi(MultiPolygon([part for p in polygons for part in _multi(p.make_valid())]).unary_union)
    if mended.empty or not mended.valid or mended.area <= 0:
        raise Refused(_("The outline crosses itself and cannot be repaired. Draw it again."))
    return _repaired(mended, _lost(polygons, mended), row)


def _repaired(mended: MultiPolygon, lost_m2: float, row: Row) -> MultiPolygon:
    row.lost_m2 = lost_m2
    row.notes.append(_("The outline crossed or touched itself and was repaired. Look at it on the map."))
    return mended


def _lost(polygons: list[Polygon], mended: MultiPolygon) -> float:
    """The square metres enclosed by a drawn line and not by the repaired outline: loops that became holes."""
    # Parts that meet in a point become one, so that what lies between them is a hole.
    joined = _multi(mended.buffer(JOINT, quadsegs=1))
    lost = MultiPolygon([Polygon(part[0]) for part in joined]).unary_union.difference(joined)
    for hole in (Polygon(ring) for polygon in polygons for ring in polygon[1:]):
        lost = lost.difference(hole.make_valid())
    return square_metres(lost)


def square_metres(geometry: GEOSGeometry) -> float:
    """Of WGS-84 ground, on a sphere: good to half a per cent."""
    if geometry.empty:
        return 0.0
    return geometry.area * METRES_PER_DEGREE**2 * cos(radians(geometry.centroid.y))


def _multi(geometry: GEOSGeometry) -> MultiPolygon:
    return MultiPolygon(list(_polygons_of(geometry)), srid=4326)


def _polygons_of(geometry: GEOSGeometry) -> Iterator[Polygon]:
    """The polygons in whatever a repair left: lines and points enclose no ground."""
    if isinstance(geometry, Polygon):
        if not geometry.empty:
            yield geometry
    elif hasattr(geometry, "__iter__") and geometry.geom_type in ("MultiPolygon", "GeometryCollection"):
        for part in geometry:
            yield from _polygons_of(part)


def _check_crossings(polygons: list[Polygon], tally: Tally) -> None:
    """Refused before anything is united or repaired that would take minutes and gigabytes.

    Counts how often segments meet elsewhere than where one ends and the next begins, and stops at the limits.
    """
    if tally.is_used_up:
        raise _tangled()
    segments = sorted(
        (min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2), x1, y1, x2, y2)
        for polygon in polygons
        for ring in polygon
        for (x1, y1), (x2, y2) in pairwise(ring.coords)
    )
    before = tally.crossings
    beside: list[Segment] = []
    for segment in segments:
        beside = [other for other in beside if other[1] >= segment[0]]
        tally.compared += len(beside)
        tally.crossings += sum(_meet(segment, other) for other in beside)
        if tally.crossings - before > MAX_CROSSINGS:
            raise Refused(
                _(
                    "The outline crosses itself in more than %(limit)s places and cannot be repaired. Draw it again."
                )
                % {"limit": MAX_CROSSINGS}
            )
        if tally.is_used_up:
            raise _tangled()
        beside.append(segment)


def _tangled() -> Refused:
    return Refused(
        _(
            "The outlines of the file are too tangled to be repaired. Repair them in the program that drew them."
        )
    )


def _meet(one: Segment, other: Segment) -> bool:
    """Whether the two cross or touch elsewhere than in an end both have."""
    sides = _sides(one, other)
    if sides is None:
        return False
    a_side, b_side, c_side, d_side = sides
    if c_side * d_side < 0 and a_side * b_side < 0:
        return True
    if {one[4:6], one[6:]} & {other[4:6], other[6:]}:
        return False
    return c_side * d_side <= 0 and a_side * b_side <= 0


def crosses(one: Segment, other: Segment) -> bool:
    """Whether each of the two has its ends on both sides of the other."""
    sides = _sides(one, other)
    return sides is not None and sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0


def _sides(one: Segment, other: Segment) -> tuple[float, float, float, float] | None:
    """On which side of the other each end lies, by its sign; None where one lies north of the other."""
    if other[2] > one[3] or other[3] < one[2]:
        return None
    ax, ay, bx, by = one[4:]
    cx, cy, dx, dy = other[4:]
    return (
        (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx),
        (dx - cx) * (by - cy) - (dy - cy) * (bx - cx),
        (bx - ax) * (cy - ay) - (by - ay) * (cx - ax),
        (bx - ax) * (dy - ay) - (by - ay) * (dx - ax),
    )
