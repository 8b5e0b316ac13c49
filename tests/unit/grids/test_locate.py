"""A point finds its micro-grid."""

from datetime import date

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grids.choices import Level
from grids.locate import locate
from grids.models import Area
from tests.factories.grids import SOUTH, WEST, Tree, area_tree, box

pytestmark = pytest.mark.django_db


def at(east: float, north: float) -> Point:
    return Point(WEST + east / 1000, SOUTH + north / 1000, srid=4326)


@pytest.fixture
def tree() -> Tree:
    return area_tree()


def test_a_point_inside_finds_its_micro_grid(tree: Tree) -> None:
    found = locate(at(1.5, 1))
    assert found
    assert found.area == tree["00500102"]
    assert found.is_inside
    assert found.distance_m == 0


def test_a_point_on_a_shared_border_belongs_to_the_lower_code(tree: Tree) -> None:
    found = locate(at(1, 1))
    assert found
    assert found.area == tree["00500101"]


def test_a_point_outside_all_finds_the_nearest_with_its_distance(tree: Tree) -> None:
    found = locate(at(7, 1))
    assert found
    assert found.area == tree["00600101"]
    assert not found.is_inside
    assert found.distance_m == pytest.approx(90, abs=1)


def test_a_retired_micro_grid_is_found_only_for_its_own_days(tree: Tree) -> None:
    Area.objects.filter(pk=tree["00500102"].pk).update(active_to=date(2023, 1, 1))
    now, then = locate(at(1.6, 1)), locate(at(1.6, 1), on=date(2022, 6, 1))
    assert now
    assert now.area == tree["005002" + "01"]
    assert then
    assert then.area == tree["00500102"]


def test_without_any_outline_there_is_no_answer(db: None) -> None:
    assert locate(at(1, 1)) is None


def test_a_point_is_found_through_the_index(tree: Tree) -> None:
    grid = tree["006001"]
    Area.objects.bulk_create(
        Area(code=f"{grid.code}{n:02}", level=Level.MICRO_GRID, name=f"微网格{n}", parent=grid,
             boundary=box(n, 10, n + 1, 12), active_from=date(2020, 1, 1))
        for n in range(2, 100)
    )  # fmt: skip
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        connection.cursor() as cursor,
    ):
        locate(at(1.5, 1))
        cursor.execute("ANALYZE grids_area")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + queries.captured_queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "grids_area_boundary_gist" in plan
