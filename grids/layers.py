"""Areas and compounds as GeoJSON for one view of the map: scoped, cut to the view, simplified by zoom."""

import json
from collections import defaultdict
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Polygon
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from grids.choices import Level
from grids.geo import Simplified
from grids.lights import lights_of
from grids.maps import collection
from grids.models import Area, AreaAssignment, Compound

# Above this many outlines in a view the level above is shown: 10,000 polygons took 380 ms, and nobody reads them.
MAX_AREAS = 600
MAX_COMPOUNDS = 400
# From which zoom a level is shown when the page asks for none, the narrowest first.
LEVEL_FROM_ZOOM = ((16, Level.MICRO_GRID), (14, Level.GRID), (12, Level.COMMUNITY), (10, Level.SUBDISTRICT))
COMPOUNDS_FROM_ZOOM = 16
NAMES_FROM_ZOOM = {Level.MICRO_GRID: 16, Level.GRID: 15, Level.COMMUNITY: 13}
LEVELS = tuple(Level)


def area_layer(
    user: Any, *, view: Polygon, zoom: int, level: str = "", plain: bool = False
) -> dict[str, Any]:
    """Areas of one level within the view; `level` in the answer tells which one. At most six queries.

    A level with too many outlines for the view, or without any, gives way to the level above; a notice says so.
    """
    wanted = Level(level) if level else _level_at(zoom)
    shown, areas = wanted, _areas(user, view, zoom, wanted)
    while (not areas or len(areas) > MAX_AREAS) and shown != LEVELS[0]:
        shown = LEVELS[LEVELS.index(shown) - 1]
        areas = _areas(user, view, zoom, shown)
    notice = ""
    if shown != wanted and level and areas:
        notice = _("Zoom in to see this level; shown is: %(level)s.") % {"level": shown.label}
    features = _area_features(user, areas[:MAX_AREAS], zoom, plain)
    if zoom >= COMPOUNDS_FROM_ZOOM:
        features += _compound_features(user, view)
    return collection(features, level=shown.value, notice=notice)


def _level_at(zoom: int) -> Level:
    return next((level for least, level in LEVEL_FROM_ZOOM if zoom >= least), Level.DISTRICT)


def _areas(user: Any, view: Polygon, zoom: int, level: Level) -> list[Area]:
    # Half a pixel at this zoom, in degrees.
    tolerance = 360 / (256 * 2**zoom) / 2
    return list(
        Area.objects.visible_to(user)
        .in_force()
        .filter(level=level, boundary__bboverlaps=view)
        .annotate(outline=AsGeoJSON(Simplified(F("boundary"), tolerance), precision=7))
        .defer("boundary")[: MAX_AREAS + 1]
    )


def _area_features(user: Any, areas: list[Area], zoom: int, plain: bool) -> list[dict[str, Any]]:
    if not areas:
        return []
    lights = {} if plain else lights_of(user, [area.code for area in areas])
    people: dict[int, list[str]] = defaultdict(list)
    posts = AreaAssignment.objects.current().filter(area__in=areas, is_deputy=False).select_related("user")
    for post in posts.order_by("duty", "pk"):
        people[post.area_id].append(f"{post.get_duty_display()}: {post.user}")
    named = zoom >= NAMES_FROM_ZOOM.get(Level(areas[0].level), 0)
    return [
        {
            "type": "Feature",
            "properties": {
                "kind": "area",
                "code": area.code,
                "name": area.name,
                "label": area.name if named else "",
                "light": lights.get(area.code, ""),
                "lines": people[area.pk],
                "url": reverse("grids:area_detail", args=[area.code]),
            },
            "geometry": json.loads(area.outline),
        }
        for area in areas
    ]


def _compound_features(user: Any, view: Polygon) -> list[dict[str, Any]]:
    """Compounds as outlines, or as points where no outline is known."""
    near = Compound.objects.visible_to(user).select_related("micro_grid")
    compounds = near.filter(Q(boundary__bboverlaps=view) | Q(boundary__isnull=True, point__within=view))
    return [
        {
            "type": "Feature",
            "properties": {
                "kind": "compound",
                "name": compound.name,
                "lines": [line for line in (compound.address_text, compound.micro_grid.name) if line],
                "url": reverse("grids:area_detail", args=[compound.micro_grid.code]),
            },
            "geometry": json.loads((compound.boundary or compound.point).geojson),
        }
        for compound in compounds[:MAX_COMPOUNDS]
        if compound.micro_grid
    ]
