"""The limit of a robot, counted by the real Redis."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from casework.channels.base import TryLater
from casework.channels.bucket import WINDOW, take
from core.redis import redis_client
from tests.servers import silent_server


@pytest.fixture
def name():
    """A robot of our own, for tests of several processes share one Redis."""
    name = uuid.uuid4().hex
    yield name
    with redis_client() as client:
        client.delete(key(name))


def key(name):
    return f"channels:robot:{name}"


def make_older(name, *, by):
    """Moves what was taken into the past, as if so much time had gone by."""
    with redis_client() as client:
        times = [int(moment) for moment in client.lrange(key(name), 0, -1)]
        client.delete(key(name))
        client.rpush(key(name), *(moment - by // timedelta(microseconds=1) for moment in times))


def test_two_threads_never_take_more_than_the_limit(name):
    with ThreadPoolExecutor(max_workers=2) as threads:
        waits = list(threads.map(lambda _: take(name, per_minute=20), range(60)))
    assert Counter(wait is None for wait in waits) == {True: 20, False: 40}
    assert all(timedelta() < wait <= WINDOW for wait in waits if wait is not None)


def test_robots_have_their_own_limits(name):
    other = f"{name}-other"
    assert take(name, per_minute=1) is None
    assert take(name, per_minute=1) is not None
    assert take(other, per_minute=1) is None
    with redis_client() as client:
        client.delete(key(other))


def test_a_token_comes_back_a_minute_after_it_was_taken_not_at_the_full_minute(name):
    for _ in range(3):
        assert take(name, per_minute=3) is None
    make_older(name, by=timedelta(seconds=30))
    assert timedelta(seconds=20) < take(name, per_minute=3) <= timedelta(seconds=30)
    make_older(name, by=timedelta(seconds=30))
    waits = [take(name, per_minute=3) for _ in range(6)]
    assert Counter(wait is None for wait in waits) == {True: 3, False: 3}


def test_only_so_many_tokens_come_back_as_are_old_enough(name):
    assert [take(name, per_minute=2) for _ in range(1)] == [None]
    make_older(name, by=timedelta(seconds=61))
    assert take(name, per_minute=2) is None
    assert take(name, per_minute=2) is None
    assert take(name, per_minute=2) is not None


def test_nothing_stays_in_redis_for_long(name):
    take(name, per_minute=20)
    with redis_client() as client:
        assert 0 < client.pttl(key(name)) <= 60_000


def test_a_limit_of_nothing_is_a_mistake(name):
    with pytest.raises(ValueError, match="at least one"):
        take(name, per_minute=0)


def test_without_redis_a_message_waits(name, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    with pytest.raises(TryLater) as caught:
        take(name, per_minute=20)
    assert caught.value.after == WINDOW
    assert "nowhere" not in str(caught.value)


def test_with_a_silent_redis_a_message_waits(name, settings, monkeypatch):
    monkeypatch.setattr("core.redis.TIMEOUT_SECONDS", 0.2)
    with silent_server() as port:
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        with pytest.raises(TryLater):
            take(name, per_minute=20)
