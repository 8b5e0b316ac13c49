"""Turns the features of a file into rows: shape only, no database. Bad input becomes a message per row."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from grids.choices import CODE_LENGTH, LEVEL_OF_LENGTH, Level, PropertyKind
from grids.coords import TO_WGS84
from grids.exchange_base import COMPOUND, PAGE_LIMITS, Limits, Parsed, Problem, Refused, Row
from grids.exchange_columns import (
    NAMES,
    code_of,
    columns_of,
    count_of,
    kind_of,
    reading_of,
    says_too_little,
    text_of,
)
from grids.exchange_outlines import CONTROL, Tally, geometry_of

__all__ = ["COMPOUND", "PAGE_LIMITS", "Limits", "Parsed", "Problem", "Row", "parse", "parse_features"]

# Names under which files declare WGS-84 or the equal CGCS2000; anything else is a projection we do not guess.
KNOWN_CRS = re.compile(r"(CRS84|EPSG:[0-9.]*:?(4326|4490))$", re.IGNORECASE)
KNOWN_EPSG = ("4326", "4490")
# Programs in Chinese Windows save text in GB18030 or a part of it.
ENCODINGS = ("utf-8-sig", "gb18030")


def parse(
    content: bytes,
    *,
    crs: str,
    repair: bool = False,
    limits: Limits | None = None,
    reading: Mapping[str, str] | None = None,
) -> Parsed:
    """Every readable row of a GeoJSON file and a problem for every other; never raises for what a file may hold."""
    try:
        features = features_of(content)
    except Refused as error:
        return Parsed(problems=[Problem(0, "", str(error))])
    return parse_features(features, crs=crs, repair=repair, limits=limits, reading=reading)


def parse_features(
    features: list[Any],
    *,
    crs: str,
    repair: bool = False,
    limits: Limits | None = None,
    reading: Mapping[str, str] | None = None,
) -> Parsed:
    """As `parse`, of features that are read already.

    `crs` is the declared source (grids.choices.SourceCrs). With `repair`, an outline that crosses itself is mended
    and the row says so; otherwise it is a problem. `reading` names the properties; without it they are guessed by
    their names, and where those say too little no row is read and the answer `is_unnamed`.
    """
    if limits and len(features) > limits.features:
        message = _(
            "The file has %(count)s features; the page takes %(limit)s. Divide it, or use the command import_areas."
        ) % {"count": len(features), "limit": limits.features}
        return Parsed(problems=[Problem(0, "", message)])
    columns = columns_of(features)
    parsed = Parsed(columns=columns, reading=dict(reading or reading_of(columns)))
    parsed.is_unnamed = bool(columns) and says_too_little(parsed.reading)
    seen: dict[str, int] = {}
    tally = Tally(limits)
    for number, feature in enumerate(features, start=1):
        properties = _named(feature, parsed.reading)
        try:
            row = _row(number, feature, properties, TO_WGS84[crs], repair, tally)
            if row.code in seen:
                raise Refused(
                    _("The code %(code)s stands in row %(row)s already.")
                    % {"code": row.code, "row": seen[row.code]}
                )
        except Refused as error:
            parsed.problems.append(Problem(number, _label(properties), str(error)))
        else:
            seen[row.code] = number
            parsed.rows.append(row)
    return parsed


def features_of(content: bytes) -> list[Any]:
    """The features of a GeoJSON file, a single one too. Refused when it is none."""
    try:
        document = json.loads(_decoded(content), parse_constant=_no_constant)
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
    kind = document.get("type") if isinstance(document, dict) else None
    if kind not in ("FeatureCollection", "Feature"):
        raise Refused(_("The file must be a GeoJSON FeatureCollection or Feature."))
    if not _is_known(document.get("crs")):
        raise other_system()
    features = document.get("features") if kind == "FeatureCollection" else [document]
    if not isinstance(features, list) or not features:
        raise Refused(_("The file holds no features."))
    return features


def other_system() -> Refused:
    return Refused(
        _("The file is in another coordinate system. Save it in longitude and latitude (EPSG:4326).")
    )


def _decoded(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(_("This is not a text file in UTF-8 or GB18030. Choose a GeoJSON file."))


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _is_known(declared: Any) -> bool:
    """Whether an old `crs` member, by name or by EPSG number, names longitude and latitude; most files have none."""
    if declared is None:
        return True
    facts = declared.get("properties") if isinstance(declared, dict) else None
    if not isinstance(facts, dict):
        return False
    return bool(KNOWN_CRS.search(str(facts.get("name", "")))) or str(facts.get("code", "")) in KNOWN_EPSG


def _named(feature: Any, reading: Mapping[str, str]) -> dict[str, Any] | None:
    """The feature's properties under our names, as far as it has them."""
    own = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(own, dict):
        return None
    others = {name: value for name, value in own.items() if name not in NAMES}
    return {**others, **{field: own[name] for field, name in reading.items() if name in own}}


