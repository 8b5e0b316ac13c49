"""A minute in which worker, web process, Redis and PostgreSQL are killed in turn while two people write."""

import os
import signal
import time

import pytest
from django.db import connection

from tests.faults.outbox.conftest import SWEEP, let_claims_run_out
from tests.faults.outbox.reporters import all_saved, assert_kept, reporting
from tests.processes import eventually, web

pytestmark = [
    pytest.mark.faults_long,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
SECONDS = 60
TICKETS = 1000


def test_a_minute_of_killing(
    postgres,
    redis,
    late_tickets,
    ways,
    broker,
    settle,
    told_once,
    start_worker,
    micro_grid_worker,
    officer,
    tree,
):
    late_tickets(TICKETS)
    workers = [start_worker(**ways)]
    rounds = 0

    def kill_the_worker():
        workers[-1].kill()
        workers.append(start_worker(**ways))

    def kill_a_web_process():
        os.kill(site.process.children()[0], signal.SIGKILL)

    def kill_redis():
        redis.kill()
        redis.start()

    def kill_postgresql():
        postgres.kill()
        connection.close()
        postgres.start()

    with web(**ways) as site:
        with reporting(site.address, [micro_grid_worker, officer], tree["00500101"]) as reporters:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                for blow in (kill_the_worker, kill_a_web_process, kill_redis, kill_postgresql):
                    eventually(all_saved(reporters, 2))
                    broker.send(SWEEP)
                    blow()
                rounds += 1
        broker.finish()
        let_claims_run_out()
        settle(seconds=300)
    # At most one letter was in hand at each blow to the worker or to PostgreSQL.
    told_once(TICKETS, doubles=2 * rounds)
    assert_kept(reporters)
