"""Redis is killed and comes back empty, or is emptied: the queue is gone, the reminders are not."""

import pytest

from casework.models import InboxItem, Message
from tests.faults.outbox.conftest import SWEEP, long
from tests.faults.outbox.reporters import all_saved, assert_kept, reporting
from tests.processes import eventually, web, worker

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.mark.parametrize("tickets", [50, long(2500)])
def test_redis_is_killed_while_letters_go_out_and_people_report(
    tickets, late_tickets, ways, redis, broker, mail, settle, told_once, micro_grid_worker, grid_leader, tree
):
    late_tickets(tickets)
    with worker(**ways) as only, web(**ways) as site:
        with reporting(site.address, [micro_grid_worker], tree["00500101"]) as reporters:
            eventually(all_saved(reporters, 2))
            broker.send(SWEEP)
            eventually(lambda: len(mail.letters) >= 10)
            redis.kill()
            # Neither the letters in hand nor people need Redis.
            before = len(mail.letters)
            eventually(all_saved(reporters, 2))
            eventually(lambda: len(mail.letters) > before)
            redis.start()
        settle(seconds=500)
        assert only.is_running
    told_once(tickets)
    assert_kept(reporters)
    news = InboxItem.objects.filter(
        rule="news", recipient=grid_leader, case__idempotency_key__in=reporters[0].saved
    )
    assert news.count() == len(reporters[0].saved)
    assert reporters[0].troubles == 0


def test_redis_is_emptied_with_everything_in_the_queue(late_tickets, ways, redis, broker, settle, told_once):
    late_tickets(20)
    broker.send(SWEEP, SWEEP)
    redis.empty()
    with worker(**ways):
        broker.ping()
        assert not Message.objects.exists()
        redis.empty()
        settle()
    told_once(20)
