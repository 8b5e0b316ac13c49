"""Splitting and merging: new codes, old ones retired, compounds, posts and open cases follow."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, Point
from django.utils import timezone

from casework.models import Case, CaseEvent
from core.errors import DomainError, NotAllowed, NotOffered
from grids.choices import Duty
from grids.coverage import check_coverage
from grids.locate import locate
from grids.models import Area, AreaAssignment
from grids.outlines import cut, united
from grids.reshape import Part, merge_areas, next_code, split_area
from tests.factories.accounts import UserFactory
from tests.factories.grids import SOUTH, WEST, AssignmentFactory, CompoundFactory, Tree, box

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = timezone.localdate(NOW)
SPLIT = "62010201700500201"


def halves(*names: str) -> list[Part]:
    return [Part(names[0], box(2, 0, 3, 2)), Part(names[1], box(3, 0, 4, 2))]


def at(east: float, north: float = 1) -> Point:
    return Point(WEST + east / 1000, SOUTH + north / 1000, srid=4326)


def make_case(area: Area, number: str, reporter: Any, **fields: Any) -> Case:
    return Case.objects.create(
        number=number,
        kind="ticket",
        title=f"标题{number}",
        status="reported",
        status_since=NOW - timedelta(days=2),
        area=area,
        path=area.code,
        reporter=reporter,
        opened_at=NOW - timedelta(days=2),
        **fields,
    )


def test_a_split_retires_the_old_code_and_makes_two_new_ones(tree: Tree, secretary: Any) -> None:
    done = split_area(actor=secretary, code=SPLIT, parts=halves("西", "东"), now=NOW)
    old = Area.objects.get(code=SPLIT)
    assert old.active_to == TODAY
    assert [area.code for area in done.created] == ["62010201700500202", "62010201700500203"]
    assert list(old.replaced_by.order_by("code")) == list(done.created)
    assert [area.active_from for area in done.created] == [TODAY, TODAY]
    found = locate(at(3.5))
    assert found
    assert found.area.name == "东"
    assert not check_coverage(tree["005"]).gaps


def test_compounds_follow_the_ground_they_stand_on(tree: Tree, secretary: Any) -> None:
    west = CompoundFactory(micro_grid=tree["00500201"], point=at(2.2))
    east = CompoundFactory(micro_grid=tree["00500201"], point=at(3.8))
    nowhere = CompoundFactory(micro_grid=tree["00500201"])
    split_area(actor=secretary, code=SPLIT, parts=halves("西", "东"), now=NOW)
    names = {}
    for compound in (west, east, nowhere):
        compound.refresh_from_db()
        names[compound.pk] = compound.micro_grid.name
    assert names == {west.pk: "西", east.pk: "东", nowhere.pk: "西"}


def test_open_cases_move_and_closed_ones_stay(tree: Tree, secretary: Any, officer: Any) -> None:
    old = tree["00500201"]
    compound = CompoundFactory(micro_grid=old, point=at(3.8))
    by_point = make_case(old, "T-1", officer, point=at(2.2))
    by_compound = make_case(old, "T-2", officer, compound=compound)
    neither = make_case(old, "T-3", officer)
    closed = make_case(old, "T-4", officer, point=at(2.2), closed_at=NOW)
    elsewhere = make_case(tree["00500101"], "T-5", officer, point=at(0.5))
    done = split_area(actor=secretary, code=SPLIT, parts=halves("西", "东"), now=NOW)
    west, east = done.created
    for case, area in ((by_point, west), (by_compound, east), (neither, west)):
        case.refresh_from_db()
        assert (case.area, case.path, case.version) == (area, area.code, 2)
        event = CaseEvent.objects.get(case=case)
        assert (event.verb, event.actor) == ("rerouted", secretary)
        assert old.code in event.facts["from"]
        assert area.code in event.facts["to"]
    for case, area in ((closed, old), (elsewhere, tree["00500101"])):
        case.refresh_from_db()
        assert (case.area, case.path, case.version) == (area, area.code, 1)
        assert not case.events.exists()
    assert [move.number for move in done.moves] == ["T-1", "T-2", "T-3"]


def test_a_preview_says_the_same_and_changes_nothing(tree: Tree, secretary: Any, officer: Any) -> None:
    CompoundFactory(micro_grid=tree["00500201"], point=at(3.8))
    AssignmentFactory(user=UserFactory(), area=tree["00500201"], duty=Duty.MICRO_GRID_WORKER.value)
    case = make_case(tree["00500201"], "T-1", officer, point=at(2.2))
    before = list(Area.objects.values_list("code", "active_to"))
    shown = split_area(actor=secretary, code=SPLIT, parts=halves("西", "东"), now=NOW, dry_run=True)
    assert (len(shown.created), len(shown.compounds), len(shown.posts), len(shown.moves)) == (2, 1, 2, 1)
    assert list(Area.objects.values_list("code", "active_to")) == before
    assert AreaAssignment.objects.get(area__code=SPLIT).to_on is None
    case.refresh_from_db()
    assert case.area == tree["00500201"]
    assert not case.events.exists()


def test_a_title_one_may_not_see_is_not_told(tree: Tree, subdistrict_admin: Any, officer: Any) -> None:
    make_case(tree["00500201"], "T-1", officer, is_secret=True)
    done = split_area(actor=subdistrict_admin, code=SPLIT, parts=halves("西", "东"), now=NOW)
    (move,) = done.moves
    assert "标题" not in move.title
    assert "T-1" not in move.number
    assert move.url == ""


def test_posts_are_handed_over_to_every_part(tree: Tree, secretary: Any) -> None:
    worker = UserFactory()
    AssignmentFactory(user=worker, area=tree["00500201"], duty=Duty.MICRO_GRID_WORKER.value)
    past = AssignmentFactory(
        user=UserFactory(), area=tree["00500201"], duty=Duty.MICRO_GRID_WORKER.value, to_on="2021-01-01"
    )
    split_area(actor=secretary, code=SPLIT, parts=halves("西", "东"), now=NOW)
    held = AreaAssignment.objects.current(TODAY).filter(user=worker)
    assert {post.area.name for post in held} == {"西", "东"}
    assert not AreaAssignment.objects.current(TODAY).filter(area__code=SPLIT).exists()
    assert not AreaAssignment.objects.filter(user=past.user).exclude(pk=past.pk).exists()


def test_a_post_that_begins_later_is_handed_over_too(tree: Tree, secretary: Any) -> None:
    later = TODAY + timedelta(days=30)
    post = AssignmentFactory(
        user=UserFactory(), area=tree["00500201"], duty=Duty.MICRO_GRID_WORKER.value, from_on=later
    )
    split_area(actor=secretary, code=SPLIT, parts=halves("西", "东"), now=NOW)
    new = AreaAssignment.objects.filter(user=post.user).exclude(area__code=SPLIT)
    assert {row.from_on for row in new} == {later}


def test_where_two_main_leaders_meet_the_lower_code_stays_main(tree: Tree, secretary: Any) -> None:
    first, second = UserFactory(), UserFactory()
    AssignmentFactory(user=second, area=tree["005002"], duty=Duty.GRID_LEADER.value)
    AssignmentFactory(user=first, area=tree["005001"], duty=Duty.GRID_LEADER.value)
    merge_areas(actor=secretary, codes=[tree["005002"].code, tree["005001"].code], name="合并网格", now=NOW)
    held = AreaAssignment.objects.current(TODAY).filter(area__name="合并网格")
    assert {(post.user, post.is_deputy) for post in held} == {(first, False), (second, True)}


FIRST, LATER = TODAY + timedelta(days=30), TODAY + timedelta(days=60)


def merged_posts(tree: Tree, secretary: Any, *posts: tuple[Any, ...]) -> set[tuple[Any, ...]]:
    """Posts as leader (person, grid, from, until, further fields); those of the merged grid."""
    for user, grid, from_on, to_on, *more in posts:
        fields = {"duty": Duty.GRID_LEADER.value, **(more[0] if more else {})}
        AssignmentFactory(user=user, area=tree[grid], from_on=from_on, to_on=to_on, **fields)
    merge_areas(actor=secretary, codes=[tree["005001"].code, tree["005002"].code], name="合", now=NOW)
    given = AreaAssignment.objects.filter(area__name="合")
    return {(post.user, post.is_deputy, post.from_on, post.to_on) for post in given}


def test_one_who_follows_another_stays_the_main_holder(tree: Tree, secretary: Any) -> None:
    now, next_one = UserFactory(), UserFactory()
    posts = [(now, "005001", TODAY, FIRST), (next_one, "005001", FIRST, None)]
    assert merged_posts(tree, secretary, *posts) == {
        (now, False, TODAY, FIRST),
        (next_one, False, FIRST, None),
    }


def test_who_is_deputy_while_another_is_main_holder_is_main_holder_afterwards(
    tree: Tree, secretary: Any
) -> None:
    first, second = UserFactory(), UserFactory()
    posts = [(second, "005002", TODAY, None), (first, "005001", TODAY, FIRST)]
    assert merged_posts(tree, secretary, *posts) == {
        (first, False, TODAY, FIRST),
        (second, True, TODAY, FIRST),
        (second, False, FIRST, None),
    }


def test_a_second_period_of_one_person_is_kept(tree: Tree, secretary: Any) -> None:
    leader = UserFactory()
    posts = [(leader, "005001", TODAY, FIRST), (leader, "005001", LATER, None)]
    assert merged_posts(tree, secretary, *posts) == {
        (leader, False, TODAY, FIRST),
        (leader, False, LATER, None),
    }


def test_one_who_holds_a_post_in_both_areas_holds_it_once(tree: Tree, secretary: Any) -> None:
    leader = UserFactory()
    posts = [(leader, "005001", TODAY, FIRST), (leader, "005002", TODAY, LATER)]
    assert merged_posts(tree, secretary, *posts) == {
        (leader, False, TODAY, FIRST),
        (leader, False, FIRST, LATER),
    }


def test_every_specialty_is_handed_over(tree: Tree, secretary: Any) -> None:
    expert = UserFactory()
    for specialty in ("fire", "law"):
        AssignmentFactory(
            user=expert, area=tree["00500201"], duty=Duty.MICRO_GRID_WORKER.value, specialty=specialty
        )
    split_area(actor=secretary, code=SPLIT, parts=halves("西", "东"), now=NOW)
    held = AreaAssignment.objects.current(TODAY).filter(user=expert, area__name="西")
    assert set(held.values_list("specialty", flat=True)) == {"fire", "law"}


def test_a_merge_of_grids_gives_their_micro_grids_new_codes(tree: Tree, secretary: Any, officer: Any) -> None:
    case = make_case(tree["00500102"], "T-1", officer, point=at(1.5))
    on_grid = make_case(tree["005001"], "T-2", officer, point=at(0.5))
    done = merge_areas(
        actor=secretary, codes=[tree["005001"].code, tree["005002"].code], name="大网格", now=NOW
    )
    merged = done.created[0]
    assert merged.code == "620102017005003"
    below = Area.objects.in_force(TODAY).filter(parent=merged)
    assert [area.code for area in below] == [f"{merged.code}0{n}" for n in (1, 2, 3)]
    assert not Area.objects.in_force(TODAY).filter(code__startswith="620102017005001").exists()
    case.refresh_from_db()
    on_grid.refresh_from_db()
    assert case.area.name == tree["00500102"].name
    assert case.path.startswith(merged.code)
    assert on_grid.area == merged
    assert not check_coverage(tree["005"]).gaps
    assert not check_coverage(tree["005"]).overlaps


def test_a_grid_is_split_by_sharing_out_its_micro_grids(tree: Tree, secretary: Any) -> None:
    parts = [
        Part("甲", children=("62010201700500101",)),
        Part("乙", children=("62010201700500102",)),
    ]
    split_area(actor=secretary, code="620102017005001", parts=parts, now=NOW)
    first, second = (Area.objects.get(name=name, active_to=None) for name in ("甲", "乙"))
    assert (first.code, second.code) == ("620102017005003", "620102017005004")
    assert first.boundary.equals_exact(box(0, 0, 1, 2), 1e-9) or first.boundary.equals(box(0, 0, 1, 2))
    assert [child.code for child in first.children.all()] == ["62010201700500301"]
    assert not check_coverage(tree["005"]).gaps


@pytest.mark.parametrize(
    "parts",
    [
        [Part("只有一个", box(2, 0, 4, 2))],
        [Part("西", box(2, 0, 3, 2)), Part("东", box(3.2, 0, 4, 2))],
        [Part("西", box(2, 0, 3.2, 2)), Part("东", box(3, 0, 4, 2))],
        [Part("西", box(2, 0, 3, 2)), Part("东", box(3, 0, 4.5, 2))],
        [Part("西", box(2, 0, 3, 2)), Part("东", None)],
        [Part("同", box(2, 0, 3, 2)), Part("同", box(3, 0, 4, 2))],
        [Part("", box(2, 0, 3, 2)), Part("东", box(3, 0, 4, 2))],
        [Part("长" * 31, box(2, 0, 3, 2)), Part("东", box(3, 0, 4, 2))],
    ],
)
def test_parts_that_do_not_fit_are_refused_and_nothing_changes(
    tree: Tree, secretary: Any, parts: list[Part]
) -> None:
    with pytest.raises(DomainError):
        split_area(actor=secretary, code=SPLIT, parts=parts, now=NOW)
    assert Area.objects.get(code=SPLIT).active_to is None
    assert Area.objects.filter(parent=tree["005002"]).count() == 1


@pytest.mark.parametrize(
    "shares",
    [((), ("01", "02")), (("01",), ()), (("01",), ("01", "02")), (("09",), ("01", "02"))],
)
def test_micro_grids_shared_out_wrongly_are_refused(tree: Tree, secretary: Any, shares: Any) -> None:
    parts = [
        Part(name, children=tuple(f"620102017005001{n}" for n in share))
        for name, share in zip(("甲", "乙"), shares, strict=True)
    ]
    with pytest.raises(DomainError):
        split_area(actor=secretary, code="620102017005001", parts=parts, now=NOW)


def test_only_the_keeper_of_the_level_above_splits(tree: Tree, officer: Any, foreign_officer: Any) -> None:
    for actor in (officer, foreign_officer):
        with pytest.raises(NotAllowed):
            split_area(actor=actor, code=SPLIT, parts=halves("西", "东"), now=NOW)


def test_a_retired_area_is_not_split_again(tree: Tree, secretary: Any) -> None:
    split_area(actor=secretary, code=SPLIT, parts=halves("西", "东"), now=NOW)
    with pytest.raises(NotOffered):
        split_area(actor=secretary, code=SPLIT, parts=halves("南", "北"), now=NOW)


def test_a_community_is_not_split_here(tree: Tree, system_admin: Any) -> None:
    with pytest.raises(NotOffered):
        split_area(actor=system_admin, code="620102017005", parts=halves("西", "东"), now=NOW)


@pytest.mark.parametrize(
    "codes",
    [
        ["62010201700500101"],
        ["62010201700500101", "62010201700500101"],
        ["62010201700500101", "62010201700500201"],
        ["62010201700500101", "620102017005002"],
        ["62010201700500101", "62010201700599999"],
    ],
)
def test_areas_that_do_not_belong_together_are_not_merged(
    tree: Tree, secretary: Any, codes: list[str]
) -> None:
    with pytest.raises(DomainError):
        merge_areas(actor=secretary, codes=codes, name="合", now=NOW)


def test_areas_that_do_not_touch_are_not_merged(tree: Tree, secretary: Any) -> None:
    Area.objects.filter(code="62010201700500102").update(boundary=box(1.5, 0, 2, 2))
    with pytest.raises(DomainError):
        merge_areas(actor=secretary, codes=["62010201700500101", "62010201700500102"], name="合", now=NOW)


def test_an_edge_drawn_twice_does_not_keep_neighbours_apart() -> None:
    merged = united([box(0, 0, 1, 2), box(1.003, 0, 2, 2)])
    assert len(merged) == 1


def test_a_code_is_never_given_twice(tree: Tree, secretary: Any) -> None:
    split_area(actor=secretary, code=SPLIT, parts=halves("西", "东"), now=NOW)
    grid = tree["005002"]
    assert next_code(grid, tree["00500201"].level) == "62010201700500204"


def test_a_parent_without_codes_left_says_so(tree: Tree) -> None:
    Area.objects.filter(code="62010201700500102").update(code="62010201700500199")
    with pytest.raises(DomainError):
        next_code(tree["005001"], tree["00500101"].level)


def test_a_line_cuts_an_outline_into_west_and_east() -> None:
    line = LineString((WEST + 0.003, SOUTH - 0.001), (WEST + 0.003, SOUTH + 0.003), srid=4326)
    west, east = cut(box(2, 0, 4, 2), line)
    assert west.centroid.x < east.centroid.x
    assert west.area == pytest.approx(east.area)


@pytest.mark.parametrize("east", [1.0, 2.0, 9.0])
def test_a_line_that_does_not_cross_is_refused(east: float) -> None:
    line = LineString((WEST + east / 1000, SOUTH - 0.001), (WEST + east / 1000, SOUTH + 0.003), srid=4326)
    with pytest.raises(DomainError):
        cut(box(2, 0, 4, 2), line)
