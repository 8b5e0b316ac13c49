"""What the repair of outlines did: square metres, the neighbours it touches, whole places lost or taken."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.choices import CODE_LENGTH, Level
from grids.coords import METRES_PER_DEGREE
from grids.exchange_base import COMPOUND
from grids.exchange_changes import Result
from grids.exchange_outlines import square_metres as rough_metres
from grids.geo import EDGE_WIDTH_M
from grids.rules import square_metres

# A repair that changes more than this part of an outline, or as much as a whole micro-grid, needs the explicit word.
MUCH = 0.1
TOUCHES, COVERS, LOSES, TAKES = range(4)
SENTENCES: dict[int, Promise] = {
    TOUCHES: gettext_lazy("It touches %(names)s."),
    COVERS: gettext_lazy("It covers %(names)s."),
    LOSES: gettext_lazy("It leaves out %(names)s."),
    TAKES: gettext_lazy("It takes in %(names)s."),
}
# Of the outlines repaired: areas of the same level (for a compound micro-grids other than its own) that lie at the
# edge or half covered; compounds of its own that lie outside, and compounds of others half covered by an area.
NEIGHBOURS = """
    WITH repaired AS (
        SELECT * FROM unnest(%(levels)s::text[], %(codes)s::text[], %(homes)s::text[], %(compounds)s::bool[],
                             %(outlines)s::bytea[])
            WITH ORDINALITY AS r(level, code, home, is_compound, outline, nr)
    ), shaped AS (SELECT nr, level, code, home, is_compound, outline::geometry AS ground FROM repaired),
    near AS (
        SELECT nr, a.name, a.code, ST_Area(ST_Intersection(a.boundary, ground)) / ST_Area(a.boundary) AS share
        FROM shaped s JOIN grids_area a ON ST_DWithin(a.boundary, ground, %(edge)s)
        WHERE a.level = s.level AND a.code <> s.code AND a.code <> s.home
          AND daterange(a.active_from, a.active_to) @> %(today)s
    ), places AS (
        SELECT nr, c.name, c.code, m.code LIKE s.code || '%%' AS is_own,
               ST_Covers(ground, c.point) AS is_inside
        FROM shaped s JOIN grids_compound c ON c.code <> s.code AND c.point IS NOT NULL
        JOIN grids_area m ON m.id = c.micro_grid_id
        WHERE NOT s.is_compound AND (m.code LIKE s.code || '%%' OR ST_Intersects(ground, c.point))
    )
    SELECT nr, CASE WHEN share >= 0.5 THEN %(covers)s ELSE %(touches)s END, name, code FROM near
    UNION ALL
    SELECT nr, CASE WHEN is_own THEN %(loses)s ELSE %(takes)s END, name, code FROM places WHERE is_own <> is_inside
    ORDER BY 1, 2, 4
"""
SMALLEST = """
    SELECT min(ST_Area(boundary::geography)) FROM grids_area
    WHERE level = %s AND left(code, %s) = ANY(%s) AND daterange(active_from, active_to) @> %s
"""
NAMED = 10


def look_at_repairs(results: Sequence[Result]) -> None:
    """Say beside each repaired outline what became of it, and mark those that need an explicit word.

    Judged when every row of the file stands. Three queries for all; none where nothing was repaired.
    """
    repaired = [result for result in results if result.row.is_repaired and result.new_shape]
    if not repaired:
        return
    found = _neighbours(repaired)
    smallest = _smallest_micro_grid(repaired)
    for nr, result in enumerate(repaired, start=1):
        lost_in_drawing = result.row.lost_m2 or 0.0
        sentences = [_change_words(result, lost_in_drawing)]
        for kind, names in sorted(found[nr].items()):
            shown = _(", ").join(names[:NAMED]) + ("…" if len(names) > NAMED else "")
            sentences.append(str(SENTENCES[kind]) % {"names": shown})
        result.repairs = sentences
        own = rough_metres(result.new_shape) if result.new_shape else 0.0
        most = max(lost_in_drawing, result.gained_m2, result.lost_m2)
        is_whole_place = any(kind != TOUCHES for kind in found[nr])
        result.needs_word = is_whole_place or most >= min(MUCH * own, smallest)


def _change_words(result: Result, lost_in_drawing: float) -> str:
    if lost_in_drawing >= 1:
        return _("The repair leaves out %(m2)s m² that the drawn line encloses.") % {
            "m2": square_metres(lost_in_drawing)
        }
    return _("The repair leaves out nothing that the drawn line encloses.")


def _neighbours(repaired: Sequence[Result]) -> dict[int, dict[int, list[str]]]:
    rows = [result.row for result in repaired]
    facts: dict[str, Any] = {
        "levels": [Level.MICRO_GRID.value if row.kind == COMPOUND else row.kind for row in rows],
        "codes": [row.code for row in rows],
        "homes": [row.parent if row.kind == COMPOUND else "" for row in rows],
        "compounds": [row.kind == COMPOUND for row in rows],
        "outlines": [bytes(result.new_shape.ewkb) for result in repaired if result.new_shape],
        "edge": EDGE_WIDTH_M / METRES_PER_DEGREE,
        "today": timezone.localdate(),
        "touches": TOUCHES,
        "covers": COVERS,
        "loses": LOSES,
        "takes": TAKES,
    }
    found: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(NEIGHBOURS, facts)
        for nr, kind, name, code in cursor.fetchall():
            found[nr][kind].append(f"{name} ({code})")
    return found


def _smallest_micro_grid(repaired: Sequence[Result]) -> float:
    """The square metres of the smallest micro-grid of the communities concerned; nothing is as small without one."""
    length = CODE_LENGTH[Level.COMMUNITY]
    communities = {(result.row.parent or result.row.code)[:length] for result in repaired}
    with connection.cursor() as cursor:
        cursor.execute(SMALLEST, [Level.MICRO_GRID.value, length, list(communities), timezone.localdate()])
        (metres,) = cursor.fetchone() or (None,)
    return metres if metres is not None else float("inf")
