"""Saving one area: the rules hold whoever saves."""

from typing import Any

import pytest

from core.errors import DomainError, NotAllowed
from grids.services import save_area
from tests.factories.grids import Tree, box


def test_a_keeper_saves_an_area_that_keeps_the_rules(tree: Tree, secretary: Any) -> None:
    area = tree["00500201"]
    area.boundary = box(2, 0, 3.5, 2)
    save_area(actor=secretary, area=area)
    area.refresh_from_db()
    assert area.boundary == box(2, 0, 3.5, 2)


def test_an_area_over_its_neighbour_is_refused_by_name(tree: Tree, secretary: Any) -> None:
    area = tree["00500102"]
    area.boundary = box(0.5, 0, 2, 2)
    with pytest.raises(DomainError, match=tree["00500101"].name):
        save_area(actor=secretary, area=area)


def test_an_area_one_does_not_keep_is_not_saved(tree: Tree, secretary: Any, grid_leader: Any) -> None:
    with pytest.raises(NotAllowed):
        save_area(actor=secretary, area=tree["00600101"])
    with pytest.raises(NotAllowed):
        save_area(actor=grid_leader, area=tree["00500101"])
