"""How fast reminders are planned and delivered; prints what it measured. Run: bin/test tests/perf -m perf -s"""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from casework.models import Deadline, InboxItem, Reminder
from casework.planning import sweep_deadlines
from casework.reminders import deliver_all
from tests.factories.bulk import copy_case
from tests.factories.requests import accept, dispatch, report

pytestmark = [pytest.mark.django_db, pytest.mark.perf]
DUE = 100_000


def test_a_hundred_thousand_due_reminders(micro_grid_worker, officer, grid_worker, grid_leader, tree):
    now = timezone.now()
    ticket = report(micro_grid_worker, tree["00500101"], category="dispute")
    accept(ticket, officer, "grid")
    dispatch(ticket, officer, grid_worker)
    Reminder.objects.all().delete()
    Deadline.objects.exclude(step="handle").delete()
    Deadline.objects.update(due_at=now - timedelta(minutes=1), yellow_at=now - timedelta(days=1))
    copy_case(ticket, DUE // 2 - 1)
    began = time.perf_counter()
    planned = sweep_deadlines(now=now)
    seconds = time.perf_counter() - began
    assert planned == Reminder.objects.count() == DUE
    print(f"\nplanned {planned} reminders in {seconds:.1f} s: {planned / seconds:,.0f} per second")  # noqa: T201
    began = time.perf_counter()
    assert sweep_deadlines(now=now) == 0
    print(f"a second sweep over the same: {time.perf_counter() - began:.3f} s")  # noqa: T201
    began = time.perf_counter()
    delivered = deliver_all(now=timezone.now())
    seconds = time.perf_counter() - began
    assert delivered == InboxItem.objects.count() == DUE
    print(f"delivered {delivered} in {seconds:.1f} s: {delivered / seconds:,.0f} per second")  # noqa: T201
