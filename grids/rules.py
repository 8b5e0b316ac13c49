"""The rules of outlines: valid, inside the parent, not over a neighbour. Sizes and household counts are advice only."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.geo import EDGE_WIDTH_M

if TYPE_CHECKING:
    from grids.models import Area

OVERLAP, OUTSIDE, CHILD_OUTSIDE = range(3)
SENTENCES: dict[int, Promise] = {
    OVERLAP: gettext_lazy("It overlaps %(name)s (%(code)s) by %(m2)s m²."),
    OUTSIDE: gettext_lazy("It lies outside of %(name)s (%(code)s) by %(m2)s m²."),
    CHILD_OUTSIDE: gettext_lazy("%(name)s (%(code)s), which belongs to it, would lie outside by %(m2)s m²."),
}
# Outlines are compared with those valid at any time from today on that they are valid too, planned ones included.
# Only ground wider than a shared edge counts: what is left when the edge's width is taken off.
# OFFSET 0: the index of outlines is asked first, whatever the planner believes of tables that were just filled.
CONFLICTS = """
    WITH judged AS (
        SELECT nr, id, level, parent, outline::geometry AS ground, begins, ends
        FROM unnest(%(ids)s::bigint[], %(levels)s::text[], %(parents)s::bigint[], %(outlines)s::bytea[],
                    %(begins)s::date[], %(ends)s::date[])
            WITH ORDINALITY AS a(id, level, parent, outline, begins, ends, nr)
    ), shared AS (
        SELECT nr, %(overlap)s AS kind, b.name, b.code, b.active_from, b.active_to, begins, ends,
               ST_CollectionExtract(ST_Intersection(b.boundary, ground), 3) AS ground
        FROM judged a
        CROSS JOIN LATERAL (SELECT * FROM grids_area WHERE ST_Intersects(boundary, ground) OFFSET 0) b
        WHERE b.level = a.level AND b.id IS DISTINCT FROM a.id
        UNION ALL
        SELECT nr, %(outside)s, b.name, b.code, b.active_from, b.active_to, begins, ends,
               ST_CollectionExtract(ST_Difference(ground, b.boundary), 3)
        FROM judged a JOIN grids_area b ON b.id = a.parent WHERE b.boundary IS NOT NULL
        UNION ALL
        SELECT nr, %(child_outside)s, b.name, b.code, b.active_from, b.active_to, begins, ends,
               ST_CollectionExtract(ST_Difference(b.boundary, ground), 3)
        FROM judged a JOIN grids_area b ON b.parent_id = a.id WHERE b.boundary IS NOT NULL
    )
    SELECT nr, kind, name, code, ST_Area(ground::geography) FROM shared
    WHERE daterange(active_from, active_to) && daterange(begins, ends)
      AND NOT ST_IsEmpty(ground) AND ST_Area(ST_Buffer(ground::geography, %(edge)s)) > 0
    ORDER BY nr, kind, code
"""


def square_metres(value: float) -> str:
    """Whole square metres as people read them; at least 1, since a conflict is never nothing."""
    return f"{max(1, round(value)):,}"


def check_boundary(area: "Area") -> None:
    """Raise ValidationError on `boundary` naming each neighbour and the square metres in conflict.

    Nothing is checked without an outline or when its time is over: history keeps its shape.
    """
    if area.boundary is None or _is_over(area):
        return
    if not area.boundary.valid:
        raise ValidationError({"boundary": _("The outline crosses or touches itself. Draw it again.")})
    if problems := boundary_conflicts([area])[0]:
        raise ValidationError({"boundary": problems})


def boundary_conflicts(areas: Sequence["Area"]) -> list[list[str]]:
    """For each area one sentence per conflict of its valid outline with its parent, the areas of its level and its
    children, as they stand in the database. One query for all.
    """
    judged = [area for area in areas if area.boundary is not None and not _is_over(area)]
    found: dict[int, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(CONFLICTS, _facts(judged))
        for nr, kind, name, code, metres in cursor.fetchall():
            facts = {"name": name, "code": code, "m2": square_metres(metres)}
            found[id(judged[nr - 1])].append(str(SENTENCES[kind]) % facts)
    return [found[id(area)] for area in areas]


def _is_over(area: "Area") -> bool:
    """Whether it is never in force from today on."""
    return area.active_to is not None and area.active_to <= max(area.active_from, timezone.localdate())


def _facts(judged: Sequence["Area"]) -> dict[str, object]:
    today = timezone.localdate()
    return {
        "ids": [area.pk for area in judged],
        "levels": [area.level for area in judged],
        "parents": [area.parent_id for area in judged],
        "outlines": [bytes(area.boundary.ewkb) for area in judged],
        "begins": [max(area.active_from, today) for area in judged],
        "ends": [area.active_to for area in judged],
        "overlap": OVERLAP,
        "outside": OUTSIDE,
        "child_outside": CHILD_OUTSIDE,
        "edge": -EDGE_WIDTH_M / 2,
    }
