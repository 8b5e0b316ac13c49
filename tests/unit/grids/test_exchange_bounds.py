"""Outlines made to hurt: tangles, combs, endless nesting. Each is answered in little memory and in time."""

import json
import random
from itertools import count
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone

from grids.choices import SourceCrs
from grids.exchange_base import PAGE_LIMITS
from grids.exchange_process import PAGE_BOUNDS, Bounds, read_file
from grids.exchange_writing import Upload, bring_in
from grids.importing import import_areas
from tests.factories.grids import AreaFactory, Tree

CODES = (f"62010201700{number:06d}" for number in count(500_101))
# The process itself takes 70 MB.
LITTLE_MB = 200


def feature(ring: list[list[float]], code: str = "62010201700500101") -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"level": "micro_grid", "code": code, "name": f"网格{code[-4:]}"},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def tangle(points: int) -> list[list[float]]:
    """Points at random: a line through all of them crosses itself about points²/4.5 times."""
    dice = random.Random(points)
    return [[103.84 + dice.random() / 1000, 36.04 + dice.random() / 1000] for _ in range(points)]


def comb(teeth: int, *, upright: bool) -> list[list[float]]:
    """A valid outline of long thin teeth over a square; an upright and a lying one cross teeth² times."""
    step = 0.001 / teeth / 2
    ring = [[0.0, 0.0]]
    for tooth in range(teeth):
        along = 2 * tooth * step
        ring += [[0.001, along], [0.001, along + step], [0.00001, along + step], [0.00001, along + 2 * step]]
    ring += [[0.0, 0.001]]
    return [[103.84 + (b if upright else a), 36.04 + (a if upright else b)] for a, b in ring]


def measured(content: bytes, *, repair: bool = True) -> tuple[list[str], int]:
    """The problems, and the most memory the reading process had, in MB."""
    parsed = read_file(content, "a.geojson", crs=SourceCrs.WGS84, limits=PAGE_LIMITS, repair=repair)
    return [problem.message for problem in parsed.problems], parsed.peak_mb


@pytest.mark.parametrize("repair", [True, False])
@pytest.mark.parametrize("points", [300, 3_000, 19_000])
def test_a_tangled_outline_is_refused_in_little_memory(points: int, repair: bool) -> None:
    (problem,), peak = measured(collection(feature(tangle(points))), repair=repair)
    assert ("500" in problem) is repair
    assert 0 < peak < LITTLE_MB


def test_many_tangles_in_one_file_are_refused_together() -> None:
    problems, peak = measured(collection(*[feature(tangle(60), next(CODES)) for _ in range(300)]))
    assert len(problems) > 200
    assert peak < LITTLE_MB


def test_a_line_drawn_to_and_fro_ten_thousand_times_is_refused() -> None:
    ring = [[103.84, 36.04], [103.841, 36.041]] * 9_500 + [[103.841, 36.04]]
    problems, peak = measured(collection(feature(ring)))
    assert len(problems) == 1
    assert peak < LITTLE_MB


def test_an_outline_with_as_many_crossings_as_may_be_is_still_repaired() -> None:
    parsed = read_file(
        collection(feature(tangle(45))), "a.geojson", crs=SourceCrs.WGS84, limits=PAGE_LIMITS, repair=True
    )
    (row,) = parsed.rows
    assert row.is_repaired


def test_an_ordinary_outline_of_twenty_thousand_points_with_one_crossing_is_repaired() -> None:
    """A circle with a loop: the count of crossings does not take many points for a tangle."""
    dice = random.Random(1)
    ring = [[103.84 + n * 1e-6, 36.04 + dice.random() * 1e-7] for n in range(19_000)]
    ring += [[103.859, 36.05], [103.8405, 36.05], [103.8405, 36.0395], [103.84, 36.0395]]
    (row,) = read_file(
        collection(feature(ring)), "a.geojson", crs=SourceCrs.WGS84, limits=PAGE_LIMITS, repair=True
    ).rows
    assert row.is_repaired


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 2_000_000,
        b'{"type":"FeatureCollection","features":[' + b'{"a":' * 1_000_000,
        b'{"type":"FeatureCollection","features":[' + b"1e308," * 500_000 + b"1e308]}",
        b'{"type":"FeatureCollection","features":[' + b"9" * 1_000_000 + b"]}",
        collection(feature([[1e308, -1e308], [1e308, 1e308], [-1e308, 1e308]])),
        collection(feature([[1e-320, 0.0], [0.0, 1e-320], [1e-320, 1e-320]])),
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":NaN}]}',
    ],
)
def test_nesting_and_numbers_beyond_measure_are_refused_in_bounded_memory(content: bytes) -> None:
    problems, peak = measured(content)
    assert problems
    assert peak < PAGE_BOUNDS.megabytes / 2


