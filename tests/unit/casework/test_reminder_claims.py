"""Claims of reminders whose workers broke off: taken again, then alone, then given up."""

from datetime import timedelta

import pytest

from casework.models import Reminder
from casework.reminders import LEASE, MAX_ATTEMPTS, claim, deliver
from tests.factories.accounts import UserFactory
from tests.factories.calendar import at

pytestmark = pytest.mark.django_db
NOW = at("2023-02-21 10:00")
AFTER_LEASE = LEASE + timedelta(seconds=1)


def remind(n):
    return Reminder.objects.create(
        dedupe_key=f"test:{n}",
        rule="calendar_provisional",
        recipient=UserFactory(),
        planned_at=NOW - timedelta(hours=1) + timedelta(minutes=n),
        facts={"year": 2027},
    ).pk


def break_off(times, *, since=NOW):
    """So many workers claim and end without delivering; returns the moment at which the last claim has run out."""
    for _time in range(times):
        claim(now=since)
        since += AFTER_LEASE
    return since


def test_what_a_worker_did_not_finish_is_claimed_again_when_its_time_is_over():
    keys = [remind(n) for n in range(3)]
    assert claim(now=NOW) == keys
    assert claim(now=NOW + LEASE) == []
    assert claim(now=NOW + AFTER_LEASE) == keys


def test_what_two_workers_did_not_finish_takes_no_others_along():
    tried = [remind(n) for n in range(3)]
    now = break_off(2)
    fresh = remind(9)
    assert claim(now=now) == [fresh]
    assert claim(now=now) == tried[:1]
    assert claim(now=now) == tried[1:2]


def test_it_is_given_up_after_five_tries_and_not_before():
    (key,) = [remind(0)]
    now = break_off(MAX_ATTEMPTS - 1)
    assert claim(now=now) == [key]
    assert claim(now=now + AFTER_LEASE) == []
    assert Reminder.objects.get().state == "dead"


def test_the_fifth_try_still_delivers():
    remind(0)
    now = break_off(MAX_ATTEMPTS - 1)
    assert deliver(ids=claim(now=now), now=now) == 1
    assert Reminder.objects.get().state == "delivered"
