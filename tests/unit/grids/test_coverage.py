"""The coverage check: gaps, overlaps, compounds outside, posts nobody holds."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command

from grids.choices import Duty
from grids.coverage import StrayReason, check_coverage, unassigned_compounds
from grids.models import Area
from tests.factories.accounts import UserFactory
from tests.factories.grids import SOUTH, WEST, AssignmentFactory, CompoundFactory, Tree, box

POSTS = {
    "005001": (Duty.GRID_LEADER, Duty.GRID_WORKER),
    "005002": (Duty.GRID_LEADER, Duty.GRID_WORKER),
    "00500101": (Duty.MICRO_GRID_WORKER,),
    "00500102": (Duty.MICRO_GRID_WORKER,),
    "00500201": (Duty.MICRO_GRID_WORKER,),
}


@pytest.fixture
def served(tree: Tree) -> Tree:
    """The tree with every needed post of community 005 held."""
    user = UserFactory()
    for key, duties in POSTS.items():
        for duty in duties:
            AssignmentFactory(user=user, area=tree[key], duty=duty.value)
    return tree


def reshape(area: Area, *bounds: float) -> None:
    Area.objects.filter(pk=area.pk).update(boundary=box(*bounds))


def test_a_partitioned_and_served_community_is_whole(served: Tree) -> None:
    assert check_coverage(served["005"]).is_whole


@pytest.mark.parametrize("finding", ["gaps", "overlaps", "strays", "vacancies", "without_outline"])
def test_any_finding_alone_keeps_a_community_from_being_whole(served: Tree, finding: str) -> None:
    found = check_coverage(served["005"])
    assert not replace(found, **{finding: ("anything",)}).is_whole


def test_ground_in_no_micro_grid_is_a_gap_with_its_square_metres(served: Tree) -> None:
    reshape(served["00500102"], 1, 0, 2, 1)
    (gap,) = check_coverage(served["005"]).gaps
    # A thousandth of a degree east (90 m) by one north (111 m).
    assert gap.square_metres == pytest.approx(9_999, rel=0.01)
    assert gap.geometry.srid == 4326


def test_a_community_with_a_gap_is_not_whole(served: Tree) -> None:
    reshape(served["00500102"], 1, 0, 2, 1)
    assert not check_coverage(served["005"]).is_whole


def test_a_community_with_an_overlap_is_not_whole(served: Tree) -> None:
    reshape(served["00500102"], 0.5, 0, 2, 2)
    assert not check_coverage(served["005"]).is_whole


def test_a_community_with_a_vacant_post_is_not_whole(served: Tree) -> None:
    served["00500201"].assignments.all().delete()
    assert not check_coverage(served["005"]).is_whole


def test_a_community_with_a_compound_in_no_micro_grid_is_not_whole(served: Tree) -> None:
    CompoundFactory(code="620102017005-07")
    assert not check_coverage(served["005"]).is_whole


# A thousandth of a degree is 90 m east: 0.025 of it is wider than a shared edge of 1 m, and far from 10 m.
NARROW = 0.025


def test_an_overlap_two_metres_wide_is_more_than_a_shared_edge(served: Tree) -> None:
    reshape(served["00500102"], 1 - NARROW, 0, 2, 2)
    (overlap,) = check_coverage(served["005"]).overlaps
    assert overlap.square_metres == pytest.approx(2.25 * 222, rel=0.02)


def test_a_gap_two_metres_wide_is_more_than_a_shared_edge(served: Tree) -> None:
    reshape(served["00500102"], 1 + NARROW, 0, 2, 2)
    (gap,) = check_coverage(served["005"]).gaps
    assert gap.square_metres == pytest.approx(2.25 * 222, rel=0.02)


def test_a_compound_two_metres_over_the_edge_lies_outside(served: Tree) -> None:
    inside = Point(WEST + 0.0005, SOUTH + 0.001, srid=4326)
    CompoundFactory(point=inside, boundary=box(0.4, 0.5, 1 + NARROW, 1), micro_grid=served["00500101"])
    (stray,) = check_coverage(served["005"]).strays
    assert stray.reason == StrayReason.OUTSIDE


def test_a_community_without_micro_grids_is_one_gap(served: Tree) -> None:
    Area.objects.filter(level="micro_grid").update(active_to=date(2023, 1, 1))
    (gap,) = check_coverage(served["005"]).gaps
    assert gap.square_metres == pytest.approx(80_000, rel=0.01)


def test_an_edge_drawn_twice_is_neither_gap_nor_overlap(served: Tree) -> None:
    reshape(served["00500102"], 1.005, 0, 1.995, 2)
    assert check_coverage(served["005"]).is_whole


def test_ground_in_two_micro_grids_is_an_overlap_naming_both(served: Tree) -> None:
    reshape(served["00500102"], 0.5, 0, 2, 2)
    (overlap,) = check_coverage(served["005"]).overlaps
    assert (overlap.first, overlap.second) == (served["00500101"], served["00500102"])
    assert overlap.square_metres == pytest.approx(10_000, rel=0.01)


def test_the_neighbouring_community_does_not_matter(served: Tree) -> None:
    Area.objects.filter(code__startswith="620102017006").update(boundary=None)
    assert check_coverage(served["005"]).is_whole


def test_compounds_that_no_micro_grid_really_holds_are_named_with_the_reason(served: Tree) -> None:
    inside = Point(WEST + 0.0005, SOUTH + 0.001, srid=4326)
    elsewhere = Point(WEST + 0.0035, SOUTH + 0.001, srid=4326)
    CompoundFactory(name="好院", point=inside, micro_grid=served["00500101"])
    CompoundFactory(name="孤院", point=inside, micro_grid=None)
    CompoundFactory(name="远院", point=elsewhere, micro_grid=served["00500101"])
    CompoundFactory(name="跨院", point=inside, boundary=box(0.4, 0.5, 1.4, 1), micro_grid=served["00500101"])
    CompoundFactory(name="旧院", point=elsewhere, micro_grid=served["00500201"])
    CompoundFactory(name="邻院", point=Point(WEST + 0.005, SOUTH + 0.001, srid=4326), micro_grid=None)
    Area.objects.filter(pk=served["00500201"].pk).update(active_to=date(2023, 1, 1))
    found = {stray.compound.name: stray.reason for stray in check_coverage(served["005"]).strays}
    assert found == {
        "孤院": StrayReason.NO_MICRO_GRID,
        "远院": StrayReason.OUTSIDE,
        "跨院": StrayReason.OUTSIDE,
        "旧院": StrayReason.RETIRED,
    }


def test_a_compound_without_position_is_named_where_its_code_begins_with_the_communitys(served: Tree) -> None:
    own = CompoundFactory(code="620102017005-07")
    CompoundFactory(code="620102017006-01")
    strays = check_coverage(served["005"]).strays
    assert [(stray.compound, stray.reason) for stray in strays] == [(own, StrayReason.NO_MICRO_GRID)]


def test_compounds_of_no_community_are_named_apart(served: Tree) -> None:
    CompoundFactory(code="620102017005-07")
    CompoundFactory(point=Point(WEST + 0.0005, SOUTH + 0.001, srid=4326))
    CompoundFactory(micro_grid=served["00500101"])
    nowhere = CompoundFactory(code="X-1")
    far = CompoundFactory(code="X-2", point=Point(WEST + 1, SOUTH, srid=4326))
    retired = CompoundFactory(code="620102017006-01")
    Area.objects.filter(pk=served["006"].pk).update(active_to=date(2023, 1, 1))
    assert set(unassigned_compounds()) == {nowhere, far, retired}


def test_others_than_administrators_know_of_those_with_their_areas_code_only(
    served: Tree, subdistrict_admin: Any, system_admin: Any, officer: Any
) -> None:
    own, foreign, none = (CompoundFactory(code=code) for code in ("620102017-1", "620103001-1", "X-1"))
    assert set(unassigned_compounds(system_admin)) == {own, foreign, none}
    assert unassigned_compounds(subdistrict_admin) == (own,)
    assert unassigned_compounds(officer) == ()


def test_the_command_names_compounds_of_no_community(
    served: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    Area.objects.filter(code__startswith=served["006"].code).update(active_to=date(2023, 1, 1))
    call_command("check_coverage")
    CompoundFactory(code="X-1", name="孤院")
    call_command("check_coverage", community="620102017005")
    with pytest.raises(SystemExit):
        call_command("check_coverage")
    assert "X-1 孤院" in capsys.readouterr().out


def test_a_post_held_by_a_deputy_only_or_ended_or_by_somebody_who_left_is_vacant(served: Tree) -> None:
    posts = served["005001"].assignments
    posts.filter(duty=Duty.GRID_LEADER).update(is_deputy=True)
    posts.filter(duty=Duty.GRID_WORKER).update(to_on=date(2023, 1, 1))
    gone = UserFactory(is_active=False)
    served["00500201"].assignments.update(user=gone)
    found = {(vacancy.area, vacancy.duty) for vacancy in check_coverage(served["005"]).vacancies}
    assert found == {
        (served["005001"], Duty.GRID_LEADER),
        (served["005001"], Duty.GRID_WORKER),
        (served["00500201"], Duty.MICRO_GRID_WORKER),
    }


def test_a_micro_grid_without_outline_is_named(served: Tree) -> None:
    Area.objects.filter(pk=served["00500201"].pk).update(boundary=None)
    found = check_coverage(served["005"])
    assert found.without_outline == (served["00500201"],)
    assert not found.is_whole


def test_the_command_ends_well_only_when_the_community_is_whole(
    served: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_coverage", community="620102017005")
    assert "620102017005" in capsys.readouterr().out
    reshape(served["00500102"], 1, 0, 2, 1)
    with pytest.raises(SystemExit) as stopped:
        call_command("check_coverage", community="620102017005")
    assert stopped.value.code == 1
    assert "㎡" in capsys.readouterr().out


def test_the_command_without_a_code_checks_every_community(served: Tree) -> None:
    with pytest.raises(SystemExit) as stopped:
        call_command("check_coverage")
    assert stopped.value.code == 1  # nobody serves community 006


def test_the_command_refuses_an_unknown_community(served: Tree) -> None:
    with pytest.raises(CommandError):
        call_command("check_coverage", community="999999999999")
