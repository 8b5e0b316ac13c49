"""Reads an uploaded file in a child process with set limits and takes its answer as data."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.utils import translation
from django.utils.translation import gettext as _

from core.limited import answer_of
from grids.exchange_base import Column, Limits, Parsed, Problem, Row

logger = logging.getLogger(__name__)

SUFFIXES = (".geojson", ".json", ".zip", ".kml", ".gpkg")


@dataclass(frozen=True)
class Bounds:
    """What reading one file may cost: memory beyond what the program starts with, and computing time."""

    megabytes: int
    seconds: int


# The largest file a page takes, 200,000 points in BD-09, needs a third of both.
PAGE_BOUNDS = Bounds(megabytes=640, seconds=15)
# The command takes any size.
COMMAND_BOUNDS = Bounds(megabytes=4096, seconds=1800)


def read_file(
    content: bytes,
    file_name: str,
    *,
    crs: str,
    repair: bool = False,
    limits: Limits | None = None,
    reading: Mapping[str, str] | None = None,
    bounds: Bounds | None = None,
) -> Parsed:
    """As `grids.geojson.parse`, for every format; a file that needs more than its bounds is one problem."""
    bounds = bounds or (PAGE_BOUNDS if limits else COMMAND_BOUNDS)
    suffix = Path(file_name).suffix.lower()
    with TemporaryDirectory(prefix="weige-import-") as folder:
        task = {
            "suffix": suffix if suffix in SUFFIXES else SUFFIXES[0],
            "folder": folder,
            "crs": crs,
            "repair": repair,
            "limits": asdict(limits) if limits else None,
            "reading": dict(reading) if reading else None,
            "settings": _settings(),
            "megabytes": bounds.megabytes,
            "seconds": bounds.seconds,
        }
        answer = _answer(json.dumps(task).encode() + b"\n" + content, bounds)
    if answer is None:
        return Parsed(problems=[Problem(0, "", _too_much())])
    return Parsed(
        rows=[Row(**{**row, "geometry": _geometry(row["geometry"])}) for row in answer["rows"]],
        problems=[Problem(**problem) for problem in answer["problems"]],
        columns=[Column(**column) for column in answer["columns"]],
        reading=answer["reading"],
        is_unnamed=answer["is_unnamed"],
        peak_mb=answer["peak_mb"],
    )


def _settings() -> dict[str, Any]:
    """Those of the site's settings that the program needs; none of them is secret."""
    found: dict[str, Any] = {"LANGUAGE_CODE": translation.get_language() or settings.LANGUAGE_CODE}
    found["LOCALE_PATHS"] = [str(path) for path in settings.LOCALE_PATHS]
    libraries = ("GDAL_LIBRARY_PATH", "GEOS_LIBRARY_PATH")
    return found | {name: str(getattr(settings, name)) for name in libraries if hasattr(settings, name)}


def _answer(sent: bytes, bounds: Bounds) -> dict[str, Any] | None:
    """What the program answers; None when it used up its memory or time, or crashed over the file."""
    try:
        answer: dict[str, Any] = json.loads(
            answer_of("grids.exchange_child", sent, seconds=bounds.seconds * 2)
        )
    except (TimeoutError, ValueError):
        return None
    except RuntimeError as error:
        # The last line of the traceback alone: the rest may quote the file.
        logger.warning("reading an import ended with: %s", str(error).strip().rpartition("\n")[2][:200])
        return None
    return answer


def _geometry(shape: str | None) -> Any:
    return GEOSGeometry(shape) if shape else None


def _too_much() -> str:
    return _(
        "Reading the file takes too much time or memory; its outlines may be tangled. Divide or simplify it, then "
        "choose it again."
    )
