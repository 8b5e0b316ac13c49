"""Two beats run at once, against the rule: both ask for the same sweeps, and everybody hears once."""

import time

import pytest

from casework.models import Reminder
from tests.faults.outbox.conftest import SWEEP, long
from tests.processes import beat, eventually, worker

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
# How long the beats have for starting before their clocks reach the full minute.
RUN_UP = 9


@pytest.mark.parametrize("tickets", [20, long(2500)])
def test_two_beats_ask_for_the_same_sweep(tickets, late_tickets, ways, broker, settle, told_once, tmp_path):
    late_tickets(tickets)
    clock = 60 - RUN_UP - time.time() % 60
    with beat(tmp_path / "one", clock=clock, **ways), beat(tmp_path / "two", clock=clock, **ways):
        eventually(lambda: broker.waiting().count(SWEEP) == 2, seconds=150)
    # Two lanes each: all sweeps begin at the same moment, and so do the tasks that follow from them.
    with worker(lanes=2, **ways), worker(lanes=2, **ways):
        eventually(broker.is_idle, seconds=300)
        # All is in the inboxes; so many letters take more than the turns of these two sweeps.
        assert not Reminder.objects.exclude(state="delivered").exists()
        settle(seconds=500)
        eventually(broker.is_idle)
    told_once(tickets)
