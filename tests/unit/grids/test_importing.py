"""Importing areas and compounds: by the same path as the preview, everything or nothing."""

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from grids.choices import SourceCrs
from grids.coords import wgs84_to_bd09
from grids.exporting import geojson_lines
from grids.importing import Outcome, Staged, confirm_import, drop_waiting_imports, import_areas, stage_import
from grids.models import Area, AreaImport, Compound
from tests.factories.grids import CompoundFactory, Tree, box

# A free piece of ground south of the test world's communities, under the same subdistrict.
COMMUNITY, GRID, MICRO_GRID = "620102017009", "620102017009001", "62010201700900101"


def feature(level: str, code: str, bounds: tuple[float, ...], name: str = "", **facts: Any) -> dict[str, Any]:
    outline = json.loads(box(*bounds).geojson)
    return {
        "type": "Feature",
        "properties": {"level": level, "code": code, "name": name or f"新{code}", **facts},
        "geometry": outline,
    }


def community() -> list[dict[str, Any]]:
    ground = (0, -4, 4, -2)
    return [
        feature("micro_grid", MICRO_GRID, ground),
        feature("compound", "C-1", (1, -3.5, 2, -3), name="新院", micro_grid=MICRO_GRID, households=77),
        feature("grid", GRID, ground),
        feature("community", COMMUNITY, ground),
    ]


