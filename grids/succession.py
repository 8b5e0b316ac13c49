"""What became of an area: itself while it is in force, else what it was split or merged into."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from grids.models import Area, Compound

HOLD = "SELECT daterange(active_from, active_to) @> %s FROM grids_area WHERE id = %s FOR SHARE"


def hold_in_force(area: Area) -> bool:
    """Whether the area is in force at this moment; if so, nobody retires it until the transaction ends.

    To be asked before something new is laid into an area, and before rows that hang on it are locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [timezone.localdate(), area.pk])
        row = cursor.fetchone()
    return bool(row and row[0])


def successor_of(area: Area, *, point: Any = None, compound: Compound | None = None) -> Area:
    """The area in force that stands for this one now; nobody retires it until the transaction ends.

    Of several that replaced it the one around the point, else that of the compound, else the lowest code. Where
    nothing replaced it, that of the area above. A district that ended is answered as it is.
    """
    while not hold_in_force(area):
        heirs = heirs_of(area)
        following = choose(heirs, point, compound) if heirs else area.parent
        if following is None:
            break
        area = following
    return area


def heirs_of(area: Area) -> list[Area]:
    """The areas in force that replaced it, over any number of splits and merges, by code."""
    found: dict[str, Area] = {}
    asked: set[int] = set()
    layer = {area.pk}
    while layer:
        asked |= layer
        rows = list(Area.objects.filter(replaces__in=layer))
        found |= {row.code: row for row in rows if row.is_in_force}
        layer = {row.pk for row in rows if not row.is_in_force} - asked
    return [found[code] for code in sorted(found)]


def choose(heirs: Sequence[Area], point: Any, compound: Compound | None) -> Area:
    """The heir around the point, else the one the compound lies in, else the first."""
    around = [heir for heir in heirs if point and heir.boundary and heir.boundary.intersects(point)]
    home = compound.micro_grid.code if compound and compound.micro_grid else ""
    return [*around, *[heir for heir in heirs if home.startswith(heir.code)], *heirs][0]
