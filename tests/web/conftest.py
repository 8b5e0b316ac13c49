"""A community in the middle of its work, for tests that read every page."""

import pytest

from tests.factories.grids import BuildingFactory, CompoundFactory, EntranceFactory
from tests.factories.requests import COMMUNITY, accept, dispatch, finish, report, take


@pytest.fixture
def lived_in(tree, grid_worker, micro_grid_worker, grid_leader, officer, department, department_handler):
    """One case at each turn: reported, waiting, dispatched, being handled, finished; and a building."""
    compound = CompoundFactory(name="一号院", micro_grid=tree["00500101"])
    EntranceFactory(building=BuildingFactory(compound=compound, no="1"), no="1")
    report(micro_grid_worker, tree["00500101"])
    accept(report(micro_grid_worker, tree["00500101"]), grid_leader)
    sent = accept(report(officer, tree["00500101"], category=COMMUNITY), officer, level="community")
    dispatch(sent, officer, organisation=department)
    handled = dispatch(
        accept(report(micro_grid_worker, tree["00500101"]), grid_leader), grid_leader, grid_worker
    )
    finish(take(handled, "sign", grid_worker), grid_worker)
