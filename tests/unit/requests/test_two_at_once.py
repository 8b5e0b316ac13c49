"""Two people at the same moment, on two real connections: one wins, the other is told, nothing doubles."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from casework.errors import NotOffered, RuleBroken, StalePage
from casework.models import CaseEvent, InboxItem, Message, NumberSeries, Reminder
from casework.outbox import claim_messages
from casework.reminders import deliver_all
from casework.services import apply_transition
from requests_.models import Category, ProactiveTopic, Ticket
from requests_.services import Report, report_ticket
from tests.factories.accounts import UserFactory
from tests.factories.grids import BuildingFactory, CompoundFactory
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
        except (NotOffered, RuleBroken, StalePage) as refused:
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


def test_two_reports_of_one_matter_at_once_get_two_numbers(micro_grid_worker, tree):
    def tell(phone):
        return lambda: report(micro_grid_worker, tree["00500101"], caller_phone=phone)

    at_once(tell("0931-8412345"), tell("(0931) 8412345"))
    first, second = Ticket.objects.order_by("repeat_number")
    assert (first.repeat_number, first.repeat_of) == (1, None)
    assert (second.repeat_number, second.repeat_of) == (2, first)


def test_reports_that_meet_by_phone_and_by_place_get_numbers_in_a_row(micro_grid_worker, tree):
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]))
    first = report(micro_grid_worker, tree["00500101"], building=building, caller_phone="0931-8412345")

    def tell(**fields):
        return lambda: report(micro_grid_worker, tree["00500101"], **fields)

    at_once(*[tell(building=building), tell(caller_phone="0931-8412345")] * 3)
    found = Ticket.objects.filter(repeat_of=first).order_by("repeat_number")
    assert list(found.values_list("repeat_number", flat=True)) == [2, 3, 4, 5, 6, 7]


@pytest.mark.usefixtures("topics")
def test_six_reports_at_once_raise_one_topic_and_all_are_in_it(micro_grid_worker, tree):
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]))
    at_once(*[lambda: report(micro_grid_worker, tree["00500101"], building=building)] * 6)
    topic = ProactiveTopic.objects.get()
    assert topic.tickets.count() == Ticket.objects.count() == 6
    assert list(topic.events.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]


@pytest.mark.usefixtures("topics")
def test_a_report_that_comes_while_the_topic_is_dismissed_is_in_it_or_counts_anew(
    micro_grid_worker, secretary, tree
):
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]))
    for _n in range(3):
        report(micro_grid_worker, tree["00500101"], building=building)
    topic = ProactiveTopic.objects.get()
    data = {"reason": "另行处理"}
    late, _dismissed = at_once(
        lambda: report(micro_grid_worker, tree["00500101"], building=building),
        lambda: apply_transition(number=topic.number, verb="dismiss", actor=secretary, data=data),
    )
    joined = topic.events.filter(verb="join").exists()
    late.refresh_from_db()
    assert (late.topic == topic) is joined
    assert ProactiveTopic.objects.get().status == "dismissed"


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


def test_two_tickets_merged_into_each_other_at_once_leave_one_open(
    micro_grid_worker, officer, secretary, tree
):
    tickets = [report(micro_grid_worker, tree["00500101"]) for _time in range(2)]

    def merge(ticket, main, actor):
        return lambda: apply_transition(
            number=ticket.number, verb="merge", actor=actor, data={"main_ticket": main}
        )

    for _round in range(5):
        at_once(merge(*tickets, officer), merge(*reversed(tickets), secretary))
        if Ticket.objects.open().count() < 2:
            break
    assert Ticket.objects.open().count() == 1
