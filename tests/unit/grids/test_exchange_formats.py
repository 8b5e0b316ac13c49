"""Files of map programs: shapefile, KML, GeoPackage and GeoJSON as QGIS writes them, read in the bounded process."""

import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from grids.choices import SourceCrs
from grids.exchange_base import PAGE_LIMITS, Parsed
from grids.exchange_process import read_file
from tests.factories.gis_files import written, zipped

SQUARE = [[[103.84, 36.04], [103.841, 36.04], [103.841, 36.041], [103.84, 36.041], [103.84, 36.04]]]
CODES = ("62010201700500101", "62010201700500102")
EXTENT = (103.84, 36.04, 103.842, 36.041)


def features() -> list[dict[str, Any]]:
    """Two micro-grids side by side, their properties in Chinese as an office names them."""
    east = [[[lng + 0.001, lat] for lng, lat in SQUARE[0]]]
    return [
        {
            "type": "Feature",
            "properties": {"编码": code, "名称": f"第{n}微网格", "级别": "微网格", "户数": f"{180 + n}户"},
            "geometry": {"type": "Polygon", "coordinates": outline},
        }
        for n, (code, outline) in enumerate(zip(CODES, (SQUARE, east), strict=True), start=1)
    ]


def read(content: bytes, name: str) -> Parsed:
    return read_file(content, name, crs=SourceCrs.WGS84, limits=PAGE_LIMITS)


def assert_read(parsed: Parsed) -> None:
    assert parsed.problems == []
    assert [row.code for row in parsed.rows] == list(CODES)
    assert [row.name for row in parsed.rows] == ["第1微网格", "第2微网格"]
    assert [row.kind for row in parsed.rows] == ["micro_grid"] * 2
    assert [row.facts["households_hint"] for row in parsed.rows] == [181, 182]
    boxes = [row.geometry.extent for row in parsed.rows if row.geometry]
    assert boxes[0] == pytest.approx((103.84, 36.04, 103.841, 36.041), abs=1e-7)
    assert boxes[1] == pytest.approx((103.841, 36.04, 103.842, 36.041), abs=1e-7)


def refusal(content: bytes, name: str) -> str:
    parsed = read(content, name)
    assert parsed.rows == []
    (problem,) = parsed.problems
    return problem.message


@pytest.mark.parametrize(
    ("name", "driver", "options"),
    [
        ("a.shp", "ESRI Shapefile", ["-lco", "ENCODING=UTF-8"]),
        ("a.shp", "ESRI Shapefile", ["-lco", "ENCODING=GBK"]),
        ("a.kml", "LIBKML", []),
        ("a.kml", "KML", []),
        ("a.gpkg", "GPKG", ["-nln", "微网格"]),
        ("a.gpkg", "GPKG", ["-nlt", "MULTIPOLYGON25D", "-lco", "SPATIAL_INDEX=NO"]),
        ("a.geojson", "GeoJSON", []),
        ("a.geojson", "GeoJSON", ["-lco", "RFC7946=YES"]),
    ],
)
def test_a_file_as_map_programs_write_it_is_read(
    tmp_path: Path, name: str, driver: str, options: list[str]
) -> None:
    content = written(tmp_path, features(), name, driver, *options)
    assert_read(read(content, name.replace(".shp", ".zip")))


def test_a_shapefile_whose_encoding_is_not_declared_is_read_as_gbk(tmp_path: Path) -> None:
    written(tmp_path, features(), "a.shp", "ESRI Shapefile", "-lco", "ENCODING=GBK")
    (tmp_path / "a.cpg").unlink()
    assert_read(read(zipped(tmp_path, "a"), "a.zip"))
    table = tmp_path / "a.dbf"
    table.write_bytes(table.read_bytes()[:29] + b"\x00" + table.read_bytes()[30:])
    assert_read(read(zipped(tmp_path, "a"), "a.zip"))


def test_a_shapefile_without_projection_is_what_the_form_declares(tmp_path: Path) -> None:
    written(tmp_path, features(), "a.shp", "ESRI Shapefile", "-lco", "ENCODING=UTF-8")
    (tmp_path / "a.prj").unlink()
    assert_read(read(zipped(tmp_path, "a"), "a.zip"))


def test_cgcs2000_is_taken_as_longitude_and_latitude(tmp_path: Path) -> None:
    assert_read(read(written(tmp_path, features(), "a.gpkg", "GPKG", "-a_srs", "EPSG:4490"), "a.gpkg"))
    options = ["-a_srs", "EPSG:4490", "-lco", "ENCODING=UTF-8"]
    assert_read(
        read(
            written(tmp_path, features(), "b.shp", "ESRI Shapefile", *options),
            "b.zip",
        )
    )


@pytest.mark.parametrize(("name", "driver"), [("a.gpkg", "GPKG"), ("a.shp", "ESRI Shapefile")])
def test_a_projected_file_is_refused_with_what_to_save_it_in(tmp_path: Path, name: str, driver: str) -> None:
    content = written(tmp_path, features(), name, driver, "-t_srs", "EPSG:4544")
    assert "EPSG:4326" in refusal(content, name.replace(".shp", ".zip"))


