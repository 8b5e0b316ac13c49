"""PostgreSQL is cut off and comes back: everything that was saved is there, and every process goes on by itself."""

import pytest
from django.db import connection

from tests.faults.outbox.conftest import SWEEP, let_claims_run_out, long
from tests.faults.outbox.reporters import all_saved, assert_kept, reporting
from tests.processes import PostgresServer, eventually, web, worker

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.mark.parametrize(
    ("tickets", "blow"),
    [
        (50, PostgresServer.stop_at_once),
        long(2500, PostgresServer.stop_at_once),
        long(50, PostgresServer.kill),
    ],
)
def test_postgresql_is_cut_off_while_letters_go_out_and_people_report(
    tickets,
    blow,
    postgres,
    late_tickets,
    ways,
    broker,
    mail,
    settle,
    told_once,
    micro_grid_worker,
    officer,
    tree,
):
    late_tickets(tickets)
    with worker(**ways) as only, web(**ways) as site:
        with reporting(site.address, [micro_grid_worker, officer], tree["00500101"]) as reporters:
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
    assert_kept(reporters)
