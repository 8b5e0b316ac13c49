"""Edges of suspension, supervision and archiving."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.errors import RuleBroken
from casework.models import ServiceLevel, Supervision
from requests_ import services
from requests_.models import Ticket
from requests_.services import archive_closed_tickets
from tests.factories.measures import propose_suspension
from tests.factories.requests import accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db
MONDAY = datetime(2023, 2, 20, 2, tzinfo=UTC)


def test_a_suspension_is_not_approved_once_its_review_has_come(
    tree, micro_grid_worker, officer, secretary, grid_worker
):
    ticket = report(micro_grid_worker, tree["00500101"], now=MONDAY)
    accept(ticket, officer, now=MONDAY)
    dispatch(ticket, officer, grid_worker, now=MONDAY)
    take(ticket, "sign", grid_worker, now=MONDAY)
    propose_suspension(ticket, officer, days=2, now=MONDAY)
    with pytest.raises(RuleBroken):
        take(ticket, "suspend", secretary, now=MONDAY + timedelta(days=2))
    assert take(ticket, "refuse_suspension", secretary, reason="已到复核日", now=MONDAY + timedelta(days=2))


@pytest.mark.parametrize(
    ("level", "answer_by"),
    [
        ({"amount": 48, "unit": "calendar_hour"}, datetime(2023, 2, 22, 2, tzinfo=UTC)),
        ({"amount": 5, "unit": "workday"}, datetime(2023, 2, 27, 10, tzinfo=UTC)),
        (None, datetime(2023, 2, 21, 10, tzinfo=UTC)),
    ],
)
def test_a_sheet_of_the_system_is_answered_within_the_limit_for_rework(
    tree, micro_grid_worker, grid_leader, grid_worker, officer, secretary, level, answer_by
):
    limits = ServiceLevel.objects.filter(kind="ticket", step="rework")
    limits.update(**level) if level else limits.delete()
    ticket = report(micro_grid_worker, tree["00500101"], caller_phone="09310000000", now=MONDAY)
    accept(ticket, grid_leader, now=MONDAY)
    dispatch(ticket, grid_leader, grid_worker, now=MONDAY)
    take(ticket, "sign", grid_worker, now=MONDAY)
    for _time in range(2):
        finish(ticket, grid_worker, now=MONDAY)
        take(ticket, "pass_review", grid_leader, now=MONDAY)
        take(ticket, "callback", officer, solved="no", satisfaction="dissatisfied", now=MONDAY)
    assert Supervision.objects.get().answer_by == answer_by


def test_one_reopened_during_the_night_is_left_alone(
    tree, micro_grid_worker, grid_leader, grid_worker, officer, monkeypatch
):
    closed = []
    for _time in range(2):
        ticket = report(micro_grid_worker, tree["00500101"], now=MONDAY)
        accept(ticket, grid_leader, now=MONDAY)
        dispatch(ticket, grid_leader, grid_worker, now=MONDAY)
        take(ticket, "sign", grid_worker, now=MONDAY)
        finish(ticket, grid_worker, now=MONDAY)
        closed.append(take(ticket, "pass_review", grid_leader, now=MONDAY))
    listed = list(services.due_for_archive(MONDAY + timedelta(days=1)))
    monkeypatch.setattr(services, "due_for_archive", lambda before: listed)
    take(closed[0], "reopen", officer, reason="又坏了", now=MONDAY + timedelta(days=29))
    assert archive_closed_tickets(now=MONDAY + timedelta(days=31)) == 1
    statuses = Ticket.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["to_dispatch", "archived"]
