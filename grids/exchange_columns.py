"""Which property of a file means what, and values as people write them: 名称, NAME, 微网格, 189户, full width."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.texts import clean_text
from grids.choices import Level
from grids.exchange_base import COMPOUND, KINDS, Column, Refused
from grids.exchange_outlines import CONTROL

MAX_INTEGER = 2_147_483_647
MAX_COLUMNS, LOOKED_AT, EXAMPLE_LENGTH = 60, 1_000, 30
# What a feature may say, and the names under which files of other systems say it, ours first. Names of a shapefile
# end after ten bytes.
NAMES: dict[str, tuple[str, ...]] = {
    "level": ("level", "级别", "层级", "网格级别", "网格层级"),
    "code": ("code", "编码", "网格编码", "微网格编码", "编号", "网格编号", "代码", "区划代码", "gridcode"),
    "name": ("name", "名称", "网格名称", "微网格名称", "小区名称", "院落名称", "名字", "gridname"),
    "parent": ("parent", "上级", "上级编码", "上级网格", "上级网格编码", "父级", "父级编码", "parentcode"),
    "micro_grid": ("micro_grid", "微网格", "所属微网格", "所属微网格编码", "microgrid"),
    "number": ("number", "序号", "院落序号", "小区序号"),
    "households": ("households", "户数", "总户数", "住户数", "居民户数", "household"),
    "address": ("address", "地址", "详细地址"),
    "property_kind": ("property_kind", "property_k"),
    "built_year": ("built_year", "建成年份", "建成年代", "建筑年代"),
}
LABELS = {
    "code": gettext_lazy("Code"),
    "name": gettext_lazy("Name of the area or compound"),
    "level": gettext_lazy("Level"),
    "parent": gettext_lazy("Code one level up"),
    "micro_grid": gettext_lazy("Micro-grid of a compound"),
    "number": gettext_lazy("Number of a compound"),
    "households": gettext_lazy("Households"),
    "address": gettext_lazy("Address"),
    "property_kind": gettext_lazy("Kept by"),
    "built_year": gettext_lazy("Built in"),
}
KIND_WORDS = {
    **{kind: kind for kind in KINDS},
    **dict.fromkeys(("区", "县", "区县", "市辖区"), Level.DISTRICT.value),
    **dict.fromkeys(("街道", "乡镇", "街道乡镇", "镇", "乡"), Level.SUBDISTRICT.value),
    **dict.fromkeys(("社区", "村", "社区村"), Level.COMMUNITY.value),
    "网格": Level.GRID.value,
    **dict.fromkeys(("微网格", "microgrid"), Level.MICRO_GRID.value),
    **dict.fromkeys(("小区", "院落", "楼院", "居民楼院", "居民小区"), COMPOUND),
}
COUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.0*)?(?:户|家|年|号)?")
# The first integer a decimal number of JSON or a table no longer holds exactly; codes of 17 digits lie above.
EXACT = 2**53
# A code as text that was a decimal number before: 6.20102E+16, or 620102017005.0.
SCIENTIFIC = re.compile(r"[0-9]\.[0-9]+E\+[0-9]{1,2}", re.IGNORECASE)
WITH_POINT = re.compile(r"([0-9]{6,})\.0*")


def columns_of(features: Iterable[Any]) -> list[Column]:
    """The properties of the first features, in their order, each with its first value that says something."""
    found: dict[str, str] = {}
    for feature in list(features)[:LOOKED_AT]:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        for name, value in properties.items() if isinstance(properties, dict) else ():
            if not found.get(name) and (name in found or len(found) < MAX_COLUMNS):
                found[name] = _example(value)
    return [Column(name, example) for name, example in found.items() if not CONTROL.search(name)]


def _example(value: Any) -> str:
    is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return CONTROL.sub("", str(value)[:EXAMPLE_LENGTH]) if is_plain else ""


def reading_of(columns: Iterable[Column]) -> dict[str, str]:
    """For each thing a feature may say the property that says it, as far as its name tells."""
    known: dict[str, Column] = {}
    for column in columns:
        known.setdefault(_key(column.name), column)
    reading = {}
    for field, aliases in NAMES.items():
        found = [known[_key(alias)] for alias in aliases if _key(alias) in known]
        if found:
            # One that says nothing stands behind: KML has an empty Name beside 名称.
            reading[field] = min(found, key=lambda column: not column.example).name
    return reading


def says_too_little(reading: Mapping[str, str]) -> bool:
    """Whether nothing can be read: no name, or no code and nothing to make one of."""
    return "name" not in reading or not ("code" in reading or {"number", "micro_grid"} <= set(reading))


def _key(name: str) -> str:
    return re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", name).casefold())


def plain_text(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip()


def kind_of(value: Any) -> str:
    """The level a property names, or compound. Refused for anything else."""
    word = _key(value) if isinstance(value, str) else ""
    kind = KIND_WORDS.get(word) or {_key(kind): kind for kind in KINDS}.get(word)
    if kind is None:
        raise Refused(_("The property level must be one of: %(levels)s.") % {"levels": ", ".join(KINDS)})
    return kind


def text_of(properties: Mapping[str, Any], key: str, length: int, *, required: bool = True) -> str:
    """A text of 1 to `length` characters, or "" when it may be missing."""
    value = properties.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
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


def code_of(properties: Mapping[str, Any], key: str, length: int, *, required: bool = True) -> str:
    """A code as text: full-width digits and whole numbers are taken, a number that lost digits is explained."""
    value = properties.get(key)
    if isinstance(value, str) and not CONTROL.search(value):
        value = plain_text(value)
        if found := WITH_POINT.fullmatch(value):
            value = float(found[1])
        elif SCIENTIFIC.fullmatch(value):
            raise _lost_digits()
    if isinstance(value, float):
        if not value.is_integer() or abs(value) >= EXACT:
            raise _lost_digits()
        value = int(value)
    return text_of({key: value}, key, length, required=required)


def _lost_digits() -> Refused:
    return Refused(_("The code became a decimal number when the file was saved. Set it to text."))


def count_of(properties: Mapping[str, Any], key: str, largest: int = MAX_INTEGER) -> int | None:
    """A whole number, also written 189户, 189.0, １８９ or 1,189; None when it is not given."""
    value = properties.get(key)
    if isinstance(value, str):
        value = plain_text(value).replace(" ", "")
        if not value:
            return None
        found = COUNT.fullmatch(value)
        value = int(found[1].replace(",", "")) if found else value
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise Refused(_("The property %(key)s must be a whole number.") % {"key": key})
    return value
