"""What became of an area, over any number of splits and merges."""

from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from grids.choices import Level
from grids.models import Area
from grids.succession import heirs_of, hold_in_force, successor_of
from tests.factories.grids import SOUTH, WEST, AreaFactory, CompoundFactory, Tree, box

pytestmark = pytest.mark.django_db


def at(east: float) -> Point:
    return Point(WEST + east / 1000, SOUTH + 0.001, srid=4326)


def replace(old: Area, *new: Area) -> None:
    Area.objects.filter(pk=old.pk).update(active_to=date(2023, 1, 1))
    old.refresh_from_db()
    old.replaced_by.set(new)


def heir(digits: str, *bounds: float) -> Area:
    return AreaFactory(code=f"620102017{digits}", boundary=box(*bounds))


@pytest.fixture
def split_twice(tree: Tree) -> dict[str, Area]:
    """Micro-grid 00500201 became 02 and 03; 03 became 04 and 05."""
    old = tree["00500201"]
    made = {
        "02": heir("00500202", 2, 0, 3, 2),
        "03": heir("00500203", 3, 0, 4, 2),
        "04": heir("00500204", 3, 0, 3.5, 2),
        "05": heir("00500205", 3.5, 0, 4, 2),
    }
    replace(old, made["02"], made["03"])
    replace(made["03"], made["04"], made["05"])
    return {"01": old, **made}


def test_an_area_in_force_stands_for_itself(tree: Tree, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert successor_of(tree["00500201"], point=at(0.5)) == tree["00500201"]


def test_the_heirs_are_those_in_force_however_far_down(split_twice: dict[str, Area]) -> None:
    assert heirs_of(split_twice["01"]) == [split_twice[key] for key in ("02", "04", "05")]


def test_the_point_decides_then_the_compound_then_the_lowest_code(split_twice: dict[str, Area]) -> None:
    old = split_twice["01"]
    moved = CompoundFactory(micro_grid=split_twice["05"])
    elsewhere = CompoundFactory(micro_grid=Area.objects.get(code="62010201700500101"))
    assert successor_of(old, point=at(3.2), compound=moved) == split_twice["04"]
    assert successor_of(old, compound=moved) == split_twice["05"]
    assert successor_of(old, point=at(0.5), compound=elsewhere) == split_twice["02"]
    assert successor_of(old) == split_twice["02"]


def test_an_area_that_nothing_replaced_is_answered_by_the_one_above(tree: Tree) -> None:
    Area.objects.filter(pk=tree["00500201"].pk).update(active_to=date(2023, 1, 1))
    assert successor_of(tree["00500201"]) == tree["005002"]
    new = heir("005009", 2, 0, 4, 2)
    replace(tree["005002"], new)
    assert successor_of(tree["00500201"]) == new


def test_a_district_that_ended_is_answered_as_it_is(tree: Tree) -> None:
    Area.objects.update(active_to=date(2023, 1, 1))
    assert successor_of(tree["00500201"]).level == Level.DISTRICT


def test_an_area_is_in_force_from_its_first_day_to_the_day_before_its_end(tree: Tree) -> None:
    area = tree["00500201"]
    assert hold_in_force(area)
    for dates in (
        {"active_from": date(2099, 1, 1)},
        {"active_from": date(2020, 1, 1), "active_to": date(2023, 1, 1)},
    ):
        Area.objects.filter(pk=area.pk).update(**dates)
        assert not hold_in_force(area)
    area.delete()
    assert not hold_in_force(area)
