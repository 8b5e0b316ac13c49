"""A worker whose clock is ten minutes off: limits, claims and letters go by the database's clock."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from casework.models import Deadline, InboxItem, Message
from casework.outbox import claim_messages
from casework.planning import sweep
from casework.reminders import claim, database_now, deliver
from tests.faults.outbox.conftest import SWEEP, let_claims_run_out, long
from tests.processes import worker

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
TEN_MINUTES, FIVE_MINUTES = timedelta(minutes=10), timedelta(minutes=5)


@pytest.mark.parametrize("off", [TEN_MINUTES, long(-TEN_MINUTES)], ids=["ahead", "behind"])
def test_a_worker_with_a_wrong_clock(off, late_tickets, ways, broker, mail, settle, told_once):
    late_tickets(10)
    others = Deadline.objects.exclude(pk=Deadline.objects.earliest("pk").pk)
    others.update(due_at=timezone.now() + FIVE_MINUTES, yellow_at=timezone.now() + FIVE_MINUTES)
    with worker(clock=off.total_seconds(), **ways):
        # What is late is told, what will be late in five minutes is not.
        broker.send(SWEEP)
        broker.finish()
        assert abs(datetime.fromisoformat(broker.ping()["date_done"]) - timezone.now() - off) < FIVE_MINUTES
        assert InboxItem.objects.filter(rule="late").count() == len(mail.letters) == 2

        # What another worker has in hand for five minutes is left to it: reminders …
        others.update(due_at=timezone.now() - timedelta(minutes=1))
        now = database_now()
        sweep(now=now)
        ids = claim(now=now)
        broker.send(SWEEP)
        broker.finish()
        assert InboxItem.objects.filter(rule="late").count() == 2

        # … and letters; and a letter for later is not sent.
        deliver(ids=ids, now=now)
        taken = claim_messages("email", now=database_now())
        later = Message.objects.filter(state="planned").order_by("pk")[:3]
        Message.objects.filter(pk__in=later.values("pk")).update(send_after=timezone.now() + FIVE_MINUTES)
        broker.send(SWEEP)
        broker.finish()
        assert len(mail.letters) == 20 - len(taken) - 3

        # Beside a worker whose clock is right, the rest is told once.
        let_claims_run_out()
        Message.objects.filter(state="planned").update(send_after=timezone.now())
        with worker(**ways):
            broker.send(SWEEP, SWEEP, SWEEP)
            settle()
    told_once(10)
