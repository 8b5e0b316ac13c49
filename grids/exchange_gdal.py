"""Reads shapefiles, KML and GeoPackage by GDAL into GeoJSON features. Only the bounded process calls it.

SECURITY: GDAL opens nothing but our own copy of the upload, with the one driver its ending stands for.
"""

import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from ctypes import c_char_p, c_void_p
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.contrib.gis.gdal import DataSource, Driver, GDALException
from django.contrib.gis.gdal.feature import Feature
from django.contrib.gis.gdal.layer import Layer
from django.contrib.gis.gdal.prototypes import ds as capi
from django.utils.translation import gettext as _

from grids.exchange_base import Limits, Refused
from grids.geojson import ENCODINGS, other_system

# With the plain driver where the richer one is not installed.
DRIVERS = {".zip": (b"ESRI Shapefile",), ".kml": (b"LIBKML", b"KML"), ".gpkg": (b"GPKG",)}
PARTS_OF_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
MAX_UNPACKED_BYTES = 60 * 1024 * 1024
MAX_LAYERS = 20
# What KML says of the look of a placemark.
LOOKS = {
    *(
        "timestamp",
        "begin",
        "end",
        "altitudeMode",
        "tessellate",
        "extrude",
        "visibility",
        "drawOrder",
        "icon",
    ),
}
# Names under which files declare WGS-84 or the equal CGCS2000.
KNOWN_SYSTEMS = {
    "WGS 84", "WGS84", "GCS_WGS_1984", "WGS 84 (CRS84)", "CGCS2000", "China Geodetic Coordinate System 2000",
    "GCS_China_Geodetic_Coordinate_System_2000", "Undefined geographic SRS",
}  # fmt: skip
# The byte of a table that names its language, and the value that stands for GBK.
DBF_LANGUAGE, DBF_GBK = 29, b"\x4d"
# A GeoPackage's own index; any other virtual table or view may read what is not in the file.
FOREIGN_SQL = """
    SELECT count(*) FROM sqlite_master
    WHERE type = 'view' OR (sql LIKE 'CREATE VIRTUAL%' AND sql NOT LIKE '%USING rtree%')
"""


def features_by_gdal(content: bytes, suffix: str, folder: Path, limits: Limits | None) -> list[Any]:
    """The features of all layers as GeoJSON has them. `folder` is empty and ours; Refused tells what is wrong."""
    try:
        files = (
            _unpacked(content, folder) if suffix == ".zip" else [_stored(content, folder / f"file{suffix}")]
        )
        features: list[Any] = []
        for file in files:
            for feature in _features(_opened(file, suffix), _decoder(file)):
                features.append(feature)
                if limits and len(features) > limits.features:
                    return features  # too many, whatever follows
    except (GDALException, zipfile.BadZipFile, sqlite3.Error, RuntimeError) as error:
        raise Refused(_("The file is damaged, or it is not what its ending says.")) from error
    if not features:
        raise Refused(_("The file holds no features."))
    return features


def _stored(content: bytes, path: Path) -> Path:
    path.write_bytes(content)
    return path


def _unpacked(content: bytes, folder: Path) -> list[Path]:
    """The shapefiles of an archive under names of ours: nothing else leaves it, and no path of it is followed."""
    archive = _stored(content, folder / "file.zip")
    with zipfile.ZipFile(archive) as packed:
        entries = [entry for entry in packed.infolist() if _suffix(entry) in PARTS_OF_SHAPEFILE]
        stems = sorted({_stem(entry) for entry in entries if _suffix(entry) == ".shp"})
        if not stems:
            raise Refused(_("The archive holds no shapefile (.shp)."))
        if len(stems) > MAX_LAYERS or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise Refused(_("The archive holds too much. Pack one shapefile alone."))
        for entry in entries:
            if _stem(entry) in stems:
                with packed.open(entry) as source:
                    # SECURITY: an archive may hold more than it declares.
                    part = source.read(entry.file_size + 1)
                if len(part) > entry.file_size:
                    raise zipfile.BadZipFile
                (folder / f"layer{stems.index(_stem(entry))}{_suffix(entry)}").write_bytes(part)
    return [folder / f"layer{number}.shp" for number in range(len(stems))]


def _suffix(entry: zipfile.ZipInfo) -> str:
    return Path(entry.filename).suffix.lower()


def _stem(entry: zipfile.ZipInfo) -> str:
    return entry.filename[: -len(_suffix(entry))].lower()


def _opened(path: Path, suffix: str) -> DataSource:
    if suffix == ".gpkg":
        _check_geopackage(path)
    Driver.ensure_registered()
    drivers = (c_char_p * (len(DRIVERS[suffix]) + 1))(*DRIVERS[suffix], None)
    flags = capi.GDAL_OF_READONLY | capi.GDAL_OF_VECTOR
    pointer = capi.open_ds(str(path).encode(), flags, drivers, None, None)
    # The process switches GDAL's own conversion of shapefiles off: it takes what is not declared for Latin-1.
    encoding = "latin-1" if suffix == ".zip" else "utf-8"
    return DataSource(pointer, c_void_p(), encoding=encoding)  # type: ignore[arg-type]


def _check_geopackage(path: Path) -> None:
    database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        if database.execute(FOREIGN_SQL).fetchone()[0]:
            raise Refused(_("The GeoPackage holds views or virtual tables. Export the layer alone."))
    finally:
        database.close()


def _features(source: DataSource, decoded: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    if source.layer_count > MAX_LAYERS:
        raise Refused(_("The file has more than %(limit)s layers.") % {"limit": MAX_LAYERS})
    for layer in (source[place] for place in range(source.layer_count)):
        _check_system(layer)
        for feature in layer:
            fields = [feature[place] for place in range(feature.num_fields)]
            values = {decoded(field.name): _value(field.value, decoded) for field in fields}
            properties = {name: value for name, value in values.items() if name not in LOOKS}
            yield {"type": "Feature", "properties": properties, "geometry": _geometry(feature)}


def _check_system(layer: Layer) -> None:
    """Longitude and latitude only; a file that does not say is what the form declares."""
    system = layer.srs
    if system is not None and not (system.geographic and system.name in KNOWN_SYSTEMS):
        raise other_system()


def _value(value: Any, decoded: Callable[[str], str]) -> Any:
    """A field's value as JSON has it."""
    if isinstance(value, str):
        return decoded(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value if isinstance(value, int | float | None) else None


def _geometry(feature: Feature) -> Any:
    try:
        return json.loads(feature.geom.json)
    except (GDALException, ValueError):
        return None


def _decoder(path: Path) -> Callable[[str], str]:
    """Reads the text of a file: UTF-8 is given as such, of a shapefile the bytes in the encoding it declares."""
    if path.suffix != ".shp":
        return str
    declared = path.with_suffix(".cpg")
    label = declared.read_bytes()[:20].upper() if declared.exists() else b""
    table = path.with_suffix(".dbf")
    is_chinese = b"GB" in label or b"936" in label
    if not label and table.exists():
        is_chinese = table.read_bytes()[DBF_LANGUAGE : DBF_LANGUAGE + 1] == DBF_GBK
    encodings = ("gb18030",) if is_chinese else ENCODINGS

    def decoded(text: str) -> str:
        content = text.encode("latin-1", "replace")
        for encoding in encodings:
            with suppress(UnicodeDecodeError):
                return content.decode(encoding)
        return content.decode("utf-8", "replace")

    return decoded
