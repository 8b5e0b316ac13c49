"""Wrong passwords lock the name at one address, and one address for all names; never the name everywhere."""

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog
from django.test import Client
from django.utils import timezone

from accounts.lockout import LockOutHandler
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"
HERE, ELSEWHERE = "192.0.2.10", "192.0.2.20"


@pytest.fixture
def sign_in():
    """The answer to a sign-in from this address: 200 refused, 302 let in, 429 locked."""

    def send(user, password=PASSWORD, *, at=HERE, agent="browser"):
        data = {"username": getattr(user, "username", user), "password": password}
        return Client().post(SIGN_IN, data, REMOTE_ADDR=at, headers={"User-Agent": agent}).status_code

    return send


def test_a_name_locked_at_one_address_gets_in_from_another(sign_in):
    victim = UserFactory()
    assert [sign_in(victim, "wrong-1") for _try in range(5)][-1] == 429
    assert sign_in(victim) == 429
    assert sign_in(victim, at=ELSEWHERE) == 302


def test_a_locked_name_does_not_lock_its_neighbours_at_the_same_address(sign_in):
    victim = UserFactory()
    assert [sign_in(victim, "wrong-1") for _try in range(5)][-1] == 429
    assert sign_in(UserFactory()) == 302


def test_guesses_over_many_names_from_one_address_are_limited_and_written_down(sign_in, settings):
    settings.LOCKOUT_ADDRESS_LIMIT = 12
    codes = [sign_in(f"name{n}", "Summer-2023") for n in range(12)]
    assert codes == [200] * 11 + [429]
    victim = UserFactory()
    assert sign_in(victim, agent="another browser") == 429
    assert sign_in(victim, at=ELSEWHERE) == 302
    written = AccessFailureLog.objects.filter(ip_address=HERE)
    assert written.count() == 13
    assert written.filter(locked_out=True).count() == 2


def test_the_typos_of_an_office_behind_one_address_lock_nobody_out(sign_in):
    """Nine people forget their passwords in one quarter of an hour, one of them goes on and on."""
    office = [UserFactory() for _person in range(10)]
    for person in office[:9]:
        for _try in range(5):
            sign_in(person, "wrong-1")
    for _try in range(30):
        sign_in(office[0], "wrong-1")
    assert sign_in(office[9], "typo-1") == 200
    assert sign_in(office[9]) == 302


def test_trying_while_locked_does_not_start_the_time_anew(sign_in):
    user = UserFactory()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _try in range(5):
            sign_in(user, "wrong-1")
        clock.shift(timedelta(minutes=10))
        assert sign_in(user, "wrong-1") == 429
        clock.shift(timedelta(minutes=6))
        assert sign_in(user) == 302


def test_who_gets_in_forgets_the_own_failures_and_not_those_of_other_names(sign_in, settings):
    settings.LOCKOUT_ADDRESS_LIMIT = 6
    attacker = UserFactory()
    for n in range(5):
        sign_in(f"name{n}", "wrong-1")
        assert sign_in(attacker) == 302
    assert sign_in("name5", "wrong-1") == 429
    assert AccessAttempt.objects.count() == 6


def test_of_the_failures_of_one_name_the_oldest_are_forgotten(db):
    now = timezone.now()
    for minutes in range(4):
        row = AccessFailureLog.objects.create(username="shuji", ip_address=HERE)
        AccessFailureLog.objects.filter(pk=row.pk).update(attempt_time=now - timedelta(minutes=minutes))
    assert LockOutHandler().remove_out_of_limit_failure_logs(username="shuji", limit=3) == 1
    assert now - timedelta(minutes=3) not in AccessFailureLog.objects.values_list("attempt_time", flat=True)
