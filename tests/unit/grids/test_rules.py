"""Outlines: inside the parent, not over a neighbour, valid; shared edges are no overlap."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from grids.models import Area
from grids.rules import boundary_conflicts
from tests.factories.grids import SOUTH, WEST, AreaFactory, Tree, area_tree, box

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> Tree:
    return area_tree()


def refusal(area: Area) -> str:
    with pytest.raises(ValidationError) as caught:
        area.full_clean()
    return " ".join(caught.value.message_dict["boundary"])


def test_neighbours_that_share_an_edge_are_accepted(tree: Tree) -> None:
    for area in tree.areas.values():
        area.full_clean()


def test_an_overlap_names_the_neighbour_and_its_square_metres(tree: Tree) -> None:
    area = tree["00500101"]
    area.boundary = box(0, 0, 1.5, 2)
    message = refusal(area)
    # Half a thousandth of a degree east (45 m) by two thousandths north (222 m).
    assert "辖区62010201700500102" in message
    assert "9,999" in message


def test_an_overlap_with_a_micro_grid_of_another_grid_is_refused(tree: Tree) -> None:
    area = tree["005002"]
    area.boundary = box(1.9, 0, 4, 2)
    assert "620102017005001" in refusal(area)


def test_a_child_outside_its_parent_is_refused_with_the_parents_name(tree: Tree) -> None:
    area = tree["00500101"]
    area.boundary = box(0, 0, 1, 2.5)
    assert "辖区620102017005001" in refusal(area)


def test_a_parent_may_not_shrink_away_from_its_child(tree: Tree) -> None:
    area = tree["005001"]
    area.boundary = box(0, 0, 1.5, 2)
    assert "辖区62010201700500102" in refusal(area)


def test_an_edge_drawn_twice_half_a_metre_apart_is_a_shared_edge(tree: Tree) -> None:
    area = tree["00500101"]
    area.boundary = box(0, 0, 1.005, 2)
    area.full_clean()


def test_a_retired_neighbour_does_not_stand_in_the_way(tree: Tree) -> None:
    old = tree["00500102"]
    old.active_to = date(2023, 1, 1)
    old.save()
    area = tree["00500101"]
    area.boundary = box(0, 0, 2, 2)
    area.full_clean()


def test_an_area_that_ends_later_may_not_overlap_while_it_lasts(tree: Tree) -> None:
    area = tree["00500101"]
    area.boundary, area.active_to = box(0, 0, 1.5, 2), timezone.localdate() + timedelta(days=30)
    assert "辖区62010201700500102" in refusal(area)


def planned(code: str, begins: date, *bounds: float) -> Area:
    return AreaFactory.build(
        code=code, level="micro_grid", parent=Area.objects.get(code=code[:15]), active_from=begins,
        boundary=box(*bounds),
    )  # fmt: skip


def test_two_planned_areas_are_compared_with_each_other(tree: Tree) -> None:
    later = timezone.localdate() + timedelta(days=30)
    Area.objects.filter(pk=tree["00500201"].pk).update(active_to=later)
    planned("62010201700500202", later, 2, 0, 3, 2).save()
    planned("62010201700500203", later, 3, 0, 4, 2).full_clean()
    assert "62010201700500202" in refusal(planned("62010201700500203", later, 2.5, 0, 4, 2))


def test_a_planned_successor_may_lie_where_the_area_before_it_ends(tree: Tree) -> None:
    later = timezone.localdate() + timedelta(days=30)
    Area.objects.filter(pk=tree["00500201"].pk).update(active_to=later)
    planned("62010201700500202", later, 2, 0, 4, 2).full_clean()
    early = planned("62010201700500202", later - timedelta(days=1), 2, 0, 4, 2)
    assert "62010201700500201" in refusal(early)


def test_an_area_that_was_never_in_force_does_not_stand_in_the_way(tree: Tree) -> None:
    never = timezone.localdate() + timedelta(days=30)
    Area.objects.filter(pk=tree["00500201"].pk).update(active_from=never, active_to=never)
    planned("62010201700500202", timezone.localdate(), 2, 0, 4, 2).full_clean()


def test_many_outlines_are_judged_by_one_query(tree: Tree, django_assert_num_queries: Any) -> None:
    areas = [area for area in tree.areas.values() if area.boundary]
    tree["00500101"].boundary = box(0, 0, 1.5, 2)
    with django_assert_num_queries(1):
        found = boundary_conflicts(areas)
    assert [area.code[9:] for area, sentences in zip(areas, found, strict=True) if sentences] == ["00500101"]


def test_an_outline_that_crosses_itself_is_refused_with_a_sentence(tree: Tree) -> None:
    area = tree["00500101"]
    area.boundary = bow_tie()
    assert refusal(area)


def test_the_database_refuses_an_outline_that_crosses_itself(tree: Tree) -> None:
    with pytest.raises(IntegrityError, match="grids_area_boundary_valid"), transaction.atomic():
        Area.objects.filter(pk=tree["00500101"].pk).update(boundary=bow_tie())


def test_household_numbers_are_never_a_reason_to_refuse(tree: Tree) -> None:
    area = tree["00500101"]
    area.households_hint = 5000
    area.full_clean()


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("62010201700600109", "code"),
        ("6201020170050019", "code"),
        ("６２０１０２０１７００５００１０９", "code"),
    ],
)
def test_a_code_that_does_not_fit_its_place_is_refused(tree: Tree, code: str, field: str) -> None:
    area = AreaFactory.build(code=code, level="micro_grid", parent=tree["005001"])
    with pytest.raises(ValidationError) as caught:
        area.full_clean()
    assert field in caught.value.message_dict or "__all__" in caught.value.message_dict


def test_a_parent_two_levels_up_is_refused(tree: Tree) -> None:
    area = AreaFactory.build(code="62010201700500109", level="micro_grid", parent=tree["005"])
    with pytest.raises(ValidationError) as caught:
        area.full_clean()
    assert "parent" in caught.value.message_dict


def bow_tie() -> MultiPolygon:
    west, south = WEST + 0.0002, SOUTH + 0.0002
    ring = [
        (west, south),
        (west + 0.0006, south + 0.0006),
        (west + 0.0006, south),
        (west, south + 0.0006),
        (west, south),
    ]
    return MultiPolygon(Polygon(ring), srid=4326)
