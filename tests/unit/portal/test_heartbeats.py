"""Heartbeats: one row per queue, told by the database's clock."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.models import Heartbeat
from portal.services import forget_heartbeats, record_heartbeats
from portal.tasks import first_heartbeats, heartbeat

pytestmark = pytest.mark.django_db
SPAN = timedelta(minutes=2)


def heard():
    return sorted(Heartbeat.objects.heard_within(SPAN).values_list("name", flat=True))


def test_a_heartbeat_is_heard_until_two_minutes_have_passed():
    heartbeat.delay("deliver")
    assert heard() == ["deliver"]
    Heartbeat.objects.update(at=timezone.now() - SPAN)
    assert heard() == []


def test_a_repeated_heartbeat_moves_the_one_row_of_its_queue():
    record_heartbeats(queues=["bulk"])
    Heartbeat.objects.update(at=timezone.now() - SPAN)
    record_heartbeats(queues=["default", "bulk"])
    assert Heartbeat.objects.count() == 2
    assert heard() == ["bulk", "default"]


def test_the_database_keeps_one_row_per_queue():
    record_heartbeats(queues=["bulk"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Heartbeat.objects.create(name="bulk", at=timezone.now())


def test_what_a_former_run_said_can_be_forgotten():
    record_heartbeats(queues=["bulk"])
    forget_heartbeats()
    assert heard() == []


@pytest.fixture
def starting_worker(monkeypatch):
    """A worker that has just started, as its signal presents it; it serves the queues `serve` names."""
    # The test's own connection holds the transaction; a worker's is closed.
    monkeypatch.setattr(connection, "close", lambda: None)
    queues = current_app.amqp.Queues(current_app.conf.task_queues, create_missing=True)

    def serve(*names):
        queues.select(names)
        return SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=queues)))

    return serve


def test_a_starting_worker_speaks_for_the_queues_it_serves(starting_worker):
    first_heartbeats(sender=starting_worker("deliver", "bulk", "a-tests-own"))
    assert heard() == ["bulk", "deliver"]
