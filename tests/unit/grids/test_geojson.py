"""The reader of GeoJSON files: whatever a file holds, it answers with rows and sentences."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grids.choices import SourceCrs
from grids.coords import wgs84_to_gcj02
from grids.geojson import PAGE_LIMITS, Limits, Parsed, parse

SQUARE = [[[103.84, 36.04], [103.841, 36.04], [103.841, 36.041], [103.84, 36.041], [103.84, 36.04]]]
BOW_TIE = [[[103.84, 36.04], [103.841, 36.041], [103.841, 36.04], [103.84, 36.041], [103.84, 36.04]]]
MICRO_GRID = {"level": "micro_grid", "code": "62010201700500101", "name": "第1微网格"}


def area(coordinates: Any = SQUARE, kind: str = "Polygon", **properties: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {**MICRO_GRID, **properties}, "geometry": geometry}


def read(*features: Any, crs: str = SourceCrs.WGS84, **options: Any) -> Parsed:
    content = json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()
    return parse(content, crs=crs, **options)


def refusal(*features: Any, **options: Any) -> str:
    parsed = read(*features, **options)
    assert parsed.rows == []
    (problem,) = parsed.problems
    return problem.message


def test_a_good_row_is_read_with_its_outline() -> None:
    (row,) = read(area()).rows
    assert (row.row, row.kind, row.code, row.parent) == (
        1,
        "micro_grid",
        MICRO_GRID["code"],
        "620102017005001",
    )
    assert row.geometry is not None
    assert row.geometry.geom_type == "MultiPolygon"
    assert row.geometry.srid == 4326
    assert row.notes == []


def test_positions_in_gcj02_are_converted() -> None:
    shifted = [[list(wgs84_to_gcj02(*position)) for position in SQUARE[0]]]
    (row,) = read(area(shifted), crs=SourceCrs.GCJ02).rows
    assert row.geometry is not None
    assert row.geometry.extent == pytest.approx((103.84, 36.04, 103.841, 36.041), abs=1e-7)


def test_heights_are_dropped() -> None:
    (row,) = read(area([[[*position, 1500.0] for position in SQUARE[0]]])).rows
    assert row.geometry is not None
    assert not row.geometry.hasz


def test_an_open_ring_is_closed_with_a_word() -> None:
    (row,) = read(area([SQUARE[0][:-1]])).rows
    assert len(row.notes) == 1


def test_an_outline_that_crosses_itself_is_refused_with_the_spot() -> None:
    assert "103.8405" in refusal(area(BOW_TIE))


def test_an_outline_that_crosses_itself_is_repaired_on_request_with_a_word() -> None:
    (row,) = read(area(BOW_TIE), repair=True).rows
    assert row.geometry is not None
    assert row.geometry.valid
    assert len(row.geometry) == 2
    assert len(row.notes) == 1


def test_a_code_as_a_number_is_taken_as_text() -> None:
    (row,) = read(area(code=62010201700500101)).rows
    assert row.code == "62010201700500101"


def test_a_code_in_full_width_digits_is_read() -> None:
    (row,) = read(area(code="６２０１０２０１７００５００１０１")).rows
    assert row.code == MICRO_GRID["code"]


@pytest.mark.parametrize("code", [6.2010201700500101e16, "6.20102E+16", "62010201700500104.0"])
def test_a_code_that_became_a_decimal_number_is_explained(code: Any) -> None:
    assert refusal(area(code=code)) == "编码在保存时变成了小数，请设为文本。"


@pytest.mark.parametrize("code", [620102017005.0, "620102017005.0"])
def test_a_short_code_as_a_decimal_number_lost_nothing_and_is_read(code: Any) -> None:
    (row,) = read(area(level="community", code=code)).rows
    assert row.code == "620102017005"


@pytest.mark.parametrize("code", ["12E3", "3.5", "1e5"])
def test_a_compounds_code_that_looks_like_a_number_stays_as_it_is(code: str) -> None:
    feature = area(level="compound", code=code)
    (row,) = read(feature).rows
    assert row.code == code


@pytest.mark.parametrize("households", [189, 189.0, "189", "189.0", "189户", " １８９ 户", "１８９"])
def test_a_number_is_read_as_people_write_it(households: Any) -> None:
    (row,) = read(area(households=households)).rows
    assert row.facts == {"households_hint": 189}


def test_thousands_may_be_parted_by_a_comma() -> None:
    (row,) = read(area(households="1,189")).rows
    assert row.facts == {"households_hint": 1189}


@pytest.mark.parametrize(
    ("words", "kind", "code"),
    [
        ("微网格", "micro_grid", MICRO_GRID["code"]),
        ("Micro-grid", "micro_grid", MICRO_GRID["code"]),
        ("MICRO GRID", "micro_grid", MICRO_GRID["code"]),
        ("网格", "grid", "620102017005001"),
        ("社区", "community", "620102017005"),
        ("街道", "subdistrict", "620102017"),
    ],
)
def test_a_level_is_read_in_the_words_of_the_office(words: str, kind: str, code: str) -> None:
    (row,) = read(area(level=words, code=code)).rows
    assert row.kind == kind


@pytest.mark.parametrize(
    "names",
    [
        ("名称", "编码"),
        ("NAME", "CODE"),
        ("网格名称", "网格编码"),
        ("小区名称", "代码"),
        ("Name", "区划代码"),
    ],
)
def test_properties_are_known_by_the_names_other_systems_give_them(names: tuple[str, str]) -> None:
    """Without a level the length of the code tells it."""
    feature = area()
    feature["properties"] = {names[0]: "第1微网格", names[1]: MICRO_GRID["code"]}
    (row,) = read(feature).rows
    assert (row.kind, row.name, row.code) == ("micro_grid", "第1微网格", MICRO_GRID["code"])


def test_digits_of_a_length_no_level_has_are_no_compound() -> None:
    feature = area()
    feature["properties"] = {"name": "第1微网格", "code": "6201020170050010"}
    assert "level" in refusal(feature)


def test_names_that_say_nothing_ask_for_a_reading() -> None:
    feature = area()
    feature["properties"] = {"A": "第1微网格", "B": MICRO_GRID["code"]}
    parsed = read(feature)
    assert parsed.is_unnamed
    assert [(column.name, column.example) for column in parsed.columns] == [
        ("A", "第1微网格"),
        ("B", MICRO_GRID["code"]),
    ]
    (row,) = read(feature, reading={"name": "A", "code": "B"}).rows
    assert row.name == "第1微网格"


def test_a_single_feature_is_read() -> None:
    parsed = parse(json.dumps(area()).encode(), crs=SourceCrs.WGS84)
    assert [row.code for row in parsed.rows] == [MICRO_GRID["code"]]


def test_what_a_file_does_not_say_is_left_alone() -> None:
    feature = {
        "type": "Feature",
        "properties": {"level": "compound", "code": "C-1", "name": "院", "households": None},
        "geometry": None,
    }
    (row,) = read(feature).rows
    assert row.facts == {"households": None}


EAST = [[[103.841, 36.04], [103.842, 36.04], [103.842, 36.041], [103.841, 36.041], [103.841, 36.04]]]


@pytest.mark.parametrize("repair", [False, True])
def test_touching_parts_are_united_without_a_word(repair: bool) -> None:
    (row,) = read(area([SQUARE, EAST], kind="MultiPolygon"), repair=repair).rows
    assert row.geometry is not None
    assert len(row.geometry) == 1
    assert row.geometry.extent == pytest.approx((103.84, 36.04, 103.842, 36.041))
    assert row.notes == []
    assert not row.is_repaired


def test_overlapping_parts_are_united_on_request_only_and_nothing_is_lost() -> None:
    over = [[[lng + 0.0005, lat] for lng, lat in SQUARE[0]]]
    assert refusal(area([SQUARE, over], kind="MultiPolygon"))
    (row,) = read(area([SQUARE, over], kind="MultiPolygon"), repair=True).rows
    assert row.geometry is not None
    assert row.geometry.extent == pytest.approx((103.84, 36.04, 103.8415, 36.041))
    assert len(row.geometry) == 1
    assert row.lost_m2 == 0


def test_a_repair_says_how_many_square_metres_within_the_line_are_lost() -> None:
    """A pentagram: the line encloses the middle twice, the repair makes it a hole."""
    corners = [(0, 10), (5.88, -8.09), (-9.51, 3.09), (9.51, 3.09), (-5.88, -8.09), (0, 10)]
    star = [[[103.84 + x * 1e-4, 36.04 + y * 1e-4] for x, y in corners]]
    (row,) = read(area(star), repair=True).rows
    # The pentagon within a star of radius r covers 0.347 r²; a ten-thousandth of a degree is 9 by 11 m.
    assert row.lost_m2 == pytest.approx(0.347 * 100 * 8.99 * 11.12, rel=0.02)


def test_a_repair_of_a_bow_tie_loses_nothing() -> None:
    (row,) = read(area(BOW_TIE), repair=True).rows
    assert row.lost_m2 == 0


def test_a_repaired_hole_stays_a_hole() -> None:
    hole = [[lng * 0.2 + 103.84 * 0.8 + 0.0004, lat * 0.2 + 36.04 * 0.8 + 0.0001] for lng, lat in SQUARE[0]]
    loop = [*SQUARE[0][:3], [103.8404, 36.0412], [103.8406, 36.0412], *SQUARE[0][3:]]
    (row,) = read(area([loop, hole]), repair=True).rows
    assert row.geometry is not None
    assert sum(len(part) - 1 for part in row.geometry) == 1
    assert row.lost_m2 == pytest.approx(0, abs=1)


def test_a_repeated_code_names_the_first_row() -> None:
    parsed = read(area(), area())
    assert len(parsed.rows) == 1
    (problem,) = parsed.problems
    assert problem.row == 2
    assert MICRO_GRID["code"] in problem.message
    assert "1" in problem.message


def test_every_bad_row_has_its_own_message() -> None:
    parsed = read(area(), area(level="city"), area(code="1"), {"type": "Feature"})
    assert [problem.row for problem in parsed.problems] == [2, 3, 4]


@pytest.mark.parametrize(
    "feature",
    [
        "text",
        None,
        {"type": "Point"},
        {"type": "Feature", "properties": None, "geometry": None},
        area(level=None),
        area(level=["grid"]),
        area(level="grid"),
        area(code=True),
        area(code=6.2e16),
        area(code="62010201700500101 OR 1=1"),
        area(parent="620102017006001"),
        area(name=""),
        area(name="   "),
        area(name=5.5),
        area(name="网" * 31),
        area(name="a\x00b"),
        area(name="\ud800"),
        area(households=-1),
        area(households="many"),
        area(households=10**12),
        area(kind="Point", coordinates=[103.84, 36.04]),
        area(kind="LineString"),
        area(kind=["Polygon"]),
        area([]),
        area([[]]),
        area([[[103.84, 36.04]]]),
        area([[[103.84, 36.04], [103.841, 36.04], [103.84, 36.04]]]),
        area([[[103.84, 36.04]] * 5]),
        area([[[36.04, 103.84]] * 5]),
        area([[["103.84", "36.04"]] * 5]),
        area([[[True, False]] * 5]),
        area([[[10**400, 36.04]] * 5]),
        area([[[181, 36.04], [182, 36.04], [182, 36.1], [181, 36.04]]]),
        area("SQUARE"),
        {**area(), "geometry": None},
        {**area(), "geometry": "POLYGON((0 0, 1 1))"},
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_a_sentence(feature: Any) -> None:
    assert len(refusal(feature)) > 5


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00\x01",
        b"PK\x03\x04zip",
        b"{}",
        b"[]",
        b"null",
        b'{"type":"Polygon","coordinates":[]}',
        b'{"type":"FeatureCollection"}',
        b'{"type":"FeatureCollection","features":[]}',
        b'{"type":"FeatureCollection","features":{"a":1}}',
        b'{"type":"FeatureCollection","features":[NaN]}',
        b'{"type":"FeatureCollection","features":[Infinity]}',
        b'{"type":"FeatureCollection","features":[' + b"9" * 5000 + b"]}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3857"}},"features":[1]}',
        b'{"type":"FeatureCollection","crs":"x","features":[1]}',
    ],
)
def test_a_file_that_is_no_geojson_is_refused_as_a_whole(content: bytes) -> None:
    parsed = parse(content, crs=SourceCrs.WGS84)
    assert parsed.rows == []
    assert [problem.row for problem in parsed.problems] == [0]


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_beyond_all_measure_is_refused_in_its_row(number: str) -> None:
    content = json.dumps({"type": "FeatureCollection", "features": [area()]}).replace("103.841", number)
    parsed = parse(content.encode(), crs=SourceCrs.BD09)
    assert parsed.rows == []
    assert [problem.row for problem in parsed.problems] == [1]


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"},
        {"name": "EPSG:4326"},
        {"name": "urn:ogc:def:crs:EPSG::4490"},
        {"name": "urn:ogc:def:crs:EPSG:6.9:4326"},
        {"code": 4326},
    ],
)
def test_a_declared_geographic_system_is_accepted(facts: dict[str, Any]) -> None:
    document = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": facts},
        "features": [area()],
    }
    assert parse(json.dumps(document).encode(), crs=SourceCrs.WGS84).problems == []


def test_a_byte_order_mark_does_not_matter() -> None:
    content = b"\xef\xbb\xbf" + json.dumps({"type": "FeatureCollection", "features": [area()]}).encode()
    assert parse(content, crs=SourceCrs.WGS84).problems == []


def test_fifty_thousand_points_in_one_outline_are_too_many_for_the_page_only() -> None:
    ring = [[103.84 + i * 1e-8, 36.04] for i in range(50_000)]
    outline = area([[*ring, [103.841, 36.041], ring[0]]])
    assert "20000" in refusal(outline, limits=PAGE_LIMITS)
    assert len(read(outline).rows) == 1


def test_fifty_thousand_features_are_too_many_for_the_page() -> None:
    points = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Point", "coordinates": [103.8, 36.0]},
    }
    assert "50000" in refusal(*[points] * 50_000, limits=PAGE_LIMITS)


def test_points_are_counted_over_all_rows() -> None:
    limits = Limits(features=10, points=8, outline_points=6)
    parsed = read(area(), area(code="62010201700500102"), limits=limits)
    assert [problem.row for problem in parsed.problems] == [2]


def test_a_compound_gets_a_code_from_its_number_and_may_be_a_point() -> None:
    compound = {
        "type": "Feature",
        "properties": {"level": "compound", "number": 3, "name": "家属院", "micro_grid": MICRO_GRID["code"]},
        "geometry": {"type": "Point", "coordinates": [103.8405, 36.0405]},
    }
    (row,) = read(compound).rows
    assert row.code == "620102017005-003"
    assert row.geometry is not None
    assert row.geometry.geom_type == "Point"


@pytest.mark.parametrize(
    "properties",
    [
        {"name": "院"},
        {"name": "院", "number": 1},
        {"name": "院", "micro_grid": MICRO_GRID["code"]},
        {"name": "院", "code": "C1", "micro_grid": "123"},
        {"name": "院", "code": "C1", "property_kind": "castle"},
        {"name": "院", "code": "C1", "built_year": 99_999},
        {"name": "院", "code": "C" * 31},
    ],
)
def test_a_compound_that_cannot_be_placed_or_named_is_refused(properties: dict[str, Any]) -> None:
    feature = {"type": "Feature", "properties": {"level": "compound", **properties}, "geometry": None}
    assert refusal(feature)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers() | st.sampled_from([103.84, 36.04])
RINGS = st.lists(st.lists(st.lists(NUMBERS, min_size=1, max_size=3), max_size=6), max_size=3)
LEVELS = st.sampled_from(["community", "grid", "micro_grid", "compound"])
PROPERTIES = st.fixed_dictionaries(
    {"level": LEVELS | JSON, "code": st.from_regex(r"[0-9]{12,17}", fullmatch=True) | JSON, "name": JSON},
    optional={"parent": JSON, "micro_grid": JSON, "number": JSON, "households": JSON, "property_kind": JSON},
)
GEOMETRIES = st.fixed_dictionaries(
    {"type": st.sampled_from(["Polygon", "MultiPolygon", "Point"]) | JSON, "coordinates": RINGS | JSON}
)
FEATURES = (
    st.fixed_dictionaries(
        {"type": st.just("Feature"), "properties": PROPERTIES | JSON, "geometry": GEOMETRIES | JSON}
    )
    | JSON
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FEATURES, max_size=4), st.sampled_from(SourceCrs.values), st.booleans())
def test_no_features_of_any_shape_break_the_reader(features: list[Any], crs: str, repair: bool) -> None:
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    parsed = parse(content, crs=crs, repair=repair, limits=PAGE_LIMITS)
    assert all(row.geometry is None or row.geometry.valid for row in parsed.rows)
    assert len(parsed.rows) + len(parsed.problems) == (len(features) if 0 not in _places(parsed) else 1)


def _places(parsed: Parsed) -> set[int]:
    return {problem.row for problem in parsed.problems}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    assert parse(content, crs=SourceCrs.BD09).problems
