"""A late ticket reaches its handler through a real Celery worker, also when Redis was emptied in between."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from redis import Redis

from casework.models import Deadline, InboxItem, Reminder
from tests.factories.requests import accept, dispatch, report

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


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
