"""Two people at the same moment, on two real connections: one wins, the other is told, nothing doubles."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from casework.errors import NotOffered, StalePage
from casework.models import CaseEvent, InboxItem, Message, NumberSeries, Reminder
from casework.outbox import claim_messages
from casework.reminders import deliver_all
from casework.services import apply_transition
from requests_.models import Category, Ticket
from requests_.services import Report, report_ticket
from tests.factories.accounts import UserFactory
from tests.factories.requests import SMALL, report

# The categories and parameters of the migrations must come back after the tables are emptied.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def at_once(*jobs):
    """Runs the jobs in threads that start together, each on its own connection; results or exceptions in order."""
    gate = threading.Barrier(len(jobs))

    def run(job):
        try:
            gate.wait(timeout=10)
            return job()
        except (NotOffered, StalePage) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [f.result(timeout=30) for f in [pool.submit(run, job) for job in jobs]]


def test_two_people_accept_the_same_ticket_and_one_is_told(micro_grid_worker, grid_leader, officer, tree):
    ticket = report(micro_grid_worker, tree["00500101"])
    data = {"urgency": "normal", "handling_level": "grid"}

    def accept(actor):
        return lambda: apply_transition(
            number=ticket.number, verb="accept", actor=actor, data=data, version=1
        )

    results = at_once(accept(grid_leader), accept(officer))
    assert sorted(type(r).__name__ for r in results) == ["StalePage", "Ticket"]
    assert list(CaseEvent.objects.filter(case=ticket).values_list("verb", flat=True)) == ["report", "accept"]
    assert Ticket.objects.get().version == 2


def test_the_same_form_sent_twice_at_once_makes_one_ticket(micro_grid_worker, tree):
    key = uuid.uuid4()
    made = Report(category=Category.objects.get(code=SMALL), area=tree["00500101"], description="踏步破损")

    def send():
        return report_ticket(actor=micro_grid_worker, report=made, key=key)

    (first, one), (second, two) = at_once(send, send)
    assert first.pk == second.pk
    assert sorted([one, two]) == [False, True]
    assert Ticket.objects.count() == CaseEvent.objects.count() == 1


def test_eight_reports_at_once_get_eight_numbers_in_a_row(micro_grid_worker, tree):
    jobs = [lambda: report(micro_grid_worker, tree["00500101"]).number] * 8
    numbers = sorted(at_once(*jobs))
    assert [int(n[-6:]) for n in numbers] == list(range(1, 9))
    assert NumberSeries.objects.get().last == 8


def test_two_workers_deliver_the_same_outbox_once(micro_grid_worker, grid_leader, tree):
    tickets = [report(micro_grid_worker, tree["00500101"]) for _ in range(5)]
    InboxItem.objects.all().delete()
    Reminder.objects.all().delete()
    now = timezone.now()
    Reminder.objects.bulk_create(
        Reminder(
            dedupe_key=f"overdue:{ticket.pk}:{n}",
            rule="overdue",
            recipient=grid_leader,
            case_id=ticket.pk,
            planned_at=now,
            facts={"number": ticket.number},
        )
        for ticket in tickets
        for n in range(100)
    )
    delivered = at_once(lambda: deliver_all(now=now), lambda: deliver_all(now=now))
    assert sum(delivered) == 500
    assert InboxItem.objects.filter(recipient=grid_leader).count() == 500
    assert not Reminder.objects.exclude(state="delivered").exists()


def test_two_workers_never_have_the_same_message_in_hand(db):
    person, now = UserFactory(email="p@example.org"), timezone.now()
    Message.objects.bulk_create(
        Message(dedupe_key=f"m:{n}", channel="email", recipient=person, planned_at=now, send_after=now)
        for n in range(30)
    )

    def take():
        taken = []
        while rows := claim_messages("email", now=now):
            taken += [row.pk for row in rows]
        return taken

    first, second = at_once(take, take)
    assert sorted(first + second) == sorted(Message.objects.values_list("pk", flat=True))
