"""What a page tells the map script: one value object, rendered by templates/grids/_map.html."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.utils.translation import gettext as _

from grids.choices import Level

TIANDITU = (
    "https://t{s}.tianditu.gov.cn/%(layer)s_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=%(layer)s"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=%(key)s"
)
# Streets, then their names.
TIANDITU_LAYERS = ("vec", "cva")


@dataclass(frozen=True)
class MapView:
    """One map on a page. Addresses are GeoJSON endpoints; the inputs are ids of form fields the map writes to."""

    id: str = "map"
    label: str = ""
    size: str = ""  # "", "small" or "tall"
    areas_url: str = ""
    cases_url: str = ""
    level: str = ""
    features: dict[str, Any] | None = None
    bounds: tuple[float, float, float, float] | None = None
    lat: float | None = None
    lng: float | None = None
    lat_input: str = ""
    lng_input: str = ""
    accuracy_input: str = ""
    line_input: str = ""

    @property
    def title(self) -> str:
        return self.label or _("Map")

    @property
    def features_id(self) -> str:
        return f"{self.id}-features"

    @property
    def levels(self) -> list[tuple[str, Any]]:
        """Levels offered as buttons; none when the page shows one level only."""
        offered = (Level.COMMUNITY, Level.GRID, Level.MICRO_GRID)
        return (
            [(level.value, level.label) for level in offered]
            if self.areas_url and not self.line_input and not self.lat_input
            else []
        )

    @property
    def home(self) -> tuple[float, float]:
        """Where to look when nothing else is known: (latitude, longitude)."""
        latitude, longitude = settings.MAP_CENTER
        return latitude, longitude

    @property
    def bounds_text(self) -> str:
        """West, south, east, north; with dots whatever the language."""
        return ",".join(f"{edge:.6f}" for edge in self.bounds) if self.bounds else ""

    @property
    def tiles(self) -> str:
        """The base map as the script reads it, or nothing: no tiles come from another host unless a key is set."""
        if not settings.TIANDITU_KEY:
            return ""
        facts = [{"layer": layer, "key": settings.TIANDITU_KEY} for layer in TIANDITU_LAYERS]
        return json.dumps(
            [{"url": TIANDITU % fact, "attribution": settings.MAP_ATTRIBUTION} for fact in facts]
        )


def feature(geometry: GEOSGeometry | None, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature; `kind` and `light` choose its look in map.css."""
    shape = json.loads(geometry.geojson) if geometry else None
    return {"type": "Feature", "properties": properties, "geometry": shape}


def collection(features: Iterable[dict[str, Any]], **members: Any) -> dict[str, Any]:
    """A GeoJSON FeatureCollection of those features that have a place."""
    return {"type": "FeatureCollection", "features": [f for f in features if f["geometry"]], **members}


def bounds_of(outlines: Iterable[MultiPolygon | None]) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all the outlines together; None without any."""
    boxes = [outline.extent for outline in outlines if outline]
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)
