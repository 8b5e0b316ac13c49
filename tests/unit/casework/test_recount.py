"""The calendar changes: open limits that touch the day are counted again, with an event where one moved."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.factories.requests import accept, dispatch, report

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2023, 2, 20, 10, tzinfo=ZONE)


@pytest.fixture
def tickets(micro_grid_worker, officer, grid_worker, tree):
    made = []
    for _n in range(3):
        ticket = report(micro_grid_worker, tree["00500101"], category="dispute", now=MONDAY)
        accept(ticket, officer, "grid", now=MONDAY)
        made.append(dispatch(ticket, officer, grid_worker, now=MONDAY))
    return made
