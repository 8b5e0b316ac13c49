"""What an import says it changes: new, changed with what, same; a wrong coordinate system; what a repair did."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grids.choices import SourceCrs
from grids.coords import FROM_WGS84, wgs84_to_gcj02
from grids.exchange_base import PAGE_LIMITS
from grids.exchange_changes import CHANGED, NEW, SAME
from grids.exchange_writing import Outcome, Upload, bring_in
from grids.exporting import geojson_lines
from grids.importing import Unseen, confirm_import, import_areas, stage_import
from grids.models import Area, Compound
from tests.factories.grids import CompoundFactory, Tree, box

MICRO_GRID = "62010201700500201"


def feature(level: str, code: str, shape: Any, **properties: Any) -> dict[str, Any]:
    name = properties.pop("name", f"辖区{code}")
    geometry = shape if isinstance(shape, dict) or shape is None else json.loads(shape.geojson)
    return {
        "type": "Feature",
        "properties": {"level": level, "code": code, "name": name, **properties},
        "geometry": geometry,
    }


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def tried(*features: Any, crs: str = SourceCrs.WGS84, repair: bool = False) -> Outcome:
    return bring_in(None, Upload(collection(*features), "a.geojson", crs, repair), PAGE_LIMITS)


def exported(crs: str) -> bytes:
    areas = Area.objects.in_force().select_related("parent")
    return "".join(geojson_lines(areas=areas, compounds=Compound.objects.all(), crs=crs, day="x")).encode()


def moved(shape: Any, crs: str) -> dict[str, Any]:
    """The shape as a map in that system has it."""
    geometry = json.loads(shape.geojson)

    def convert(part: Any) -> Any:
        return list(FROM_WGS84[crs](*part)) if isinstance(part[0], float) else [convert(p) for p in part]

    return {**geometry, "coordinates": convert(geometry["coordinates"])}


@pytest.fixture
def compound(tree: Tree) -> Compound:
    shape = box(0.2, 0.2, 0.4, 0.4)
    return CompoundFactory(
        code="C-3",
        name="院",
        micro_grid=tree["00500101"],
        boundary=shape,
        point=shape.point_on_surface,
        households=60,
        address_text="甘南路1号",
    )


@pytest.mark.parametrize("crs", SourceCrs.values)
def test_an_unchanged_file_changes_nothing(tree: Tree, compound: Compound, crs: str) -> None:
    before = {area.code: (area.boundary, area.source_crs) for area in Area.objects.all()}
    outcome = bring_in(None, Upload(exported(crs), "a.geojson", crs), PAGE_LIMITS)
    assert outcome.problems == []
    assert {result.state for result in outcome.results} == {SAME}
    assert len(outcome.same) == 10
    assert {area.code: (area.boundary, area.source_crs) for area in Area.objects.all()} == before


def test_an_outline_drawn_from_another_corner_the_other_way_round_is_the_same(tree: Tree) -> None:
    (west, south, east, north) = box(2, 0, 4, 2).extent
    ring = [[east, north], [east, south], [west, south], [west, north], [east, north]]
    outcome = tried(feature("micro_grid", MICRO_GRID, {"type": "Polygon", "coordinates": [ring]}))
    assert [result.state for result in outcome.results] == [SAME]


def test_a_new_row_is_new_and_a_changed_one_says_what(tree: Tree) -> None:
    outcome = tried(
        feature("micro_grid", MICRO_GRID, box(2, 0, 3, 2), name="改名", households=88),
        feature("micro_grid", "62010201700500202", box(3, 0, 4, 2)),
    )
    first, second = outcome.results
    assert (first.state, second.state) == (CHANGED, NEW)
    # A thousandth of a degree east by two north is 90 by 222 m; the middle moves half of 90 m.
    assert first.changes[0].startswith("边界 −")
    assert first.lost_m2 == pytest.approx(20_000, rel=0.01)
    assert first.gained_m2 == pytest.approx(0, abs=1)
    assert first.changes[1:] == [f"名称：辖区{MICRO_GRID} → 改名", "户数：– → 88", "移动45米"]


def test_square_metres_gained_and_lost_are_told_apart(tree: Tree) -> None:
    Area.objects.filter(code=MICRO_GRID).update(boundary=box(2, 0, 3, 1))
    (result,) = tried(feature("micro_grid", MICRO_GRID, box(2.5, 0, 4, 1))).results
    assert result.gained_m2 == pytest.approx(10_000, rel=0.01)
    assert result.lost_m2 == pytest.approx(5_000, rel=0.01)
    assert " +" in result.changes[0]
    assert "−" in result.changes[0]


def test_a_compound_says_what_changes_and_keeps_what_the_file_does_not_say(
    tree: Tree, compound: Compound
) -> None:
    row = feature("compound", "C-3", None, name="新院", micro_grid="62010201700500102", households="189户")
    (result,) = tried(row).results
    assert result.changes == [
        "名称：院 → 新院",
        f"微网格：{tree['00500101']} → {tree['00500102']}",
        "户数：60 → 189",
    ]
    compound.refresh_from_db()
    assert compound.address_text == "甘南路1号"
    assert compound.boundary == box(0.2, 0.2, 0.4, 0.4)


def test_a_point_that_moves_says_by_how_many_metres(tree: Tree, compound: Compound) -> None:
    Compound.objects.update(boundary=None)
    point = {"type": "Point", "coordinates": [compound.point.x, compound.point.y + 0.0001]}
    (result,) = tried(feature("compound", "C-3", point, name="院", micro_grid="62010201700500101")).results
    assert result.changes == ["移动11米"]


def shifted(tree: Tree, crs: str) -> list[dict[str, Any]]:
    """Community 006 with its grid and micro-grid, and nothing around that it could run into."""
    for level in ("micro_grid", "grid", "community"):
        Area.objects.filter(code__startswith=tree["005"].code, level=level).delete()
    keys = ("006", "006001", "00600101")
    return [
        feature(tree[key].level, tree[key].code, moved(box(4, 0, 6, 2), crs), name=tree[key].name)
        for key in keys
    ]


@pytest.mark.parametrize(
    ("real", "declared"),
    [(real, declared) for real in SourceCrs for declared in SourceCrs if real != declared],
)
def test_a_file_in_another_system_than_declared_is_told_once_with_the_system_it_fits(
    tree: Tree, real: SourceCrs, declared: SourceCrs
) -> None:
    outcome = tried(*shifted(tree, real), crs=declared)
    assert outcome.shift is not None
    assert outcome.shift.fits == real
    assert outcome.shift.rest <= 3
    assert str(real.label) in outcome.shift.words
    assert not any(result.row.notes for result in outcome.results)


def test_compounds_in_another_system_are_told_too(tree: Tree) -> None:
    rows = []
    for n in range(3):
        shape = box(n / 5, 0.2, n / 5 + 0.1, 0.4)
        CompoundFactory(code=f"C-{n}", point=shape.centroid, micro_grid=tree["00500101"])
        rows.append(
            feature(
                "compound",
                f"C-{n}",
                moved(shape.centroid, SourceCrs.GCJ02),
                micro_grid="62010201700500101",
                name="院",
            )
        )
    outcome = tried(*rows)
    assert outcome.shift is not None
    assert outcome.shift.fits == SourceCrs.GCJ02


def test_a_shift_is_told_also_where_it_makes_the_rows_problems(tree: Tree) -> None:
    keys = ("00500101", "00500102", "00500201")
    outcome = tried(
        *[feature("micro_grid", tree[key].code, moved(tree[key].boundary, SourceCrs.GCJ02)) for key in keys]
    )
    assert outcome.problems
    assert outcome.shift is not None
    assert outcome.shift.fits == SourceCrs.GCJ02


def test_areas_that_are_redrawn_or_moved_each_their_way_are_no_shift(tree: Tree) -> None:
    rows = [
        feature("micro_grid", "62010201700500101", box(0, 0, 0.2, 2)),
        feature("micro_grid", "62010201700500102", box(0.2, 0, 2, 2)),
    ]
    assert tried(*rows).shift is None
    assert tried(feature("micro_grid", MICRO_GRID, box(3, 0, 4, 2))).shift is None


def test_a_correction_of_less_than_fifty_metres_is_no_shift(tree: Tree) -> None:
    keys = ("006", "006001", "00600101")
    rows = [feature(tree[key].level, tree[key].code, box(4.4, 0, 6.4, 2)) for key in keys]
    assert tried(*rows).shift is None


def test_the_queries_do_not_grow_with_the_changes(tree: Tree) -> None:
    counts = {}
    for size in (3, 30):
        width = 2 / size
        codes = [f"620102017005002{n:02d}" for n in range(1, size + 1)]
        Area.objects.filter(level="micro_grid", code__startswith="620102017005002").delete()
        columns = [(code, 2 + n * width, 2 + (n + 1) * width) for n, code in enumerate(codes)]
        Area.objects.bulk_create(
            Area(
                code=code,
                name=code,
                level="micro_grid",
                parent=tree["005002"],
                boundary=box(west, 0, east, 1),
            )
            for code, west, east in columns
        )
        rows = [feature("micro_grid", code, box(west, 0, east, 2)) for code, west, east in columns]
        with CaptureQueriesContext(connection) as queries:
            outcome = tried(*rows)
        assert len(outcome.changed) == size
        counts[size] = len(queries)
    assert counts[3] == counts[30]


# What a repair did.


# Community 006 drawn as a pentagram-like knot: its east lobe is drawn twice over itself.
def knot(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle whose line runs once more round its eastern half: the repair makes a hole of that half."""
    w, s, e, n = box(west, south, east, north).extent
    middle = (w + e) / 2
    ring = [
        [w, s],
        [e, s],
        [e, n],
        [middle, n],
        [middle, s + 1e-6],
        [e - 1e-6, s + 1e-6],
        [e - 1e-6, n - 1e-6],
    ]
    ring += [[w, n - 1e-6], [w, s]]
    return {"type": "Polygon", "coordinates": [ring]}


