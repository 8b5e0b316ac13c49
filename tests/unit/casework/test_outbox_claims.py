"""Claims of the outbox: a silent server, a run that takes long, and a message that stops whoever sends it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import override_settings

from casework import outbox
from casework.models import InboxItem, Message, MessageLine, Reminder
from casework.outbox import LEASE, MAX_ATTEMPTS, channels_due, claim_messages, plan_messages, send_due
from casework.reminders import claim, deliver
from grids.office_calendar import HoursBook
from tests.factories.accounts import UserFactory
from tests.factories.calendar import at
from tests.processes import eventually, lock_waiters
from tests.servers import smtp_server

pytestmark = pytest.mark.django_db
# By day: what is not urgent waits through the night.
NOW = at("2023-02-21 10:00")
LATER = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
def mail():
    with smtp_server() as server, override_settings(**server.settings, EMAIL_TIMEOUT=1):
        yield server


@pytest.fixture
def messages(db):
    """Twenty-five messages to as many people, due now."""
    made = [
        Message.objects.create(
            dedupe_key=f"email:{n}",
            channel="email",
            recipient=UserFactory(email=f"p{n}@example.org"),
            planned_at=NOW,
            send_after=NOW,
        )
        for n in range(25)
    ]
    MessageLine.objects.bulk_create(
        MessageLine(message=message, rule="calendar_provisional", facts={"year": 2027}) for message in made
    )
    return made


def states():
    return set(Message.objects.values_list("state", "attempts"))


@pytest.mark.parametrize("fault", ["hangs", "refuses everything"])
def test_a_silent_server_is_asked_once_in_a_run_and_all_else_waits_a_minute(fault, messages, mail):
    if fault == "hangs":
        mail.hangs_at = "MAIL"
    else:
        mail.answers["MAIL"] = "451 later"
    assert send_due("email", now=NOW) == 0
    assert mail.senders == 1
    assert states() == {("planned", 0), ("planned", 1)}
    assert set(Message.objects.values_list("send_after", flat=True)) == {NOW + timedelta(minutes=1)}


def test_one_full_mailbox_holds_nobody_up(messages, mail):
    mail.refused = {"p3@example.org"}
    assert send_due("email", now=NOW) == 24
    assert Message.objects.get(state="planned").dedupe_key == "email:3"


def test_a_run_ends_when_its_turn_is_over_and_the_next_one_goes_on(messages, mail, monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr(outbox, "monotonic", lambda: next(clock))
    assert send_due("email", now=NOW, turn=timedelta(seconds=5)) == 3
    assert states() == {("sent", 1), ("planned", 0)}
    assert Message.objects.filter(state="planned", send_after=NOW).count() == 22
    assert send_due("email", now=NOW, turn=timedelta(seconds=900)) == 22


def test_a_message_whose_claim_ran_out_is_taken_alone(messages):
    ran_out = claim_messages("email", now=NOW)
    claims = list(iter(lambda: claim_messages("email", now=LATER), []))
    assert sorted(message.pk for claim in claims for message in claim) == [message.pk for message in messages]
    assert [claim for claim in claims if set(claim) & set(ran_out)] == [[message] for message in ran_out]


def test_a_channel_is_idle_until_a_worker_sends_through_it_and_when_its_claims_ran_out(messages):
    assert channels_due(now=NOW) == channels_due(now=NOW, idle_only=True) == ["email"]
    claim_messages("email", now=NOW)
    assert channels_due(now=NOW) == ["email"]
    assert channels_due(now=NOW, idle_only=True) == []
    assert channels_due(now=LATER, idle_only=True) == ["email"]


def test_a_message_that_stops_its_worker_each_time_is_given_up(messages):
    Message.objects.exclude(pk=messages[0].pk).delete()
    now = NOW
    for _time in range(MAX_ATTEMPTS):
        assert len(claim_messages("email", now=now)) == 1
        now += LEASE + timedelta(seconds=1)
    assert claim_messages("email", now=now) == []
    given_up = Message.objects.get()
    assert (given_up.state, given_up.lease_until) == ("dead", None)
    assert given_up.last_error


def test_a_reminder_two_workers_did_not_finish_is_taken_alone(db):
    person = UserFactory()
    Reminder.objects.bulk_create(
        Reminder(
            dedupe_key=str(n),
            rule="calendar_provisional",
            recipient=person,
            planned_at=NOW,
            facts={"year": 1},
        )
        for n in range(3)
    )
    ids = claim(now=NOW)
    assert claim(now=NOW + 2 * LEASE) == ids
    fresh = Reminder.objects.create(dedupe_key="new", rule="news", recipient=person, planned_at=NOW, facts={})
    third = NOW + 4 * LEASE
    assert [claim(now=third) for _time in range(5)] == [[fresh.pk], *([pk] for pk in ids), []]
    assert deliver(ids=ids[1:], now=third) == 2
    assert InboxItem.objects.count() == 2


def open_digests(people):
    """Delivers a late reminder to each, in this order, on a connection of its own."""
    rows = [
        Reminder(dedupe_key=f"{people[0].pk}:{n}", rule="late", recipient=person, planned_at=NOW, facts={})
        for n, person in enumerate(people)
    ]
    try:
        with transaction.atomic():
            plan_messages([r.pk for r in Reminder.objects.bulk_create(rows)], now=NOW)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_deliveries_that_open_the_same_digests_do_not_wait_for_each_other():
    people = [UserFactory(email=f"p{n}@example.org") for n in range(3)]
    with ThreadPoolExecutor(2) as threads:
        with transaction.atomic():
            # The digest in the middle is being opened by us; we let both go at the same moment.
            day = HoursBook().hours("").next_digest(NOW)
            Message.objects.create(
                dedupe_key=f"digest:email:{people[1].pk}:{day:%Y-%m-%d}",
                channel="email",
                recipient=people[1],
                planned_at=NOW,
                send_after=day,
            )
            both = [threads.submit(open_digests, order) for order in (people, people[::-1])]
            eventually(lambda: lock_waiters() == 2)
            transaction.set_rollback(True)
        for each in both:
            each.result(timeout=30)
    assert Message.objects.count() == 3
    assert MessageLine.objects.count() == 6
