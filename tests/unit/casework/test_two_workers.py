"""Two workers at the same moment, on two real connections: what one has in hand the other passes over."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from casework import outbox, reminders
from casework.models import InboxItem, Message, MessageLine, Reminder
from casework.outbox import LEASE, send_claimed
from casework.planning import sweep_deadlines
from casework.reminders import deliver
from tests.factories.accounts import UserFactory
from tests.factories.calendar import at
from tests.factories.requests import report
from tests.servers import smtp_server

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
NOW = at("2023-02-21 10:00")
LATER = NOW + LEASE + timedelta(seconds=1)


@contextmanager
def in_hand(job):
    """Another worker has done the job and not committed it yet; yields what it got."""
    is_done, let_go = threading.Event(), threading.Event()
    got = []

    def work():
        try:
            with transaction.atomic():
                got.append(job())
                is_done.set()
                let_go.wait(timeout=30)
        finally:
            is_done.set()
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        worker = thread.submit(work)
        try:
            assert is_done.wait(timeout=30)
            yield got[0]
        finally:
            let_go.set()
            worker.result(timeout=30)


def without_waiting(job):
    """What the job gives; fails when it waits for the other worker."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")
        return job()


@pytest.fixture
def waiting():
    """Four reminders and four messages that are due; returns their keys by the claim that takes them."""
    person = UserFactory(email="p@example.org")
    made = Reminder.objects.bulk_create(
        Reminder(dedupe_key=str(n), rule="gone", recipient=person, planned_at=NOW, facts={}) for n in range(4)
    )
    messages = Message.objects.bulk_create(
        Message(dedupe_key=str(n), channel="email", recipient=person, planned_at=NOW, send_after=NOW)
        for n in range(4)
    )
    MessageLine.objects.bulk_create(
        MessageLine(message=message, rule="gone", facts={}) for message in messages
    )
    return {claim_reminders: [row.pk for row in made], claim_messages: [row.pk for row in messages]}


def claim_reminders(limit, now=NOW):
    return reminders.claim(now=now, limit=limit)


def claim_messages(limit, now=NOW):
    return [message.pk for message in outbox.claim_messages("email", now=now, limit=limit)]


@pytest.mark.parametrize("claim", [claim_reminders, claim_messages])
def test_what_one_worker_is_claiming_another_neither_gets_nor_waits_for(claim, waiting):
    with in_hand(lambda: claim(2)) as first:
        second = without_waiting(lambda: claim(4))
    assert (first, second) == (waiting[claim][:2], waiting[claim][2:])
    assert claim(4) == []


def test_what_one_sweep_is_telling_another_neither_tells_nor_waits_for(micro_grid_worker, officer, tree):
    ticket = report(micro_grid_worker, tree["00500101"], now=NOW)
    Reminder.objects.all().delete()
    late = ticket.due_at + timedelta(seconds=1)
    with in_hand(lambda: sweep_deadlines(now=late)) as first:
        second = without_waiting(lambda: sweep_deadlines(now=late))
    assert (first > 0, second) == (True, 0)
    assert Reminder.objects.count() == first


def test_what_another_worker_has_claimed_since_is_not_delivered_by_the_first(waiting):
    ids = claim_reminders(2)
    assert claim_reminders(2, now=LATER) == ids
    assert deliver(ids=ids, now=NOW) == 0
    assert not InboxItem.objects.exists()
    assert set(Reminder.objects.filter(pk__in=ids).values_list("state", "lease_until")) == {
        ("claimed", LATER + LEASE)
    }
    assert deliver(ids=ids, now=LATER) == 2


@pytest.mark.parametrize("outcome", ["sent", "refused", "failed", "out of time"])
def test_what_another_worker_has_claimed_since_is_not_marked_by_the_first(outcome, waiting, settings):
    first = outbox.claim_messages("email", now=NOW, limit=1)
    Message.objects.exclude(pk=first[0].pk).delete()
    assert claim_messages(1, now=LATER) == [first[0].pk]
    with smtp_server() as mail:
        for name, value in mail.settings.items():
            setattr(settings, name, value)
        mail.answers = {"refused": {"RCPT": "550 no"}, "failed": {"DATA": "451 later"}}.get(outcome, {})
        done = send_claimed(first, now=NOW, until=0 if outcome == "out of time" else float("inf"))
    row = Message.objects.get()
    assert (done, row.state, row.lease_until) == (0, "claimed", LATER + LEASE)
