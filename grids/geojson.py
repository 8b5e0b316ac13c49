"""Reads a GeoJSON file of areas and compounds: shape only, no database. Bad input becomes a message per row."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from django.contrib.gis.geos import GEOSException, GEOSGeometry, LinearRing, MultiPolygon, Point, Polygon
from django.utils.translation import gettext as _

from core.texts import clean_text
from grids.choices import CODE_LENGTH, LEVEL_OF_LENGTH, Level, PropertyKind
from grids.coords import TO_WGS84, Position

COMPOUND = "compound"
KINDS = (*Level.values, COMPOUND)
# Names under which files declare WGS-84 or the equal CGCS2000; anything else is a projection we do not guess.
KNOWN_CRS = re.compile(r"(CRS84|EPSG:+(4326|4490))$", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
SPOT = re.compile(r"\[(-?[0-9.]+) (-?[0-9.]+)\]")
MAX_INTEGER = 2_147_483_647


@dataclass(frozen=True)
class Limits:
    """How much a page takes in one go; the command takes any size."""

    features: int
    points: int
    outline_points: int


PAGE_LIMITS = Limits(features=20_000, points=200_000, outline_points=20_000)


@dataclass(frozen=True)
class Problem:
    """Why nothing is saved. `row` is the feature's place in the file from 1; 0 is the file itself."""

    row: int
    label: str
    message: str


@dataclass
class Row:
    """One feature that can be read: an area of the tree or a compound, its position in WGS-84."""

    row: int
    kind: str
    code: str
    name: str
    parent: str
    geometry: MultiPolygon | Point | None
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.name} {self.code}".strip()


@dataclass
class Parsed:
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Refused(Exception):
    """One sentence about one row."""


def parse(content: bytes, *, crs: str, repair: bool = False, limits: Limits | None = None) -> Parsed:
    """Every readable row and a problem for every other; never raises for what a file may hold.

    `crs` is the declared source (grids.choices.SourceCrs). With `repair`, an outline that crosses itself is
    mended and the row says so; otherwise it is a problem.
    """
    parsed = Parsed()
    try:
        features = _features(content, limits)
    except Refused as error:
        parsed.problems.append(Problem(0, "", str(error)))
        return parsed
    seen: dict[str, int] = {}
    points = _Counter(limits)
    for number, feature in enumerate(features, start=1):
        try:
            row = _row(number, feature, TO_WGS84[crs], repair, points)
            if row.code in seen:
                raise Refused(
                    _("The code %(code)s stands in row %(row)s already.")
                    % {"code": row.code, "row": seen[row.code]}
                )
        except Refused as error:
            parsed.problems.append(Problem(number, _label(feature), str(error)))
        else:
            seen[row.code] = number
            parsed.rows.append(row)
    return parsed


