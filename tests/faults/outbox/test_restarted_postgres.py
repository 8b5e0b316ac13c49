"""PostgreSQL is cut off and comes back: everything that was saved is there, and every process goes on by itself."""

import pytest
from django.db import connection

from requests_.models import Ticket
from tests.faults.outbox.conftest import SWEEP, let_claims_run_out, long
from tests.faults.outbox.reporters import reporting
from tests.processes import PostgresServer, eventually, postgres_server, web, worker

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def postgres(late_tickets):
    with postgres_server() as server:
        yield server


def all_saved(reporters, more):
    """Whether each has saved so many more by now than before; asked again and again."""
    wanted = [len(reporter.saved) + more for reporter in reporters]
    return lambda: all(len(r.saved) >= count for r, count in zip(reporters, wanted, strict=True))


@pytest.mark.parametrize(
    ("tickets", "blow"),
    [(50, PostgresServer.stop_at_once), long(2500, PostgresServer.stop_at_once), long(50, PostgresServer.kill)],
)
def test_postgresql_is_cut_off_while_letters_go_out_and_people_report(
    tickets, blow, postgres, late_tickets, ways, broker, mail, settle, told_once, micro_grid_worker, officer, tree
):
    late_tickets(tickets)
    with worker(**ways) as only, web(**ways) as address:
        with reporting(address, [micro_grid_worker.username, officer.username], tree["00500101"].code) as reporters:
            eventually(all_saved(reporters, 2))
            broker.send(SWEEP)
            eventually(lambda: len(mail.letters) >= tickets // 2)
            blow(postgres)
            connection.close()
            postgres.start()
            eventually(all_saved(reporters, 2))
        broker.finish()
        let_claims_run_out()
        settle(seconds=500)
        assert only.is_running
    told_once(tickets, doubles=1)
    saved = {key for reporter in reporters for key in reporter.saved}
    assert saved <= set(Ticket.objects.values_list("idempotency_key", flat=True))
