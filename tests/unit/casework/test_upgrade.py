"""Rows of an installation that runs already, taken over by the migration that lets reminders come in time."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from casework.consistency import wrong_tallies
from casework.models import ClosedTally, Deadline, EscalationStep, WhistleCall
from requests_.answers import wrong_answers
from requests_.models import AnswerTally, Callback, Ticket
from tests.factories.measures import at, signed, whistle
from tests.factories.requests import finish, take

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


def test_tallies_are_counted_anew_from_the_limits_of_the_closed_cases(
    tree, officer, grid_worker, request, monkeypatch
):
    """Due on 10 March, finished on the 15th, done again in time: closed on the 17th."""
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1))
    finish(ticket, grid_worker, now=at(15))
    take(ticket, "rework", officer, reason="未恢复原状", now=at(15))
    finish(ticket, grid_worker, now=at(16))
    take(ticket, "pass_review", officer, now=at(17))
    kept = list(ClosedTally.objects.values())
    monkeypatch.setattr(
        f"{__name__}.BEFORE", [("casework", "0012_kept_lateness"), ("requests", "0012_limit_periods")]
    )
    upgrade = request.getfixturevalue("upgrade")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE casework_case SET due_at = %s", [at(22, 18)])
        cursor.execute("UPDATE casework_closedtally SET count = 5")
    upgrade()
    (counted,) = ClosedTally.objects.values()
    assert {**counted, "id": kept[0]["id"]} == kept[0]
    assert Ticket.objects.get(pk=ticket.pk).due_at == at(10, 18)
    assert [*wrong_tallies(), *wrong_answers()] == []


def test_callbacks_are_taken_over_from_the_events_that_told_them(
    tree, officer, grid_worker, request, monkeypatch
):
    """Dissatisfied first; then 12345 heard that it is solved. A try nobody answered stays without an answer."""
    phone = {"caller_phone": "0931-0000000", "external_number": "LZ1"}
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1), **phone)
    finish(ticket, grid_worker, now=at(2))
    take(ticket, "pass_review", officer, now=at(2))
    take(ticket, "try_contact", officer, now=at(2))
    take(ticket, "callback", officer, solved="no", satisfaction="fairly", now=at(3))
    finish(ticket, grid_worker, now=at(6))
    take(ticket, "pass_review", officer, now=at(6))
    take(ticket, "callback", officer, solved="yes", satisfaction="fairly", called_by="hotline", now=at(6))

    def rows():
        calls = Callback.objects.order_by("at").values_list(
            "report", "at", "by_hotline", "solved", "satisfaction"
        )
        return list(calls), list(
            AnswerTally.objects.values_list("first_answered", "first_solved", "last_solved")
        )

    kept = rows()
    assert kept[1] == [(1, 0, 1)]
    monkeypatch.setattr(f"{__name__}.BEFORE", [("requests", "0015_mixed_categories")])
    request.getfixturevalue("upgrade")()
    assert rows() == kept
    assert [*wrong_tallies(), *wrong_answers()] == []
