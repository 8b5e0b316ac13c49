"""Redis is killed and comes back empty, or is emptied: the queue is gone, the reminders are not."""

import pytest

from casework.models import Message
from tests.faults.outbox.conftest import SWEEP
from tests.processes import eventually, worker

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.mark.parametrize("tickets", [50, pytest.param(2500, marks=pytest.mark.faults_long)])
def test_redis_is_killed_while_letters_go_out(tickets, late_tickets, ways, redis, broker, mail, settle, told_once):
    late_tickets(tickets)
    with worker(**ways) as only:
        broker.send(SWEEP)
        eventually(lambda: len(mail.letters) >= 10)
        redis.kill()
        # What the worker has in hand needs no Redis.
        reached = len(mail.letters)
        eventually(lambda: len(mail.letters) > reached + 10)
        redis.start()
        assert not broker.waiting()
        settle(seconds=500)
        assert only.is_running
    told_once(tickets)


def test_redis_is_emptied_with_everything_in_the_queue(late_tickets, ways, redis, broker, settle, told_once):
    late_tickets(20)
    broker.send(SWEEP, SWEEP)
    with redis.client() as client:
        client.flushall()
    with worker(**ways):
        broker.ping()
        assert not Message.objects.exists()
        with redis.client() as client:
            client.flushall()
        settle()
    told_once(20)
