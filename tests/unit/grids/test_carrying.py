"""Office hours and group robots go on in the areas that replace theirs, and the preview says so."""

from datetime import time
from typing import Any

import pytest
from django.utils import timezone

from casework.models import RecountOrder, Robot
from grids.models import Area, OfficeHours
from grids.reshape import Part, Reshaped, merge_areas, split_area
from tests.factories.grids import Tree, box
from tests.factories.messages import robot_of

pytestmark = pytest.mark.django_db


def split(actor: Any, *, dry_run: bool = False) -> Reshaped:
    parts = [Part("西", box(2, 0, 3, 2)), Part("东", box(3, 0, 4, 2))]
    code = "62010201700500201"
    return split_area(actor=actor, code=code, parts=parts, now=timezone.now(), dry_run=dry_run)


def merge(actor: Any) -> Reshaped:
    codes = ["620102017005001", "620102017005002"]
    return merge_areas(actor=actor, codes=codes, name="大网格", now=timezone.now())


def told(done: Reshaped) -> list[str | None]:
    return [setting.target.name if setting.target else None for setting in done.settings]


def hours_of(area: Area, begin: int) -> OfficeHours:
    return OfficeHours.objects.create(area=area, morning_from=time(begin), basis="社区通知")


def own_hours() -> dict[str, int]:
    rows = OfficeHours.objects.filter(area__in=Area.objects.in_force()).select_related("area")
    return {row.area.name: row.morning_from.hour for row in rows if row.area}


def test_office_hours_hold_in_every_part_and_limits_are_counted_again(tree: Tree, secretary: Any) -> None:
    hours_of(tree["00500201"], 7)
    assert told(split(secretary)) == ["西", "东"]
    assert own_hours() == {"西": 7, "东": 7}
    assert RecountOrder.objects.exists()


def test_where_two_office_hours_meet_those_of_the_lower_code_hold(tree: Tree, secretary: Any) -> None:
    hours_of(tree["005002"], 9)
    hours_of(tree["005001"], 7)
    assert told(merge(secretary)) == ["大网格", None]
    assert own_hours() == {"大网格": 7}


def test_the_children_of_a_merged_grid_keep_their_office_hours(tree: Tree, secretary: Any) -> None:
    hours_of(tree["00500102"], 7)
    merge(secretary)
    assert own_hours() == {tree["00500102"].name: 7}


def test_a_robot_writes_for_every_part_with_the_address_it_had(tree: Tree, secretary: Any) -> None:
    robot = robot_of(tree["00500201"], secret="s3cret")
    assert told(split(secretary)) == ["西", "东"]
    rows = Robot.objects.values_list("area__name", "name", "url", "secret", "is_active")
    assert set(rows) == {(area, robot.name, robot.url, "s3cret", True) for area in ("西", "东")}
    robot.refresh_from_db()
    assert robot.area.name == "西"  # its messages stay with it


def test_robots_of_merged_areas_that_have_one_name_are_numbered(tree: Tree, secretary: Any) -> None:
    long = "群" * 40
    robot_of(tree["005001"], name=long, url="https://example.org/1")
    robot_of(tree["005002"], name=long, url="https://example.org/2")
    assert told(merge(secretary)) == ["大网格", "大网格"]
    assert set(Robot.objects.values_list("area__name", "name")) == {
        ("大网格", long),
        ("大网格", "群" * 36 + " 2"),
    }


def test_one_chat_of_both_merged_areas_is_written_to_once(tree: Tree, secretary: Any) -> None:
    first = robot_of(tree["005001"], url="https://example.org/1")
    second = robot_of(tree["005002"], url="https://example.org/1")
    assert told(merge(secretary)) == ["大网格", None]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.area.name, first.is_active, second.is_active) == ("大网格", True, False)


def test_a_preview_carries_nothing(tree: Tree, secretary: Any) -> None:
    hours_of(tree["00500201"], 7)
    robot = robot_of(tree["00500201"])
    assert told(split(secretary, dry_run=True)) == ["西", "东", "西", "东"]
    assert OfficeHours.objects.get(area__isnull=False).area == tree["00500201"]
    assert list(Robot.objects.values_list("area", flat=True)) == [robot.area.pk]
    assert not RecountOrder.objects.exists()
