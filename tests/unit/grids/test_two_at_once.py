"""Two people at the same moment, on two real connections: the second waits for the first and is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from casework.models import Case
from core.errors import DomainError, NotOffered
from grids.choices import Duty, SourceCrs
from grids.handover import assign_post, hand_over_post
from grids.importing import import_areas
from grids.models import Area, AreaAssignment, Compound
from grids.reshape import Part, merge_areas, split_area
from tests.factories.accounts import UserFactory
from tests.factories.grids import AreaFactory, AssignmentFactory, CompoundFactory, Tree, box
from tests.factories.requests import report
from tests.processes import eventually, lock_waiters
from tests.unit.grids.test_importing import as_bytes, feature

# The rows of the migrations must come back after the tables are emptied.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def while_open(
    first: Callable[[], Any], second: Callable[[], Any], then: Callable[[], Any] = lambda: None
) -> Any:
    """Does the first and, before it is committed, begins the second on another connection and does `then` while that
    one waits or when it is done. What became of the second: its result or the refusal.
    """

    def run() -> Any:
        try:
            with transaction.atomic():
                return second()
        except (DomainError, ValidationError) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            other = pool.submit(run)
            eventually(lambda: other.done() or lock_waiters(), seconds=10)
            then()
        return other.result(timeout=30)


def save(area: Area) -> None:
    area.full_clean()
    area.save()


def new_micro_grid(code: str, *bounds: float) -> Area:
    return AreaFactory.build(
        code=code, level="micro_grid", parent=Area.objects.get(code=code[:15]), boundary=box(*bounds)
    )


def test_of_two_outlines_saved_at_once_the_second_is_compared_with_the_first(tree: Tree) -> None:
    Area.objects.filter(pk=tree["00500201"].pk).update(boundary=box(2, 0, 2.5, 2))
    first = new_micro_grid("62010201700500202", 2.5, 0, 3.5, 2)
    second = new_micro_grid("62010201700500203", 3, 0, 4, 2)
    refused = while_open(lambda: save(first), lambda: save(second))
    assert isinstance(refused, ValidationError)
    assert "62010201700500202" in str(refused.message_dict["boundary"])
    assert not Area.objects.filter(code=second.code).exists()


def bring_in(*rows: dict[str, Any]) -> Any:
    return import_areas(
        actor=None, content=as_bytes(list(rows)), file_name="x", crs=SourceCrs.WGS84, now=timezone.now()
    )


def test_an_import_is_compared_with_an_outline_saved_meanwhile(tree: Tree) -> None:
    Area.objects.filter(pk=tree["00500201"].pk).update(boundary=box(2, 0, 2.5, 2))
    first = new_micro_grid("62010201700500202", 2.5, 0, 3.5, 2)
    row = feature("micro_grid", "62010201700500203", (3, 0, 4, 2))
    outcome = while_open(lambda: save(first), lambda: bring_in(row))
    assert "62010201700500202" in outcome.problems[0].message


def test_one_code_in_two_imports_at_once_is_made_and_then_changed(tree: Tree) -> None:
    Area.objects.filter(pk=tree["00500201"].pk).update(boundary=box(2, 0, 2.5, 2))
    rows = [feature("micro_grid", "62010201700500202", (2.5, 0, 4, 2), name=name) for name in ("先", "后")]
    outcome = while_open(lambda: bring_in(rows[0]), lambda: bring_in(rows[1]))
    assert [result.is_new for result in outcome.results] == [False]
    assert Area.objects.get(code="62010201700500202").name == "后"


def test_a_compound_entered_by_hand_meanwhile_refuses_the_import_of_its_code(tree: Tree) -> None:
    row = feature("compound", "C-1", (0.2, 0.2, 0.4, 0.4), name="院")
    refused = while_open(lambda: CompoundFactory(code="C-1", name="手工"), lambda: bring_in(row))
    assert isinstance(refused, DomainError)
    assert Compound.objects.get().name == "手工"


SPLIT = "62010201700500201"


def split(actor: Any) -> Any:
    parts = [Part("西", box(2, 0, 3, 2)), Part("东", box(3, 0, 4, 2))]
    return split_area(actor=actor, code=SPLIT, parts=parts, now=timezone.now())


def lock_row(code: str) -> Area:
    return Area.objects.select_for_update().get(code=code)


def test_areas_are_locked_from_the_top_down(tree: Tree, secretary: Any) -> None:
    """Whoever holds a grid and goes on to its micro-grids meets nobody who goes the other way."""
    done = while_open(lambda: lock_row(SPLIT[:15]), lambda: split(secretary), then=lambda: lock_row(SPLIT))
    assert len(done.created) == 2


def test_a_micro_grid_is_split_while_its_grid_is_merged_and_one_is_told(tree: Tree, secretary: Any) -> None:
    codes = ["620102017005001", "620102017005002"]
    refused = while_open(
        lambda: merge_areas(actor=secretary, codes=codes, name="大网格", now=timezone.now()),
        lambda: split(secretary),
    )
    assert isinstance(refused, NotOffered)
    assert Area.objects.in_force().filter(code__startswith="620102017005003", level="micro_grid").count() == 3


def test_grids_are_merged_while_a_micro_grid_in_them_is_split(tree: Tree, secretary: Any) -> None:
    codes = ["620102017005001", "620102017005002"]
    while_open(
        lambda: split(secretary),
        lambda: merge_areas(actor=secretary, codes=codes, name="大网格", now=timezone.now()),
    )
    assert Area.objects.in_force().filter(code__startswith="620102017005003", level="micro_grid").count() == 4


def test_a_report_that_comes_while_its_area_is_split_is_told(
    tree: Tree, secretary: Any, officer: Any
) -> None:
    refused = while_open(lambda: split(secretary), lambda: report(officer, tree["00500201"]))
    assert isinstance(refused, DomainError)
    assert not Case.objects.exists()


def test_a_case_reported_before_its_area_is_split_moves_along(
    tree: Tree, secretary: Any, officer: Any
) -> None:
    while_open(lambda: report(officer, tree["00500201"]), lambda: split(secretary))
    assert Case.objects.get().area.name == "西"


def end(area: Area) -> None:
    area = Area.objects.get(pk=area.pk)
    area.active_to = timezone.localdate()
    save(area)


def test_a_report_that_comes_while_its_area_ends_is_told(tree: Tree, officer: Any) -> None:
    refused = while_open(lambda: end(tree["00500201"]), lambda: report(officer, tree["00500201"]))
    assert isinstance(refused, DomainError)


def test_an_area_does_not_end_while_something_is_reported_in_it(tree: Tree, officer: Any) -> None:
    refused = while_open(lambda: report(officer, tree["00500201"]), lambda: end(tree["00500201"]))
    assert "active_to" in refused.message_dict


def give(actor: Any, user: Any, area: Area, duty: Duty) -> AreaAssignment:
    return assign_post(actor=actor, user=user, area=area, duty=duty, from_on=timezone.localdate())


def test_of_two_main_leaders_named_at_once_the_second_is_told(tree: Tree, secretary: Any) -> None:
    first, second = UserFactory(), UserFactory()
    refused = while_open(
        lambda: give(secretary, first, tree["005001"], Duty.GRID_LEADER),
        lambda: give(secretary, second, tree["005001"], Duty.GRID_LEADER),
    )
    assert isinstance(refused, DomainError)
    assert AreaAssignment.objects.get(area=tree["005001"]).user == first


def test_a_post_given_by_a_double_click_is_given_once(tree: Tree, secretary: Any) -> None:
    worker = UserFactory()

    def click() -> AreaAssignment:
        return give(secretary, worker, tree["00500201"], Duty.MICRO_GRID_WORKER)

    assert isinstance(while_open(click, click), DomainError)
    assert AreaAssignment.objects.filter(user=worker).count() == 1


def test_a_post_handed_over_while_its_area_is_split_is_told(tree: Tree, secretary: Any) -> None:
    post = AssignmentFactory(user=UserFactory(), area=tree["00500201"], duty=Duty.MICRO_GRID_WORKER.value)
    heir, today = UserFactory(), timezone.localdate()
    refused = while_open(
        lambda: split(secretary), lambda: hand_over_post(actor=secretary, post=post, to=heir, on=today)
    )
    assert isinstance(refused, DomainError)
    assert not AreaAssignment.objects.filter(user=heir).exists()
    given = while_open(
        lambda: give(secretary, heir, tree["00500101"], Duty.MICRO_GRID_WORKER),
        lambda: give(secretary, heir, tree["00500201"], Duty.MICRO_GRID_WORKER),
    )
    assert isinstance(given, NotOffered)