def test_a_file_that_needs_more_memory_than_it_may_have_is_one_problem() -> None:
    content = b'{"type":"FeatureCollection","features":[' + b"[]," * 3_000_000 + b"[]]}"
    bounds = Bounds(megabytes=250, seconds=60)
    parsed = read_file(content, "a.geojson", crs=SourceCrs.WGS84, limits=PAGE_LIMITS, bounds=bounds)
    assert [problem.row for problem in parsed.problems] == [0]


def test_a_file_that_needs_more_time_than_it_may_have_is_one_problem() -> None:
    content = collection(*[feature(tangle(20), next(CODES)) for _ in range(10_000)])
    bounds = Bounds(megabytes=1024, seconds=1)
    parsed = read_file(content, "a.geojson", crs=SourceCrs.BD09, limits=PAGE_LIMITS, bounds=bounds)
    assert [problem.row for problem in parsed.problems] == [0]


MICRO_GRID = "6201020170090010"


def parents() -> None:
    AreaFactory(code="620102017009")
    AreaFactory(code="620102017009001")


def problem_rows(*rows: dict[str, Any]) -> list[int]:
    upload = Upload(collection(*rows), "a.geojson", SourceCrs.WGS84)
    return [problem.row for problem in bring_in(None, upload, PAGE_LIMITS).problems]


def test_valid_outlines_of_a_file_that_cross_each_other_a_million_times_are_refused(tree: Tree) -> None:
    """PostGIS would take minutes and gigabytes, and cannot be stopped."""
    parents()
    rows = [feature(comb(1_500, upright=up), f"{MICRO_GRID}{up + 1}") for up in (True, False)]
    assert len(problem_rows(*rows)) == 1


def test_a_valid_outline_that_crosses_what_stands_a_million_times_is_refused(tree: Tree) -> None:
    parents()
    standing = comb(1_500, upright=True)
    outline = MultiPolygon(Polygon([*standing, standing[0]]), srid=4326)
    AreaFactory(code=f"{MICRO_GRID}1", boundary=outline)
    lying = comb(1_500, upright=False)
    assert problem_rows(feature(lying, f"{MICRO_GRID}2")) == [1]
    assert problem_rows(feature(lying, f"{MICRO_GRID}1")) == [1]
    compound = feature(lying, "C-1")
    compound["properties"] |= {"level": "compound", "micro_grid": f"{MICRO_GRID}1"}
    assert problem_rows(compound) == [1]


def test_neighbours_with_thousands_of_points_on_a_border_each_drew_are_compared(tree: Tree) -> None:
    """The border zigzags within a centimetre: it is crossed at nearly every point."""
    parents()
    dice = random.Random(2)
    border = [[[103.8405 + dice.random() * 1e-7, 36.06 + n * 1e-7] for n in range(3_000)] for _ in range(2)]
    north = 36.06 + 2_999e-7
    west = [[103.84, 36.06], *border[0], [103.84, north]]
    east = [[103.841, 36.06], *border[1], [103.841, north]]
    assert problem_rows(feature(west, f"{MICRO_GRID}1"), feature(east, f"{MICRO_GRID}2")) == []


def test_the_command_refuses_a_tangle_too(tree: Tree) -> None:
    outcome = import_areas(
        actor=None,
        content=collection(feature(tangle(3_000))),
        file_name="a.geojson",
        crs=SourceCrs.WGS84,
        now=timezone.now(),
        repair=True,
    )
    assert [problem.row for problem in outcome.problems] == [1]
