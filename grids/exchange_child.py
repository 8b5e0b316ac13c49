"""The program that reads an uploaded file, started by exchange_process as a child with set limits (core/limited.py).

SECURITY: it limits its memory and time before it looks at the file, has no secrets and no database, and answers in
JSON, which is taken as data.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.utils import translation

from core.limited import limit


def main() -> None:
    task = json.loads(sys.stdin.buffer.readline())
    limit(seconds=task["seconds"], most_bytes=task["megabytes"] * 1024 * 1024)
    # GDAL leaves the bytes of a shapefile's texts alone; it would take what is not declared for Latin-1.
    os.environ["SHAPE_ENCODING"] = ""
    settings.configure(USE_I18N=True, **task["settings"])
    django.setup()
    translation.activate(settings.LANGUAGE_CODE)
    sys.stdout.write(json.dumps(read(task, sys.stdin.buffer.read())))


def read(task: dict[str, Any], content: bytes) -> dict[str, Any]:
    """The file's rows and problems as JSON holds them."""
    from grids.exchange_base import Limits, Parsed, Problem, Refused  # Django is set up only now
    from grids.geojson import features_of, parse_features

    limits = Limits(**task["limits"]) if task["limits"] else None
    try:
        if task["suffix"] in (".geojson", ".json"):
            features = features_of(content)
        else:
            from grids.exchange_gdal import features_by_gdal  # GDAL is loaded for its own formats only

            features = features_by_gdal(content, task["suffix"], Path(task["folder"]), limits)
    except Refused as error:
        parsed = Parsed(problems=[Problem(0, "", str(error))])
    else:
        parsed = parse_features(
            features, crs=task["crs"], repair=task["repair"], limits=limits, reading=task["reading"]
        )
    return {
        "rows": [
            {**vars(row), "geometry": row.geometry.hexewkb.decode() if row.geometry else None}
            for row in parsed.rows
        ],
        "problems": [vars(problem) for problem in parsed.problems],
        "columns": [vars(column) for column in parsed.columns],
        "reading": parsed.reading,
        "is_unnamed": parsed.is_unnamed,
        "peak_mb": peak_mb(),
    }


def peak_mb() -> int:
    """The most memory this process had. Not `ru_maxrss`: that begins with what the process had that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    main()
