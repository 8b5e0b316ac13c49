"""How fast reminders are planned and delivered; prints what it measured. Run: bin/test tests/perf -m perf -s"""

import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from casework.models import Deadline, InboxItem, Reminder
from casework.planning import sweep_deadlines
from casework.reminders import deliver_all
from tests.factories.bulk import copy_case
from tests.factories.requests import accept, dispatch, report

# Each batch is a transaction of its own, as in the sweep.
pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.perf]
# Three people hear of each case.
DUE = 100_002


def copy_reminders():
    """The seconds that writing as many rows into the same table takes, without finding out what is due and whom."""
    columns = ", ".join(
        field.column for field in Reminder._meta.fields if field.name not in ("id", "dedupe_key")
    )
    with transaction.atomic(), connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(
            f"INSERT INTO casework_reminder (dedupe_key, {columns}) "
            f"SELECT 'copy:' || dedupe_key, {columns} FROM casework_reminder ON CONFLICT (dedupe_key) DO NOTHING"
        )
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds


def test_a_hundred_thousand_due_reminders(micro_grid_worker, officer, grid_worker, grid_leader, tree):
    now = timezone.now()
    ticket = report(micro_grid_worker, tree["00500101"], category="dispute")
    accept(ticket, officer, "grid")
    dispatch(ticket, officer, grid_worker)
    Reminder.objects.all().delete()
    Deadline.objects.exclude(step="handle").delete()
    Deadline.objects.update(due_at=now - timedelta(minutes=1), yellow_at=now - timedelta(days=1))
    copy_case(ticket, DUE // 3 - 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as PostgreSQL does by itself within a minute
    began = time.perf_counter()
    planned = sweep_deadlines(now=now)
    seconds = time.perf_counter() - began
    assert planned == Reminder.objects.count() == DUE
    print(f"\nplanned {planned} reminders in {seconds:.1f} s: {planned / seconds:,.0f} per second")  # noqa: T201
    plain = copy_reminders()
    print(f"PostgreSQL alone writes the same rows again in {plain:.1f} s: {seconds / plain:.1f} times")  # noqa: T201
    began = time.perf_counter()
    assert sweep_deadlines(now=now) == 0
    print(f"a second sweep over the same: {time.perf_counter() - began:.3f} s")  # noqa: T201
    began = time.perf_counter()
    delivered = deliver_all(now=timezone.now())
    seconds = time.perf_counter() - began
    assert delivered == InboxItem.objects.count() == DUE
    print(f"delivered {delivered} in {seconds:.1f} s: {delivered / seconds:,.0f} per second")  # noqa: T201
