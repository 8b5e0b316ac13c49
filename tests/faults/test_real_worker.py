"""A late ticket reaches its handler through a real Celery worker, also when Redis was emptied in between."""

import os
import subprocess
import sys
import uuid
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis import Redis

from casework.models import Deadline, InboxItem, Reminder
from tests.factories.requests import accept, dispatch, report

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def worker():
    """A worker process of our own on a queue of its own, looking at the test database; yields the queue's name."""
    queue = f"test-{uuid.uuid4().hex}"
    database = settings.DATABASES["default"]
    host = database["HOST"] or database["OPTIONS"]["host"]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": f"postgis://{database['USER']}@/{connection.settings_dict['NAME']}?host={host}",
    }
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-P", "solo", "-Q", queue, "-l", "WARNING",
               "--without-gossip", "--without-mingle", "-n", f"{queue}@test"]  # fmt: skip
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL)
    try:
        yield queue
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def run_in_worker(worker):
    """Sends tasks and then a ping; a worker with one lane has done them all when the ping comes back."""

    def run(*names):
        current_app.conf.task_always_eager = False
        try:
            for name in names:
                current_app.send_task(name, queue=worker)
            assert (
                current_app.send_task("core.tasks.ping", args=["done"], queue=worker).get(timeout=60)
                == "done"
            )
        finally:
            current_app.conf.task_always_eager = True

    return run


def test_a_late_ticket_reaches_the_inbox_once_through_the_worker(
    run_in_worker, worker, micro_grid_worker, grid_leader, grid_worker, tree
):
    ticket = report(micro_grid_worker, tree["00500101"])
    accept(ticket, grid_leader)
    dispatch(ticket, grid_leader, grid_worker)
    late = timezone.now() - timedelta(minutes=5)
    Deadline.objects.filter(case=ticket, step="sign").update(due_at=late)

    run_in_worker("casework.tasks.sweep_reminders")
    Redis.from_url(settings.REDIS_URL).delete(worker)  # what was queued is gone; the outbox is not
    run_in_worker("casework.tasks.sweep_reminders", "casework.tasks.deliver_reminders")

    inbox = InboxItem.objects.filter(recipient=grid_worker, rule="late")
    assert inbox.count() == 1
    assert not Reminder.objects.exclude(state="delivered").exists()


def test_what_was_planned_while_redis_was_away_is_delivered_by_the_next_sweep(
    run_in_worker, micro_grid_worker, grid_leader, tree
):
    ticket = report(micro_grid_worker, tree["00500101"])
    InboxItem.objects.all().delete()
    Reminder.objects.update(state="planned", delivered_at=None)
    run_in_worker("casework.tasks.sweep_reminders")
    assert InboxItem.objects.get(recipient=grid_leader).case_id == ticket.pk
