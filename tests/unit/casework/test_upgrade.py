"""Rows of an installation that runs already, taken over by the migration that lets reminders come in time."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from casework.models import Deadline, EscalationStep, WhistleCall
from requests_.models import Ticket
from tests.factories.measures import at, signed, whistle

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
BEFORE = [("casework", "0008_queue_export_rows"), ("requests", "0007_topic_limits")]


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)


@pytest.fixture
def upgrade(db):
    """Goes back to the version before; the function it gives installs this one over what is there."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    migrate(BEFORE)
    yield lambda: migrate(newest)
    migrate(newest)


def told(step, after):
    rows = EscalationStep.objects.filter(kind="ticket", step=step, after_workdays=after)
    return sorted(rows.values_list("tell", flat=True))


def test_limits_steps_of_escalation_and_calls_are_taken_over(
    tree, officer, grid_worker, secretary, department, request
):
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1))
    ticket = whistle(ticket, secretary, department, now=at(2))
    limits = dict(Deadline.objects.values_list("pk", "step"))
    upgrade = request.getfixturevalue("upgrade")
    EscalationStep.objects.filter(kind="ticket", step="handle", after_workdays=0, tell="grid_leader").delete()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE casework_case SET closed_at = %s", [at(3)])
    upgrade()
    assert dict(Deadline.objects.values_list("pk", "limit_step")) == limits
    assert all(row.half_over_at > row.due_at for row in Deadline.objects.all())
    assert told("handle", -1) == ["desk", "grid_leader", "handler"]
    assert told("handle", 0) == ["handler"]  # edited by hand: left alone
    assert told("review", 0) == ["community_officer", "desk", "grid_leader"]
    assert WhistleCall.objects.get().state == "ended"
    assert Ticket.objects.get(pk=ticket.pk).whistles == {}
