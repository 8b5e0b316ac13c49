"""Files as map programs write them, made by GDAL itself (which QGIS writes with too)."""

import io
import json
import zipfile
from ctypes import POINTER, c_char_p, c_int, c_void_p
from pathlib import Path
from typing import Any

from django.contrib.gis.gdal import Driver
from django.contrib.gis.gdal.libgdal import lgdal
from django.contrib.gis.gdal.prototypes import ds

_options = lgdal["GDALVectorTranslateOptionsNew"]
_options.argtypes, _options.restype = [POINTER(c_char_p), c_void_p], c_void_p
_translate = lgdal["GDALVectorTranslate"]
_translate.argtypes = [c_char_p, c_void_p, c_int, POINTER(c_void_p), c_void_p, POINTER(c_int)]
_translate.restype = c_void_p
_close = lgdal["GDALClose"]
_close.argtypes = [c_void_p]


def written(folder: Path, features: list[dict[str, Any]], name: str, driver: str, *options: str) -> bytes:
    """The features as GDAL's driver writes them; of a shapefile the zip that holds all its parts."""
    source, target = folder / "source.geojson", folder / name
    source.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    Driver.ensure_registered()
    opened = ds.open_ds(str(source).encode(), ds.GDAL_OF_READONLY | ds.GDAL_OF_VECTOR, None, None, None)
    words = ["-f", driver, *options]
    made = _translate(
        str(target).encode(),
        None,
        1,
        (c_void_p * 1)(opened),
        _options((c_char_p * (len(words) + 1))(*[word.encode() for word in words], None), None),
        c_int(),
    )
    assert made, f"GDAL could not write {name}"
    _close(made)
    _close(opened)
    return zipped(folder, target.stem) if target.suffix == ".shp" else target.read_bytes()


def zipped(folder: Path, stem: str) -> bytes:
    """All files of this name in one archive, in a folder of it, as one packs them by hand."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.glob(f"{stem}.*")):
            archive.write(part, f"网格/{part.name}")
    return packed.getvalue()
