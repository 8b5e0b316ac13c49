"""Late tickets, a Redis and a mail server of the test's own, and what must be true of every reminder in the end."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from celery import Celery
from django.utils import timezone

from casework.channels.email import message_id
from casework.choices import MessageState, ReminderState
from casework.models import Case, Deadline, EscalationStep, InboxItem, Message, Parameter, Reminder
from tests.factories.bulk import copy_ticket
from tests.factories.requests import accept, dispatch, report
from tests.processes import eventually, postgres_server, redis_server
from tests.servers import smtp_server

SWEEP = "casework.tasks.sweep_reminders"
QUEUE = "default"


@pytest.fixture
def late_tickets(micro_grid_worker, officer, grid_leader, grid_worker, tree):
    """Makes so many tickets whose limit ran out: each is told to its handler and to the leader of the grid.

    They are urgent, so that no letter waits for the morning.
    """

    def make(count):
        # Each letter by itself, so that they can be counted.
        Parameter.objects.filter(key="single_messages").update(value=count + 1)
        ticket = report(micro_grid_worker, tree["00500101"], category="dispute")
        accept(ticket, officer, "grid")
        dispatch(ticket, officer, grid_worker)
        Case.objects.filter(pk=ticket.pk).update(urgency="urgent")
        Deadline.objects.exclude(step="handle").delete()
        EscalationStep.objects.filter(step="handle", tell="community_officer").delete()
        now = timezone.now()
        Deadline.objects.update(due_at=now - timedelta(minutes=1), yellow_at=now - timedelta(days=1))
        Reminder.objects.all().delete()
        copy_ticket(ticket, count - 1)
        for person in (grid_worker, grid_leader):
            person.email = f"{person.username}@example.org"
            person.save(update_fields=["email"])
        return ticket

    return make


@pytest.fixture
def redis():
    with redis_server() as server:
        yield server


@pytest.fixture
def postgres(tree):
    """A PostgreSQL of the test's own, with the areas and the cast that were made before; the tests look at it too."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def mail():
    with smtp_server() as server:
        yield server


@pytest.fixture
def ways(redis, mail):
    """Where a process finds this test's Redis and mail server: environment variables."""
    return {
        "REDIS_URL": redis.url,
        "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
        "DEFAULT_FROM_EMAIL": "weige@localhost",
    }


class Broker:
    """The queue as the tests see it."""

    def __init__(self, redis):
        self.redis = redis
        self.app = Celery(
            "tests", broker=f"redis+socket://{redis.socket}?virtual_host=0", set_as_current=False, fixups=[]
        )

    def send(self, *names):
        for name in names:
            self.app.send_task(name, queue=QUEUE)

    def waiting(self):
        """The names of the tasks that nobody has taken."""
        with self.redis.client() as client:
            return [json.loads(task)["headers"]["task"] for task in client.lrange(QUEUE, 0, -1)]

    def is_idle(self):
        """Whether every task was taken and is done; never again once a worker was killed."""
        with self.redis.client() as client:
            return not client.llen(QUEUE) and not client.hlen("unacked")

    def ping(self):
        """Whether a worker with one lane has done what was sent before, and its answer: JSON of Celery's."""
        key = f"celery-task-meta-{self.app.send_task('core.tasks.ping', args=['done'], queue=QUEUE)}"
        with self.redis.client() as client:
            return json.loads(eventually(lambda: client.get(key), seconds=300))

    def finish(self):
        """Returns when a worker with one lane has done what was sent, and what those tasks sent in turn."""
        self.ping()
        self.ping()


@pytest.fixture
def broker(redis):
    made = Broker(redis)
    yield made
    made.app.close()


def unfinished():
    """Reminders and messages that wait or are in somebody's hands."""
    waiting = Reminder.objects.filter(state__in=[ReminderState.PLANNED, ReminderState.CLAIMED]).count()
    return waiting + Message.objects.filter(state__in=[MessageState.PLANNED, MessageState.CLAIMED]).count()


def long(*values):
    """A size that only `bin/test faults` has the time for."""
    return pytest.param(*values, marks=pytest.mark.faults_long)


def let_claims_run_out():
    """Five minutes later."""
    past = timezone.now() - timedelta(seconds=1)
    Reminder.objects.filter(state=ReminderState.CLAIMED).update(lease_until=past)
    Message.objects.filter(state=MessageState.CLAIMED).update(lease_until=past)


@pytest.fixture
def settle(broker):
    """Sweeps, as beat does every minute, until nothing waits any more, and once again."""

    def sweep_until_done(seconds=60):
        def is_done():
            if not broker.waiting():
                broker.send(SWEEP)
            return not unfinished()

        eventually(is_done, seconds=seconds, pause=0.3)
        broker.send(SWEEP)
        broker.finish()

    return sweep_until_done


def count_letters(mail):
    """How often each letter came, by its Message-ID."""
    return Counter(str(letter["Message-ID"]) for letter in mail.letters)


@pytest.fixture
def told_once(mail):
    """Every late ticket stands once in each of its two inboxes, and each letter about it came once, but for `doubles`.

    Nothing is claimed, nothing waits, nothing was given up.
    """

    def check(tickets, *, doubles=0):
        entries = Counter(InboxItem.objects.filter(rule="late").values_list("recipient", "case"))
        assert len(entries) == 2 * tickets
        assert set(entries.values()) == {1}
        assert set(Reminder.objects.values_list("state", flat=True)) == {ReminderState.DELIVERED}
        assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}
        letters = count_letters(mail)
        expected = Message.objects.filter(channel="email").values_list("dedupe_key", flat=True)
        assert len(expected) == 2 * tickets
        assert letters.keys() == {message_id(key) for key in expected}
        assert max(letters.values()) <= 2
        assert sum(letters.values()) - len(letters) <= doubles

    return check