def bow(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle with a small loop at its upper edge."""
    w, s, e, n = box(west, south, east, north).extent
    top, part = n - (n - s) / 50, (e - w) / 50
    ring = [[w, s], [e, s], [e, top], [w + part, n], [w + 2 * part, n], [w, top], [w, s]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_a_small_repair_names_what_it_leaves_out_and_the_neighbours_it_touches(tree: Tree) -> None:
    (result,) = tried(feature("micro_grid", "62010201700500102", bow(1, 0, 2, 2)), repair=True).results
    assert result.row.is_repaired
    assert result.repairs[0] == "修复后，所绘边线围住的范围没有减少。"
    assert tree["00500101"].name in result.repairs[1]
    assert tree["00500201"].name in result.repairs[1]
    assert not result.needs_word


def test_a_repair_that_makes_a_hole_of_half_the_ground_needs_an_explicit_word(tree: Tree) -> None:
    (result,) = tried(feature("micro_grid", MICRO_GRID, knot(2, 0, 4, 2)), repair=True).results
    assert result.row.lost_m2 == pytest.approx(20_000, rel=0.02)
    assert "㎡" in result.repairs[0]
    assert result.needs_word


def test_a_repair_that_loses_or_takes_a_compound_names_it_and_needs_an_explicit_word(tree: Tree) -> None:
    """The loop of the repaired outline is small, but somebody lives there."""
    top = box(1.4, 1.994, 1.6, 2).centroid
    CompoundFactory(code="C-1", name="失院", point=top, micro_grid=tree["00500102"])
    (result,) = tried(feature("micro_grid", "62010201700500102", bow(1, 0, 2, 2)), repair=True).results
    assert any("失院 (C-1)" in sentence and "不再位于其中" in sentence for sentence in result.repairs)
    assert result.needs_word
    Compound.objects.update(micro_grid=tree["00500101"], point=box(1.4, 0.9, 1.6, 1.1).centroid)
    (result,) = tried(feature("micro_grid", "62010201700500102", bow(1, 0, 2, 2)), repair=True).results
    assert any("失院 (C-1)" in sentence and "划入" in sentence for sentence in result.repairs)
    assert result.needs_word


def test_a_repaired_compound_that_covers_another_micro_grid_needs_an_explicit_word(tree: Tree) -> None:
    row = feature("compound", "C-9", bow(0.9, 0, 2.1, 2.01), name="院", micro_grid="62010201700500101")
    (result,) = tried(row, repair=True).results
    assert any("覆盖" in sentence and tree["00500102"].code in sentence for sentence in result.repairs)
    assert result.needs_word


def test_a_repair_that_covers_or_loses_a_whole_micro_grid_of_its_level_is_a_problem(tree: Tree) -> None:
    covering = tried(feature("micro_grid", "62010201700500101", bow(0, 0, 2, 2)), repair=True)
    assert tree["00500102"].code in covering.problems[0].message
    losing = tried(feature("grid", "620102017005002", knot(2, 0, 4, 2)), repair=True)
    assert tree["00500201"].code in losing.problems[0].message


def test_without_the_explicit_word_nothing_is_saved(tree: Tree, secretary: Any) -> None:
    content = collection(feature("micro_grid", MICRO_GRID, knot(2, 0, 4, 2)))
    staged = stage_import(
        actor=secretary, content=content, file_name="a.json", crs="wgs84", repair=True, limits=PAGE_LIMITS
    )
    assert staged.upload
    assert len(staged.outcome.in_question) == 1
    with pytest.raises(Unseen):
        confirm_import(actor=secretary, upload=staged.upload, limits=PAGE_LIMITS)
    assert Area.objects.get(code=MICRO_GRID).boundary == box(2, 0, 4, 2)
    confirm_import(actor=secretary, upload=staged.upload, limits=PAGE_LIMITS, is_looked_at=True)
    assert Area.objects.get(code=MICRO_GRID).boundary != box(2, 0, 4, 2)


def test_the_command_lists_repairs_that_change_much_and_saves_them_when_they_are_accepted(tree: Tree) -> None:
    facts: dict[str, Any] = {
        "actor": None,
        "content": collection(feature("micro_grid", MICRO_GRID, knot(2, 0, 4, 2))),
        "file_name": "a.json",
        "crs": SourceCrs.WGS84,
        "now": timezone.now(),
        "repair": True,
    }
    assert [problem.row for problem in import_areas(**facts).problems] == [1]
    assert Area.objects.get(code=MICRO_GRID).boundary == box(2, 0, 4, 2)
    assert import_areas(**facts, is_looked_at=True).is_sound


def test_the_shift_of_gcj02_is_measured_at_the_site() -> None:
    assert wgs84_to_gcj02(103.857, 36.053) == pytest.approx((103.859358, 36.052631), abs=1e-6)
