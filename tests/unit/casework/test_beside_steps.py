"""What runs by itself beside a person's step, on two real connections: neither stops nor overtakes the other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from casework.models import Reminder
from casework.planning import sweep_deadlines
from casework.recount import run_recounts
from casework.services import locked_case
from grids.calendar_keeping import set_workday
from tests.factories.measures import at
from tests.factories.requests import accept, due, report
from tests.processes import eventually, lock_waiters

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def beside(job):
    """Runs the job on another connection, which waits two seconds for a lock at most, and returns its result."""

    def run():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(timeout=30)


def test_the_sweep_tells_a_late_case_while_a_step_has_it_in_hand(micro_grid_worker, grid_leader, tree):
    """The reminder refers to the case: a step that locked out such references would deadlock over the limit."""
    ticket = accept(report(micro_grid_worker, tree["00500101"], now=at(1)), grid_leader, now=at(1))
    Reminder.objects.all().delete()
    with transaction.atomic():
        locked_case(ticket.number)
        assert beside(lambda: sweep_deadlines(now=ticket.due_at + timedelta(minutes=1))) > 0


def test_a_limit_counted_while_the_calendar_changes_is_counted_again(
    micro_grid_worker, grid_leader, system_admin, tree
):
    """The step read the old days and ends after the change was entered: it may not slip through the recount."""
    ticket = report(micro_grid_worker, tree["00500101"], now=at(1))

    def change():
        try:
            set_workday(
                actor=system_admin, day=date(2023, 3, 3), is_workday=False, name="调整", source="通知"
            )
            run_recounts(now=at(1))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            accept(ticket, grid_leader, now=at(1))
            changed = pool.submit(change)
            eventually(lambda: changed.done() or lock_waiters())
        changed.result(timeout=30)
    assert due(ticket, "handle") == at(9, 18)
