"""Outlines that cross each other too often to be compared: refused before PostGIS begins.

SECURITY: two valid outlines can cross a million times. PostGIS then takes minutes and ten gigabytes, and no time limit
of a statement ends it once it lays the two over each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection

from grids.exchange_base import Row
from grids.exchange_changes import Result
from grids.exchange_outlines import Segment, crosses

# Pairs with fewer points, multiplied, cannot cross often enough to hurt.
HARMLESS = 40_000
# A crossing takes PostGIS about a kilobyte; two neighbours that drew their border anew cross once for each point.
MAX_BETWEEN = 20_000
# Pairs of segments compared for one file, some seconds of work, and pairs of outlines looked at.
MAX_COMPARED, MAX_PAIRS = 5_000_000, 1_000
# What the rules, the coverage check and the preview will lay over each other.
AREA_PAIRS = """
    SELECT a.code, ST_AsEWKB(a.boundary), ST_AsEWKB(b.boundary) FROM grids_area a JOIN grids_area b
        ON a.boundary && b.boundary AND a.id <> b.id
        AND (b.level = a.level OR b.id = a.parent_id OR b.parent_id = a.id)
    WHERE a.code = ANY(%(codes)s) AND ST_NPoints(a.boundary)::bigint * ST_NPoints(b.boundary) > %(harmless)s
    LIMIT %(most)s
"""
COMPOUND_PAIRS = """
    SELECT c.code, ST_AsEWKB(c.boundary), ST_AsEWKB(a.boundary) FROM grids_compound c JOIN grids_area a
        ON c.boundary && a.boundary AND a.level = 'micro_grid'
    WHERE c.code = ANY(%(codes)s) AND ST_NPoints(c.boundary)::bigint * ST_NPoints(a.boundary) > %(harmless)s
    LIMIT %(most)s
"""


def tangled_rows(results: Sequence[Result], *, are_areas: bool) -> list[Row]:
    """The rows whose outline crosses another one, or the one it replaces, too often; judged when all are written."""
    changed = {result.row.code: result for result in results if result.new_shape is not result.old_shape}
    pairs: list[tuple[str, Any, Any]] = [
        (code, result.old_shape, result.new_shape)
        for code, result in changed.items()
        if result.is_redrawn and _points(result.old_shape) * _points(result.new_shape) > HARMLESS
    ]
    if len(pairs) < MAX_PAIRS:
        pairs += _pairs(AREA_PAIRS if are_areas else COMPOUND_PAIRS, list(changed))
    if len(pairs) >= MAX_PAIRS:
        return [changed[pairs[0][0]].row]
    left, found = MAX_COMPARED, set()
    for code, one, other in pairs:
        left = _left(one, other, left)
        if left <= 0:
            found.add(code)
            break
    return [changed[code].row for code in found]


def _points(shape: Any) -> int:
    return int(shape.num_coords)


def _pairs(query: str, codes: list[str]) -> Iterator[tuple[str, Any, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"codes": codes, "harmless": HARMLESS, "most": MAX_PAIRS})
        for code, one, other in cursor.fetchall():
            yield code, GEOSGeometry(memoryview(one)), GEOSGeometry(memoryview(other))


def _left(one: MultiPolygon, other: MultiPolygon, compared: int) -> int:
    """How many comparisons are left of `compared` after this pair; none when it crosses too often."""
    (a, b, c, d), (e, f, g, h) = one.extent, other.extent
    box = max(a, e), min(c, g), max(b, f), min(d, h)
    tagged = [(s, side) for side, outline in enumerate((one, other)) for s in _segments(outline, box)]
    tagged.sort()
    beside: tuple[list[Segment], list[Segment]] = ([], [])
    crossings = 0
    for segment, side in tagged:
        others = [there for there in beside[1 - side] if there[1] >= segment[0]]
        beside[1 - side][:] = others
        compared -= len(others)
        crossings += sum(crosses(segment, there) for there in others)
        if crossings > MAX_BETWEEN or compared <= 0:
            return 0
        beside[side].append(segment)
    return compared


def _segments(outline: Iterable[Any], box: tuple[float, float, float, float]) -> Iterator[Segment]:
    """The segments of an outline that reach into the box (west, east, south, north); x runs along its longer side."""
    is_tall = box[3] - box[2] > box[1] - box[0]
    west, east, south, north = (*box[2:], *box[:2]) if is_tall else box
    for polygon in outline:
        for ring in polygon:
            positions = [(y, x) for x, y in ring.coords] if is_tall else ring.coords
            for (x1, y1), (x2, y2) in pairwise(positions):
                segment = (min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2), x1, y1, x2, y2)
                if segment[1] >= west and segment[0] <= east and segment[3] >= south and segment[2] <= north:
                    yield segment
