"""A worker is killed in the middle of its deliveries; the next one does the rest, and no more."""

import os
import signal
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from casework.models import InboxItem, Message, Reminder
from tests.faults.outbox.conftest import SWEEP, count_letters, let_claims_run_out, long
from tests.processes import SOCKETS, eventually, lock_waiters, worker

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@contextmanager
def closed_inboxes():
    """Nothing enters an inbox for the time of the block: who writes into one waits."""
    with psycopg.connect(
        host=str(SOCKETS), user=connection.settings_dict["USER"], dbname=connection.settings_dict["NAME"]
    ) as holder:
        holder.execute("LOCK TABLE casework_inboxitem IN SHARE MODE")
        yield


@pytest.mark.parametrize("tickets", [60, long(2500)])
def test_killed_in_the_middle_of_many_letters(tickets, late_tickets, ways, broker, mail, settle, told_once):
    late_tickets(tickets)
    with worker(**ways) as first:
        broker.send(SWEEP)
        eventually(lambda: len(mail.letters) >= tickets // 2)
        first.kill()
    let_claims_run_out()
    with worker(**ways):
        settle(seconds=500)
    told_once(tickets, doubles=1)


def test_killed_between_sending_and_marking_one_letter_comes_twice(
    late_tickets, ways, broker, mail, settle, told_once
):
    late_tickets(10)
    mail.silent_after = 7
    with worker(**ways) as first:
        broker.send(SWEEP)
        eventually(lambda: len(mail.letters) == 7)
        first.kill()
    mail.silent_after = 100
    in_its_hands = list(Message.objects.filter(state="claimed").order_by("pk").values_list("pk", flat=True))
    with worker(**ways):
        broker.send(SWEEP)
        broker.finish()
        # Nobody else touches what may still be in somebody's hands.
        assert (
            list(Message.objects.filter(state="claimed").order_by("pk").values_list("pk", flat=True))
            == in_its_hands
        )
        let_claims_run_out()
        settle()
    told_once(10, doubles=1)
    assert count_letters(mail)[str(mail.letters[6]["Message-ID"])] == 2


@pytest.mark.parametrize("tickets", [20, long(2500)])
def test_killed_while_filling_inboxes(tickets, late_tickets, ways, broker, settle, told_once):
    late_tickets(tickets)
    with closed_inboxes(), worker(**ways) as first:
        broker.send(SWEEP)
        eventually(lock_waiters)
        first.kill()
    assert Reminder.objects.filter(state="claimed").exists()
    assert not InboxItem.objects.filter(rule="late").exists()
    let_claims_run_out()
    with worker(**ways):
        settle(seconds=500)
    told_once(tickets)


def test_a_killed_process_of_a_worker_is_replaced_and_its_task_begun_anew(
    late_tickets, ways, broker, mail, settle, told_once
):
    late_tickets(10)
    mail.silent_after = 7
    with worker(**ways) as one:
        broker.send(SWEEP)
        eventually(lambda: len(mail.letters) == 7)
        (lane,) = one.children()
        os.kill(lane, signal.SIGKILL)
        mail.silent_after = 100
        # Without a sweep: the task that was cut off sends what nobody claimed.
        eventually(lambda: Message.objects.filter(state="sent").count() == 16)
        let_claims_run_out()
        settle()
    told_once(10, doubles=1)
