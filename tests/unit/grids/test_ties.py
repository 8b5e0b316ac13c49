"""An area does not end by a date while something hangs on it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from casework.choices import Channel
from casework.models import Robot
from grids.choices import Duty
from grids.models import Area, OfficeHours
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory, CompoundFactory, Tree
from tests.factories.requests import report

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
SOON = TODAY + timedelta(days=30)


def refusal(area: Area) -> str:
    area = Area.objects.get(pk=area.pk)
    for day in (TODAY, SOON):
        area.active_to = day
        with pytest.raises(ValidationError) as caught:
            area.full_clean()
    return " ".join(caught.value.message_dict["active_to"])


HANGING: dict[str, Callable[..., Any]] = {
    "朝阳院": lambda area: CompoundFactory(name="朝阳院", micro_grid=area),
    "马微": lambda area: AssignmentFactory(
        user=UserFactory(name="马微"), area=area, duty=Duty.MICRO_GRID_WORKER.value
    ),
    "办公时间": lambda area: OfficeHours.objects.create(area=area, basis="试点"),
    "微格群": lambda area: Robot.objects.create(
        name="微格群", channel=Channel.WECOM, area=area, url="https://qyapi.weixin.qq.com/x"
    ),
}


@pytest.mark.parametrize("name", HANGING)
def test_what_hangs_on_an_area_keeps_it_and_is_named(tree: Tree, name: str) -> None:
    HANGING[name](tree["00500201"])
    assert name in refusal(tree["00500201"])


def test_an_open_case_keeps_an_area(tree: Tree, officer: Any) -> None:
    report(officer, tree["00500201"])
    assert "1" in refusal(tree["00500201"])


def test_areas_below_keep_an_area_and_many_are_counted(tree: Tree) -> None:
    assert tree["00500201"].name in refusal(tree["005002"])
    for n in range(8):
        CompoundFactory(micro_grid=tree["00500201"], name=f"院{n}")
    assert "… (8)" in refusal(tree["00500201"])


def test_an_empty_area_ends(tree: Tree) -> None:
    area = tree["00500201"]
    AssignmentFactory(user=UserFactory(), area=area, duty=Duty.MICRO_GRID_WORKER.value, to_on=SOON)
    area.active_to = SOON
    area.full_clean()


def test_an_area_that_ended_may_still_be_corrected(tree: Tree) -> None:
    area = tree["00500201"]
    CompoundFactory(micro_grid=area)
    Area.objects.filter(pk=area.pk).update(active_to=date(2023, 1, 1))
    area.refresh_from_db()
    area.name = "旧名更正"
    area.full_clean()