def _features(content: bytes, limits: Limits | None) -> list[Any]:
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Refused(_("This is not a text file in UTF-8. Choose a GeoJSON file.")) from error
    except RecursionError as error:
        raise Refused(_("The file is nested too deeply to be GeoJSON.")) from error
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise Refused(
            _("This is not GeoJSON: it cannot be read at line %(line)s, column %(column)s.") % place
        ) from error
    except ValueError as error:
        raise Refused(
            _("This is not GeoJSON: it holds NaN, Infinity or a number beyond all measure.")
        ) from error
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise Refused(_("The file must be a GeoJSON FeatureCollection."))
    declared = document.get("crs")
    if declared is not None and not KNOWN_CRS.search(_crs_name(declared)):
        raise Refused(
            _("The file is in another coordinate system. Save it in longitude and latitude (EPSG:4326).")
        )
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise Refused(_("The file holds no features."))
    if limits and len(features) > limits.features:
        raise Refused(
            _(
                "The file has %(count)s features; the page takes %(limit)s. Divide it, or use the command import_areas."
            )
            % {"count": len(features), "limit": limits.features}
        )
    return features


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _crs_name(declared: Any) -> str:
    properties = declared.get("properties") if isinstance(declared, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else ""


def _label(feature: Any) -> str:
    """What to call a row that cannot be read."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return ""
    words = [properties.get(key) for key in ("name", "code", "number")]
    return CONTROL.sub("", " ".join(str(word)[:60] for word in words if isinstance(word, str | int)))[:80]


def _row(number: int, feature: Any, convert: Callable, repair: bool, points: "_Counter") -> Row:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Refused(_("This is not a GeoJSON feature."))
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        raise Refused(_("The feature has no properties."))
    kind = properties.get("level")
    if kind not in KINDS:
        raise Refused(_("The property level must be one of: %(levels)s.") % {"levels": ", ".join(KINDS)})
    row = _compound(number, properties) if kind == COMPOUND else _area(number, kind, properties)
    row.geometry = _geometry(feature.get("geometry"), convert, repair, points, row)
    return row


def _area(number: int, kind: str, properties: dict) -> Row:
    code = _text(properties, "code", 17)
    if LEVEL_OF_LENGTH.get(len(code)) != kind or not re.fullmatch(r"[0-9]+", code):
        raise Refused(
            _("A code of level %(level)s has %(digits)s digits.")
            % {"level": Level(kind).label, "digits": CODE_LENGTH[Level(kind)]}
        )
    above = max((n for n in LEVEL_OF_LENGTH if n < len(code)), default=0)
    parent = _text(properties, "parent", 17, required=False) or code[:above]
    if parent != code[:above]:
        raise Refused(
            _("The parent %(parent)s does not begin the code %(code)s.") % {"parent": parent, "code": code}
        )
    facts = {"households_hint": _integer(properties, "households")}
    return Row(number, kind, code, _text(properties, "name", 30), parent, None, facts)


def _compound(number: int, properties: dict) -> Row:
    micro_grid = _text(properties, "micro_grid", 17, required=False)
    if micro_grid and not re.fullmatch(r"[0-9]{17}", micro_grid):
        raise Refused(
            _("A code of level %(level)s has %(digits)s digits.")
            % {"level": Level.MICRO_GRID.label, "digits": 17}
        )
    code = _text(properties, "code", 30, required=False)
    if not code:
        order = _integer(properties, "number")
        if not micro_grid or order is None:
            raise Refused(_("A compound needs a code, or a number and a micro_grid."))
        code = f"{micro_grid[:12]}-{order:03d}"
    kept_by = _text(properties, "property_kind", 10, required=False)
    if kept_by and kept_by not in PropertyKind.values:
        raise Refused(
            _("The property property_kind must be one of: %(kinds)s.")
            % {"kinds": ", ".join(PropertyKind.values)}
        )
    facts = {
        "address_text": _text(properties, "address", 120, required=False),
        "households": _integer(properties, "households"),
        "property_kind": kept_by,
        "built_year": _integer(properties, "built_year", 32_767),
        "is_synthetic": properties.get("name_source") == "synthetic"
        or properties.get("is_synthetic") is True,
    }
    return Row(number, COMPOUND, code[:30], _text(properties, "name", 60), micro_grid, None, facts)


def _text(properties: dict, key: str, length: int, *, required: bool = True) -> str:
    value = properties.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)  # codes become numbers in many map programs
    if value is None or value == "":
        if required:
            raise Refused(_("The property %(key)s is missing.") % {"key": key})
        return ""
    if not isinstance(value, str) or CONTROL.search(value):
        raise Refused(_("The property %(key)s must be a text without control characters.") % {"key": key})
    value = clean_text(value).strip()
    if not value or len(value) > length:
        raise Refused(
            _("The property %(key)s must have 1 to %(length)s characters.") % {"key": key, "length": length}
        )
    return value


def _integer(properties: dict, key: str, largest: int = MAX_INTEGER) -> int | None:
    value = properties.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise Refused(_("The property %(key)s must be a whole number.") % {"key": key})
    return value


def _geometry(
    geometry: Any, convert: Callable, repair: bool, points: "_Counter", row: Row
) -> MultiPolygon | Point | None:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind is None and row.kind == COMPOUND:
        return None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    points.begin()
    if kind == "Point" and row.kind == COMPOUND:
        return Point(*_position(coordinates, convert, points), srid=4326)
    if kind not in ("Polygon", "MultiPolygon"):
        raise Refused(
            _("The geometry must be a Polygon or MultiPolygon; here it is %(kind)s.")
            % {"kind": _kind_name(kind)}
        )
    polygons = [coordinates] if kind == "Polygon" else _list(coordinates)
    try:
        outline = MultiPolygon([_polygon(rings, convert, points, row) for rings in polygons], srid=4326)
        return _valid(outline, repair, row)
    except (GEOSException, ValueError, TypeError) as error:
        raise Refused(_("The outline cannot be built from these positions.")) from error


def _kind_name(kind: Any) -> str:
    return CONTROL.sub("", kind)[:30] if isinstance(kind, str) else "–"


def _list(value: Any) -> list:
    if not isinstance(value, list) or not value:
        raise Refused(_("The coordinates are empty or not a list."))
    return value


def _polygon(rings: Any, convert: Callable, points: "_Counter", row: Row) -> Polygon:
    return Polygon(*[_ring(ring, convert, points, row) for ring in _list(rings)])


def _ring(ring: Any, convert: Callable, points: "_Counter", row: Row) -> LinearRing:
    positions = [_position(position, convert, points) for position in _list(ring)]
    if positions[0] != positions[-1]:
        positions.append(positions[0])
        row.notes.append(_("The outline was not closed; it was closed with a straight line."))
    if len(positions) < 4:
        raise Refused(_("An outline needs at least three different points."))
    return LinearRing(positions)


def _position(value: Any, convert: Callable[[float, float], Position], points: "_Counter") -> Position:
    points.count()
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


def _valid(outline: MultiPolygon, repair: bool, row: Row) -> MultiPolygon:
    if outline.valid:
        if outline.area <= 0:
            raise Refused(_("The outline encloses no ground."))
        return outline
    if not repair:
        where = SPOT.search(outline.valid_reason)
        raise Refused(
            _(
                "The outline crosses or touches itself near %(where)s. Draw it again, or tick the repair of outlines."
            )
            % {"where": ", ".join(where.groups()) if where else "?"}
        )
    mended = MultiPolygon(list(_polygons_of(outline.make_valid())), srid=4326)
    if mended.empty or not mended.valid or mended.area <= 0:
        raise Refused(_("The outline crosses itself and cannot be repaired. Draw it again."))
    row.notes.append(_("The outline crossed or touched itself and was repaired. Look at it on the map."))
    return mended


def _polygons_of(geometry: GEOSGeometry) -> Iterator[Polygon]:
    """The polygons in whatever a repair left: lines and points enclose no ground."""
    if isinstance(geometry, Polygon):
        yield geometry
    elif hasattr(geometry, "__iter__") and geometry.geom_type in ("MultiPolygon", "GeometryCollection"):
        for part in geometry:
            yield from _polygons_of(part)


class _Counter:
    """Counts positions against the page's limits."""

    def __init__(self, limits: Limits | None) -> None:
        self.limits = limits
        self.total = self.outline = 0

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
