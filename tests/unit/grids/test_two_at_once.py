"""Two people at the same moment, on two real connections: the second waits for the first and is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from core.errors import DomainError
from grids.choices import SourceCrs
from grids.importing import import_areas
from grids.models import Area, Compound
from tests.factories.grids import AreaFactory, CompoundFactory, Tree, box
from tests.processes import eventually, lock_waiters
from tests.unit.grids.test_importing import as_bytes, feature

# The rows of the migrations must come back after the tables are emptied.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def while_open(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Does the first and, before it is committed, begins the second on another connection; what became of that one:
    its result or the refusal.
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