def as_bytes(features: list[dict[str, Any]]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def bring_in(features: list[dict[str, Any]], actor: Any = None, crs: str = SourceCrs.WGS84) -> Outcome:
    return import_areas(
        actor=actor, content=as_bytes(features), file_name="areas.geojson", crs=crs, now=timezone.now()
    )


def problems(features: list[dict[str, Any]], actor: Any = None) -> list[int]:
    before = set(Area.objects.values_list("code", "name", "boundary"))
    places = list(Compound.objects.values_list("code", "micro_grid"))
    outcome = bring_in(features, actor)
    assert set(Area.objects.values_list("code", "name", "boundary")) == before
    assert list(Compound.objects.values_list("code", "micro_grid")) == places
    return [problem.row for problem in outcome.problems]


def test_a_community_comes_in_whatever_the_order_of_its_rows(tree: Tree) -> None:
    outcome = bring_in(community())
    assert outcome.is_sound
    assert (outcome.area_count, outcome.compound_count) == (3, 1)
    assert Area.objects.get(code=MICRO_GRID).parent == Area.objects.get(code=GRID)
    compound = Compound.objects.get(code="C-1")
    assert compound.micro_grid == Area.objects.get(code=MICRO_GRID)
    assert compound.households == 77
    record = AreaImport.objects.get()
    assert (record.area_count, record.compound_count, bytes(record.content)) == (3, 1, b"")


def test_positions_are_stored_in_wgs84_with_their_source_beside_them(tree: Tree) -> None:
    features = community()
    for row in features:
        row["geometry"]["coordinates"] = [
            [[list(wgs84_to_bd09(*position)) for position in ring] for ring in polygon]
            for polygon in row["geometry"]["coordinates"]
        ]
    assert bring_in(features, crs=SourceCrs.BD09).is_sound
    area = Area.objects.get(code=COMMUNITY)
    assert area.source_crs == SourceCrs.BD09
    assert area.boundary.extent == pytest.approx(box(0, -4, 4, -2).extent, abs=1e-7)


def test_an_import_of_what_stands_changes_it_and_adds_nothing(tree: Tree) -> None:
    bring_in(community())
    features = community()
    features[0]["properties"]["name"] = "改名微网格"
    outcome = bring_in(features)
    assert [result.is_new for result in outcome.results] == [False] * 4
    assert Area.objects.get(code=MICRO_GRID).name == "改名微网格"
    assert Compound.objects.filter(code="C-1").count() == 1


def test_an_outline_that_moves_as_a_whole_is_told(tree: Tree) -> None:
    """As when GCJ-02 is read as WGS-84: everything fits together, 200 m beside where it belongs."""
    bring_in(community())
    moved = [
        feature(row["properties"]["level"], row["properties"]["code"], (2, -4, 6, -2)) for row in community()
    ]
    outcome = bring_in([row for row in moved if row["properties"]["level"] != "compound"])
    assert outcome.is_sound
    assert outcome.shift is not None
    assert outcome.shift.metres == pytest.approx(180, abs=1)
    assert outcome.shift.fits is None
    assert all("移动180米" in result.changes for result in outcome.results)


def test_one_bad_row_keeps_everything_out(tree: Tree) -> None:
    assert problems([*community(), feature("grid", "620102999001001", (0, -6, 1, -5))]) == [5]


def test_an_unknown_parent_is_named_in_its_row(tree: Tree) -> None:
    assert problems(community()[:2]) == [1]


def test_a_retired_code_is_never_used_again(tree: Tree) -> None:
    Area.objects.filter(code="62010201700500201").update(active_to=date(2023, 1, 1))
    assert problems([feature("micro_grid", "62010201700500201", (2, 0, 4, 2))]) == [1]


def test_a_retired_parent_takes_no_children(tree: Tree) -> None:
    Area.objects.filter(code="620102017005002").update(active_to=date(2023, 1, 1))
    assert problems([feature("micro_grid", "62010201700500209", (3, 0, 4, 2))]) == [1]


def test_an_overlap_with_what_stands_is_a_problem(tree: Tree) -> None:
    features = [feature("community", COMMUNITY, (-2, 0, 1, 2))]
    assert set(problems(features)) == {1}


def test_an_overlap_inside_the_file_is_a_problem_of_both_rows(tree: Tree) -> None:
    second = feature("micro_grid", "62010201700900102", (3, -4, 4, -2))
    assert set(problems([*community(), second])) == {1, 5}


def test_two_neighbours_of_one_name_are_a_problem(tree: Tree) -> None:
    rows = community()
    rows[0] = feature("micro_grid", MICRO_GRID, (0, -4, 2, -2), name="同名")
    rows.append(feature("micro_grid", "62010201700900102", (2, -4, 4, -2), name="同名"))
    assert set(problems(rows)) == {1, 5}


def test_boundaries_may_move_together(tree: Tree) -> None:
    features = [
        feature("micro_grid", "62010201700500101", (0, 0, 1.5, 2)),
        feature("micro_grid", "62010201700500102", (1.5, 0, 2, 2)),
    ]
    assert bring_in(features).is_sound


def test_a_compound_without_micro_grid_is_given_to_the_one_around_it_with_a_word(tree: Tree) -> None:
    outcome = bring_in([feature("compound", "C-9", (0.2, 0.2, 0.4, 0.4), name="院")])
    assert Compound.objects.get(code="C-9").micro_grid == tree["00500101"]
    assert len(outcome.results[0].row.notes) == 1


def test_a_secretary_imports_inside_the_community_only(tree: Tree, secretary: Any) -> None:
    assert bring_in([feature("micro_grid", "62010201700500201", (2, 0, 4, 2))], secretary).is_sound
    assert problems([feature("micro_grid", "62010201700600101", (4, 0, 6, 2))], secretary) == [1]
    assert problems(community(), secretary) == [1, 2, 3, 4]


def test_a_secretary_cannot_take_a_compound_from_the_neighbouring_community(
    tree: Tree, secretary: Any
) -> None:
    CompoundFactory(code="C-6", micro_grid=tree["00600101"])
    grab = feature("compound", "C-6", (0.2, 0.2, 0.4, 0.4), name="院", micro_grid="62010201700500101")
    assert problems([grab], secretary) == [1]
    lay = feature("compound", "C-7", (4.2, 0.2, 4.4, 0.4), name="院")
    assert problems([lay], secretary) == [1]


def test_a_worker_may_not_import(tree: Tree, grid_worker: Any) -> None:
    with pytest.raises(NotAllowed):
        stage_import(actor=grid_worker, content=b"{}", file_name="a.json", crs=SourceCrs.WGS84, repair=False)


def stage(actor: Any, features: list[dict[str, Any]]) -> Staged:
    return stage_import(
        actor=actor, content=as_bytes(features), file_name="a.json", crs=SourceCrs.WGS84, repair=False
    )


def stage_sound(actor: Any) -> AreaImport:
    upload = stage(actor, community()).upload
    assert upload
    return upload


def test_a_preview_saves_nothing_and_the_confirmation_does_what_it_said(
    tree: Tree, system_admin: Any
) -> None:
    staged = stage(system_admin, community())
    assert staged.upload
    assert not Area.objects.filter(code=COMMUNITY).exists()
    done = confirm_import(actor=system_admin, upload=staged.upload, limits=None)
    assert [r.row.code for r in done.results] == [r.row.code for r in staged.outcome.results]
    assert Area.objects.filter(code=COMMUNITY).exists()


def test_a_file_with_problems_is_not_kept(tree: Tree, system_admin: Any) -> None:
    staged = stage(system_admin, community()[:2])
    assert staged.upload is None
    assert staged.outcome.problems
    assert not AreaImport.objects.exists()


def test_an_import_is_confirmed_once(tree: Tree, system_admin: Any) -> None:
    upload = stage_sound(system_admin)
    confirm_import(actor=system_admin, upload=upload, limits=None)
    with pytest.raises(DomainError):
        confirm_import(actor=system_admin, upload=upload, limits=None)


def test_an_upload_forgotten_meanwhile_is_refused(tree: Tree, system_admin: Any) -> None:
    upload = stage_sound(system_admin)
    stage_sound(system_admin)
    with pytest.raises(DomainError):
        confirm_import(actor=system_admin, upload=upload, limits=None)


def test_what_no_longer_fits_at_the_confirmation_is_refused_whole(tree: Tree, system_admin: Any) -> None:
    upload = stage_sound(system_admin)
    bring_in([feature("community", "620102017008", (3, -4, 6, -2))])
    with pytest.raises(DomainError):
        confirm_import(actor=system_admin, upload=upload, limits=None)
    assert not Area.objects.filter(code=COMMUNITY).exists()


def test_a_new_upload_forgets_the_one_not_confirmed(tree: Tree, system_admin: Any) -> None:
    stage_sound(system_admin)
    second = stage_sound(system_admin)
    assert list(AreaImport.objects.all()) == [second]


def test_an_upload_nobody_confirmed_is_dropped_after_a_day_and_the_record_of_others_stays(
    tree: Tree, system_admin: Any, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    upload = stage_sound(system_admin)
    bring_in([feature("micro_grid", "62010201700500201", (2, 0, 4, 2))])
    assert drop_waiting_imports(now=now + timedelta(hours=23)) == 0
    with django_assert_num_queries(1):  # the contents stay in the database
        assert drop_waiting_imports(now=now + timedelta(hours=25)) == 1
    assert not AreaImport.objects.filter(pk=upload.pk).exists()
    assert AreaImport.objects.count() == 1


@pytest.mark.parametrize("crs", SourceCrs.values)
def test_what_is_exported_can_be_imported_again_unchanged(tree: Tree, crs: str) -> None:
    CompoundFactory(code="C-3", name="院", micro_grid=tree["00500101"], boundary=box(0.2, 0.2, 0.4, 0.4))
    before = {area.code: area.boundary for area in Area.objects.filter(boundary__isnull=False)}
    lines = geojson_lines(
        areas=Area.objects.in_force().select_related("parent"),
        compounds=Compound.objects.all(),
        crs=crs,
        day="x",
    )
    content = "".join(lines).encode()
    outcome = import_areas(actor=None, content=content, file_name="x", crs=crs, now=timezone.now())
    assert outcome.problems == []
    for code, boundary in before.items():
        assert Area.objects.get(code=code).boundary.equals_exact(boundary, 2e-7)


def many(count: int) -> list[dict[str, Any]]:
    """A community of so many micro-grids side by side, each with a compound that names none."""
    width = 4 / count
    rows = [feature("grid", GRID, (0, -4, 4, -2)), feature("community", COMMUNITY, (0, -4, 4, -2))]
    for n in range(count):
        west, east = n * width, (n + 1) * width
        rows.append(feature("micro_grid", f"{GRID}{n + 1:02d}", (west, -4, east, -2)))
        rows.append(feature("compound", f"C-{n}", (west + width / 4, -3.5, east - width / 4, -3), name="院"))
    return rows


def test_the_queries_do_not_grow_with_the_rows(tree: Tree) -> None:
    counts = {}
    for size in (3, 30):
        with CaptureQueriesContext(connection) as queries:
            outcome = bring_in(many(size))
        assert outcome.is_sound
        assert outcome.compound_count == size
        counts[size] = len(queries)
        Compound.objects.all().delete()
        for level in ("micro_grid", "grid", "community"):
            Area.objects.filter(code__startswith=COMMUNITY, level=level).delete()
    assert counts[3] == counts[30]


def test_the_command_imports_a_file(tree: Tree, tmp_path: Path) -> None:
    file = tmp_path / "areas.geojson"
    file.write_bytes(as_bytes(community()))
    call_command("import_areas", file, crs="wgs84", stdout=StringIO())
    assert Area.objects.filter(code=COMMUNITY).exists()
    assert AreaImport.objects.get().owner is None


def test_the_command_names_every_problem_and_saves_nothing(tree: Tree, tmp_path: Path) -> None:
    file, errors = tmp_path / "areas.geojson", StringIO()
    file.write_bytes(as_bytes(community()[:2]))
    with pytest.raises(CommandError):
        call_command("import_areas", file, crs="wgs84", stdout=StringIO(), stderr=errors)
    assert GRID in errors.getvalue()
    assert not Compound.objects.filter(code="C-1").exists()


def test_the_command_says_when_a_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.geojson"):
        call_command("import_areas", tmp_path / "none.geojson", crs="wgs84")