def test_all_layers_of_a_geopackage_are_read(tmp_path: Path) -> None:
    first, second = features()
    written(tmp_path, [first], "a.gpkg", "GPKG", "-nln", "one")
    assert_read(read(written(tmp_path, [second], "a.gpkg", "GPKG", "-nln", "two", "-update"), "a.gpkg"))


def test_a_code_kept_as_a_decimal_number_is_explained(tmp_path: Path) -> None:
    rows = features()
    for row in rows:
        row["properties"]["编码"] = float(row["properties"]["编码"])
    parsed = read(written(tmp_path, rows, "a.gpkg", "GPKG"), "a.gpkg")
    assert [problem.message for problem in parsed.problems] == ["编码在保存时变成了小数，请设为文本。"] * 2


def test_geojson_in_gbk_is_read() -> None:
    content = json.dumps({"type": "FeatureCollection", "features": features()}, ensure_ascii=False)
    assert_read(read(content.encode("gb18030"), "a.geojson"))


def test_a_point_of_kml_becomes_a_compound(tmp_path: Path) -> None:
    row = {
        "type": "Feature",
        "properties": {"name": "家属院", "编码": "C-1", "级别": "小区"},
        "geometry": {"type": "Point", "coordinates": [103.84, 36.04, 1520.0]},
    }
    (read_row,) = read(written(tmp_path, [row], "a.kml", "LIBKML"), "a.kml").rows
    assert (read_row.kind, read_row.code, read_row.name) == ("compound", "C-1", "家属院")
    assert read_row.geometry is not None
    assert read_row.geometry.coords == pytest.approx((103.84, 36.04))


def test_a_placemark_without_place_is_refused_in_its_row(tmp_path: Path) -> None:
    rows = features()
    rows[1]["geometry"] = None
    parsed = read(written(tmp_path, rows, "a.gpkg", "GPKG"), "a.gpkg")
    assert [problem.row for problem in parsed.problems] == [2]


@pytest.mark.parametrize("name", ["a.zip", "a.kml", "a.gpkg"])
@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x00" * 500, b"PK\x03\x04" + b"x" * 90, b"SQLite format 3\x00"]
)
def test_a_damaged_file_is_refused_as_a_whole(name: str, content: bytes) -> None:
    assert len(refusal(content, name)) > 5


# SECURITY: what a file names is never opened.


def test_a_file_is_read_only_as_what_its_ending_says(tmp_path: Path) -> None:
    """A description that makes GDAL open other files or addresses (VRT) under the ending of another format."""
    (tmp_path / "secret.csv").write_text("name,code\nx,1\n")
    layer = f"<OGRVRTLayer name='secret'><SrcDataSource>{tmp_path}/secret.csv</SrcDataSource></OGRVRTLayer>"
    pointer = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    for name in ("a.gpkg", "a.kml", "a.zip"):
        assert len(refusal(pointer.encode(), name)) > 5


def test_a_geopackage_that_reads_elsewhere_by_a_view_or_a_virtual_table_is_refused(tmp_path: Path) -> None:
    for statement in (
        "CREATE VIEW spy AS SELECT 1",
        "CREATE VIRTUAL TABLE spy USING fts4(content)",
    ):
        file = tmp_path / "a.gpkg"
        file.unlink(missing_ok=True)
        written(tmp_path, features(), "a.gpkg", "GPKG")
        database = sqlite3.connect(file)
        database.execute(statement)
        database.commit()
        database.close()
        assert "GeoPackage" in refusal(file.read_bytes(), "a.gpkg")


def archive(**entries: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return packed.getvalue()


def test_an_archive_without_a_shapefile_or_with_too_much_is_refused(tmp_path: Path) -> None:
    assert ".shp" in refusal(archive(**{"a.txt": b"x"}), "a.zip")
    bomb = archive(**{"a.shp": b"\x00" * 61 * 1024 * 1024, "a.dbf": b"x"})
    assert len(bomb) < 100_000
    assert len(refusal(bomb, "a.zip")) > 5


def test_nothing_leaves_an_archive_under_a_path_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, features(), "a.shp", "ESRI Shapefile", "-lco", "ENCODING=UTF-8")
    parts = {f"../../{part.name}": part.read_bytes() for part in tmp_path.glob("a.*")}
    assert_read(read(archive(**parts), "a.zip"))


def test_too_many_features_are_refused_before_all_are_read(tmp_path: Path) -> None:
    rows = [features()[0]] * 30
    content = written(tmp_path, rows, "a.gpkg", "GPKG")
    limits = PAGE_LIMITS.__class__(features=20, points=10_000, outline_points=100)
    (problem,) = read_file(content, "a.gpkg", crs=SourceCrs.WGS84, limits=limits).problems
    assert "20" in problem.message
