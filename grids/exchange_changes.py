"""What a row of an import changes about what stands: name, places, outline by square metres, position by metres."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, hypot, radians
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.coords import METRES_PER_DEGREE
from grids.exchange_base import Row
from grids.place_models import Compound
from grids.rules import square_metres

NEW, CHANGED, SAME = "new", "changed", "same"
# Rounding to seven digits and the way to another coordinate system and back: two centimetres, nobody moved anything.
SAME_PLACE = 2e-7
FIELD_NAMES = {
    "name": gettext_lazy("name"),
    "households_hint": gettext_lazy("households"),
    "households": gettext_lazy("households"),
    "address_text": gettext_lazy("address"),
    "property_kind": gettext_lazy("kept by"),
    "built_year": gettext_lazy("built in"),
    "is_synthetic": gettext_lazy("synthetic"),
    "micro_grid": gettext_lazy("micro-grid"),
}
# One query for all rows.
DIFFERENCES = """
    SELECT ST_Area(ST_CollectionExtract(ST_Difference(n::geometry, o::geometry), 3)::geography),
           ST_Area(ST_CollectionExtract(ST_Difference(o::geometry, n::geometry), 3)::geography)
    FROM unnest(%s::bytea[], %s::bytea[]) WITH ORDINALITY AS pairs(o, n, nr) ORDER BY nr
"""


@dataclass
class Result:
    """What happens to one row. `old_shape` is what stood, `new_shape` what replaces it; None: nothing there."""

    row: Row
    state: str
    changes: list[str] = field(default_factory=list)
    old_shape: MultiPolygon | Point | None = None
    new_shape: MultiPolygon | Point | None = None
    gained_m2: float = 0.0
    lost_m2: float = 0.0
    repairs: list[str] = field(default_factory=list)
    needs_word: bool = False

    @property
    def is_new(self) -> bool:
        return self.state == NEW

    @property
    def is_redrawn(self) -> bool:
        """Whether one outline takes the place of another."""
        return isinstance(self.old_shape, MultiPolygon) and isinstance(self.new_shape, MultiPolygon)


def is_same_shape(old: Any, new: Any) -> bool:
    """Whether the two are one place: the same points in any order, to two centimetres."""
    if old is None or new is None or old.geom_type != new.geom_type:
        return old is new
    # In the same order, as an export has it, or in one both are brought into.
    return bool(
        old.equals_exact(new, SAME_PLACE)
        or old.normalize(clone=True).equals_exact(new.normalize(clone=True), SAME_PLACE)
    )


def update(row: Row, item: Any, values: dict[str, Any], *, crs: str) -> Result:
    """Set on an area or compound what the row says differently, and tell it. `values` by field, without the shape."""
    if item.pk is None:
        result = Result(row, NEW, new_shape=row.geometry)
    else:
        result = Result(row, SAME, old_shape=_shape_of(item), new_shape=row.geometry)
        result.changes = [
            _changed(name, getattr(item, name), value)
            for name, value in values.items()
            if getattr(item, name) != value
        ]
    for name, value in values.items():
        setattr(item, name, value)
    if row.geometry is not None and not is_same_shape(result.old_shape, row.geometry):
        _place(item, row.geometry)
        item.source_crs = crs
        if not result.is_new:
            result.state = CHANGED
            result.changes += _moved(result)
    elif not result.is_new:
        result.new_shape = result.old_shape
    if result.changes:
        result.state = CHANGED
    return result


def _shape_of(item: Any) -> MultiPolygon | Point | None:
    return item.boundary or getattr(item, "point", None)


def _place(item: Any, shape: MultiPolygon | Point) -> None:
    item.boundary = shape if isinstance(shape, MultiPolygon) else None
    if isinstance(item, Compound):
        item.point = shape if isinstance(shape, Point) else shape.point_on_surface


def _changed(name: str, old: Any, new: Any) -> str:
    return _("%(what)s: %(old)s → %(new)s") % {
        "what": FIELD_NAMES[name],
        "old": _words(old),
        "new": _words(new),
    }


def _words(value: Any) -> str:
    if value is None or value == "":
        return "–"
    return str((_("no"), _("yes"))[value]) if isinstance(value, bool) else str(value)


def _moved(result: Result) -> list[str]:
    """How far the middle moved, and that an outline is new or gone; its square metres are told by `measure`."""
    old, new = result.old_shape, result.new_shape
    if old is None:
        return [_("it had no place")]
    sentences = []
    if isinstance(old, MultiPolygon) and isinstance(new, Point):
        sentences.append(_("only a point instead of the outline"))
    elif isinstance(old, Point) and isinstance(new, MultiPolygon):
        sentences.append(_("an outline instead of a point"))
    metres = hypot(*metres_between(old.centroid.coords, new.centroid.coords)) if new else 0
    if round(metres) >= 1:
        sentences.append(_("moved by %(metres)s m") % {"metres": f"{round(metres):,}"})
    elif not sentences and isinstance(new, Point):
        sentences.append(_("moved by less than 1 m"))
    return sentences


def metres_between(old: tuple[float, ...], new: tuple[float, ...]) -> tuple[float, float]:
    """How far east and north, in metres."""
    east = (new[0] - old[0]) * cos(radians(old[1])) * METRES_PER_DEGREE
    return east, (new[1] - old[1]) * METRES_PER_DEGREE


def measure(results: Sequence[Result]) -> None:
    """Tell by how many square metres each outline changes. One query for all."""
    redrawn = [result for result in results if result.is_redrawn and result.old_shape is not result.new_shape]
    if not redrawn:
        return
    with connection.cursor() as cursor:
        olds = [bytes(result.old_shape.ewkb) for result in redrawn if result.old_shape]
        news = [bytes(result.new_shape.ewkb) for result in redrawn if result.new_shape]
        cursor.execute(DIFFERENCES, [olds, news])
        areas = cursor.fetchall()
    for result, (gained, lost) in zip(redrawn, areas, strict=True):
        result.gained_m2, result.lost_m2 = gained, lost
        result.changes.insert(0, _outline_words(gained, lost))


def _outline_words(gained: float, lost: float) -> str:
    if max(gained, lost) < 1:
        return _("outline: by less than 1 m²")
    parts = [f"{sign}{square_metres(metres)}" for sign, metres in (("+", gained), ("−", lost)) if metres >= 1]
    return _("outline: %(change)s m²") % {"change": _(", ").join(parts)}