def _label(properties: dict[str, Any] | None) -> str:
    """What to call a row that cannot be read."""
    words = [(properties or {}).get(key) for key in ("name", "code", "number")]
    return CONTROL.sub("", " ".join(str(word)[:60] for word in words if isinstance(word, str | int)))[:80]


def _row(
    number: int,
    feature: Any,
    properties: dict[str, Any] | None,
    convert: Callable,
    repair: bool,
    tally: Tally,
) -> Row:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Refused(_("This is not a GeoJSON feature."))
    if properties is None:
        raise Refused(_("The feature has no properties."))
    kind = kind_of(properties["level"]) if "level" in properties else _kind_by_code(properties)
    row = _compound(number, properties) if kind == COMPOUND else _area(number, kind, properties)
    row.geometry = geometry_of(feature.get("geometry"), convert=convert, repair=repair, tally=tally, row=row)
    return row


def _kind_by_code(properties: dict[str, Any]) -> str:
    """The level of a file that has no such property: digits are an area's code, whose length tells the level."""
    code = code_of(properties, "code", 30, required=False)
    if code and not code.isdigit():
        return COMPOUND
    if not code and properties.get("micro_grid"):
        return COMPOUND
    return kind_of(LEVEL_OF_LENGTH.get(len(code)))


def _area(number: int, kind: str, properties: dict[str, Any]) -> Row:
    code = code_of(properties, "code", 17)
    if LEVEL_OF_LENGTH.get(len(code)) != kind or not re.fullmatch(r"[0-9]+", code):
        raise Refused(
            _("A code of level %(level)s has %(digits)s digits.")
            % {"level": Level(kind).label, "digits": CODE_LENGTH[Level(kind)]}
        )
    above = max((n for n in LEVEL_OF_LENGTH if n < len(code)), default=0)
    parent = code_of(properties, "parent", 17, required=False) or code[:above]
    if parent != code[:above]:
        raise Refused(
            _("The parent %(parent)s does not begin the code %(code)s.") % {"parent": parent, "code": code}
        )
    households = count_of(properties, "households")
    facts = {} if households is None else {"households_hint": households}
    return Row(number, kind, code, text_of(properties, "name", 30), parent, None, facts)


def _compound(number: int, properties: dict[str, Any]) -> Row:
    micro_grid = code_of(properties, "micro_grid", 17, required=False)
    if micro_grid and not re.fullmatch(r"[0-9]{17}", micro_grid):
        raise Refused(
            _("A code of level %(level)s has %(digits)s digits.")
            % {"level": Level.MICRO_GRID.label, "digits": 17}
        )
    code = code_of(properties, "code", 30, required=False)
    if not code:
        order = count_of(properties, "number")
        if not micro_grid or order is None:
            raise Refused(_("A compound needs a code, or a number and a micro_grid."))
        code = f"{micro_grid[:12]}-{order:03d}"
    kept_by = text_of(properties, "property_kind", 10, required=False)
    if kept_by and kept_by not in PropertyKind.values:
        raise Refused(
            _("The property property_kind must be one of: %(kinds)s.")
            % {"kinds": ", ".join(PropertyKind.values)}
        )
    facts = {
        "address": text_of(properties, "address", 120, required=False),
        "households": count_of(properties, "households"),
        "property_kind": kept_by,
        "built_year": count_of(properties, "built_year", 32_767),
    }
    said = {key: value for key, value in facts.items() if key in properties}
    if "address" in said:
        said["address_text"] = said.pop("address")
    if "name_source" in properties or "is_synthetic" in properties:
        is_synthetic = properties.get("name_source") == "synthetic" or properties.get("is_synthetic") is True
        said["is_synthetic"] = is_synthetic
    return Row(number, COMPOUND, code[:30], text_of(properties, "name", 60), micro_grid, None, said)
