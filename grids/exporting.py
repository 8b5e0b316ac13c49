"""Writes areas and compounds as GeoJSON in the shape the import reads, in any of the three systems."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from grids.choices import Level
from grids.coords import FROM_WGS84
from grids.geojson import COMPOUND
from grids.models import Area, Compound

CHUNK = 200
DIGITS = 7


def geojson_lines(*, areas: Any, compounds: Any, crs: str, day: str) -> Iterator[str]:
    """The text of a FeatureCollection piece by piece, so that any size needs little memory.

    `areas` and `compounds` are scoped querysets; `crs` is the system to convert to.
    """
    convert = FROM_WGS84[crs]
    yield '{"type":"FeatureCollection","coordinates":%s,"exported_on":%s,"features":[\n' % (  # noqa: UP031
        json.dumps(crs),
        json.dumps(day),
    )
    first = True
    for feature in _features(areas, compounds, convert):
        yield ("" if first else ",\n") + json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        first = False
    yield "\n]}\n"


def _features(areas: Any, compounds: Any, convert: Callable) -> Iterator[dict[str, Any]]:
    for area in areas.filter(boundary__isnull=False).iterator(CHUNK):
        yield {
            "type": "Feature",
            "properties": _area_facts(area),
            "geometry": _geometry(area.boundary, convert),
        }
    for compound in compounds.select_related("micro_grid").iterator(CHUNK):
        shape = compound.boundary or compound.point
        yield {
            "type": "Feature",
            "properties": _compound_facts(compound),
            "geometry": _geometry(shape, convert) if shape else None,
        }


def _area_facts(area: Area) -> dict[str, Any]:
    facts: dict[str, Any] = {"level": area.level, "code": area.code, "name": area.name}
    if area.level != Level.DISTRICT:
        facts["parent"] = area.parent.code
    if area.households_hint is not None:
        facts["households"] = area.households_hint
    return facts


def _compound_facts(compound: Compound) -> dict[str, Any]:
    return {
        "level": COMPOUND,
        "code": compound.code,
        "name": compound.name,
        "address": compound.address_text or None,
        "micro_grid": compound.micro_grid.code if compound.micro_grid else None,
        "households": compound.households,
        "property_kind": compound.property_kind or None,
        "built_year": compound.built_year,
        "is_synthetic": compound.is_synthetic,
    }


def _geometry(shape: Any, convert: Callable) -> dict[str, Any]:
    return {"type": shape.geom_type, "coordinates": _convert(shape.coords, convert)}


def _convert(coordinates: Any, convert: Callable) -> list[Any]:
    """Nested positions, converted and rounded to a centimetre."""
    if isinstance(coordinates[0], int | float):
        return [round(value, DIGITS) for value in convert(coordinates[0], coordinates[1])]
    return [_convert(part, convert) for part in coordinates]
