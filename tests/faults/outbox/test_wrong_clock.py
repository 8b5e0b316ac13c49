"""A worker whose clock is ten minutes off: limits, claims and letters go by the database's clock."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from casework.models import Deadline, InboxItem, Message, Reminder
from tests.faults.outbox.conftest import SWEEP, long
from tests.processes import worker

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
TEN_MINUTES, FIVE_MINUTES = timedelta(minutes=10), timedelta(minutes=5)


@pytest.mark.parametrize("off", [TEN_MINUTES, long(-TEN_MINUTES)])
def test_a_worker_with_a_wrong_clock(off, late_tickets, ways, broker, mail, settle, told_once):
    late_tickets(10)
    late, soon = Deadline.objects.order_by("pk")[:2]
    Deadline.objects.exclude(pk=late.pk).update(due_at=timezone.now() + FIVE_MINUTES)
    Deadline.objects.update(yellow_at=timezone.now() + timedelta(days=1))
    with worker(clock=off.total_seconds(), **ways):
        broker.send(SWEEP)
        broker.finish()
        # It is ten minutes off indeed, and has told only what is late.
        done_at = datetime.fromisoformat(broker.ping()["date_done"])
        assert abs(done_at - timezone.now() - off) < timedelta(minutes=1)
        assert InboxItem.objects.filter(rule="late").count() == 2
        assert len(mail.letters) == 2

        # A claim that still holds is left alone, and a letter for later is not sent.
        in_five_minutes = timezone.now() + FIVE_MINUTES
        held = Message.objects.order_by("pk").first()
        Message.objects.filter(pk=held.pk).update(state="claimed", sent_at=None, lease_until=in_five_minutes)
        Message.objects.exclude(pk=held.pk).update(state="planned", sent_at=None, send_after=in_five_minutes)
        Reminder.objects.filter(pk=Reminder.objects.first().pk).update(state="claimed", lease_until=in_five_minutes)
        broker.send(SWEEP)
        broker.finish()
        assert len(mail.letters) == 2
        assert sorted(Message.objects.values_list("state", flat=True)) == ["claimed", "planned"]
        assert Reminder.objects.filter(state="claimed").count() == 1
        Reminder.objects.update(state="delivered", lease_until=None)
        Message.objects.update(state="sent", lease_until=None)

        # Beside a worker whose clock is right, everything is told once.
        Deadline.objects.update(due_at=timezone.now() - timedelta(minutes=1), told=Deadline.objects.first().told)
        with worker(**ways):
            broker.send(SWEEP, SWEEP, SWEEP)
            settle()
