"""The limit of a robot, counted by the real Redis over when calls may have arrived."""

import heapq
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from casework.channels.base import TryLater
from casework.channels.bucket import LONGEST, MARGIN, WINDOW, begin, counted_call, end
from core.redis import redis_client
from tests.servers import silent_server

BEGIN = datetime(2023, 2, 20, 8, 40, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def name():
    """A robot of our own, for tests of several processes share one Redis."""
    name = uuid.uuid4().hex
    yield name
    forget(name)


def key(name):
    return f"channels:robot:{name}"


def forget(name):
    with redis_client() as client:
        client.delete(key(name))


def call(name, *, per_minute, now=BEGIN, lasts=timedelta()):
    """A call that begins at `now` and lasts so long; None, or how long it would have to wait."""
    one = uuid.uuid4().hex
    wait = begin(name, one, per_minute=per_minute, now=now)
    if wait is None:
        end(name, one, now=now + lasts)
    return wait


def test_two_threads_never_begin_more_calls_than_the_limit(name):
    with ThreadPoolExecutor(max_workers=2) as threads:
        waits = list(threads.map(lambda _: begin(name, uuid.uuid4().hex, per_minute=20), range(60)))
    assert Counter(wait is None for wait in waits) == {True: 20, False: 40}
    assert all(timedelta() < wait <= WINDOW + MARGIN + LONGEST for wait in waits if wait is not None)


def test_robots_have_their_own_limits(name):
    other = f"{name}-other"
    assert call(name, per_minute=1) is None
    assert call(name, per_minute=1) is not None
    assert call(other, per_minute=1) is None
    forget(other)


def test_a_call_counts_until_a_minute_and_a_margin_after_it_ended(name):
    """The first call arrives at the end of its ten seconds; 59.8 s after that is too early for the next one."""
    slow = timedelta(seconds=10)
    assert call(name, per_minute=1, lasts=slow) is None
    free = BEGIN + slow + WINDOW + MARGIN
    assert call(name, per_minute=1, now=BEGIN + slow + timedelta(seconds=59.8)) == timedelta(seconds=2.2)
    assert call(name, per_minute=1, now=free - SECOND) == SECOND
    assert call(name, per_minute=1, now=free) is None


def test_only_so_many_calls_may_begin_as_are_long_enough_over(name):
    for seconds in (0, 10, 20):
        assert call(name, per_minute=3, now=BEGIN + seconds * SECOND) is None
    now = BEGIN + WINDOW + MARGIN + 10 * SECOND
    assert [call(name, per_minute=3, now=now) for _ in range(3)] == [None, None, 10 * SECOND]


def test_a_call_whose_process_died_counts_as_long_as_a_call_may_take(name):
    assert begin(name, "died", per_minute=1, now=BEGIN) is None
    over = BEGIN + LONGEST + WINDOW + MARGIN
    assert call(name, per_minute=1, now=over - SECOND) == SECOND
    assert call(name, per_minute=1, now=over) is None


# When a worker wants to send after the one before, how long its call takes, when within that it arrives, and whether
# the worker dies before it writes down the end.
CALLS = st.lists(
    st.tuples(
        st.integers(0, 25_000), st.integers(0, 10_000), st.floats(0, 1), st.sampled_from([False] * 9 + [True])
    ),
    min_size=8,
    max_size=40,
)


@examples(max_examples=60, deadline=None)
@given(calls=CALLS, limit=st.integers(1, 4))
def test_no_server_sees_more_calls_in_any_minute_than_it_takes(calls, limit):
    """Workers that begin calls while others are under way, by a clock of the test's own."""
    name, now, under_way, arrivals = uuid.uuid4().hex, BEGIN, [], []
    for number, (gap, lasts, when, dies) in enumerate(calls):
        now += timedelta(milliseconds=gap)
        while under_way and under_way[0][0] <= now:
            moment, ended = heapq.heappop(under_way)
            end(name, ended, now=moment)
        if begin(name, str(number), per_minute=limit, now=now) is None:
            arrivals.append(now + when * timedelta(milliseconds=lasts))
            if not dies:
                heapq.heappush(under_way, (now + timedelta(milliseconds=lasts), str(number)))
    forget(name)
    arrivals.sort()
    assert all(later - first > WINDOW for first, later in zip(arrivals, arrivals[limit:], strict=False))


def test_nothing_stays_in_redis_for_long(name):
    with counted_call(name, per_minute=20):
        pass
    with redis_client() as client:
        assert 0 < client.pttl(key(name)) <= (WINDOW + MARGIN + LONGEST) / timedelta(milliseconds=1)


def test_a_call_that_fails_is_counted_from_its_end_too(name):
    with pytest.raises(ZeroDivisionError), counted_call(name, per_minute=1):
        1 / 0  # noqa: B018
    with pytest.raises(TryLater) as caught, counted_call(name, per_minute=1):
        pass
    assert WINDOW < caught.value.after <= WINDOW + MARGIN


def test_a_limit_of_nothing_is_a_mistake(name):
    with pytest.raises(ValueError, match="at least one"):
        begin(name, "call", per_minute=0)


def test_without_redis_a_message_waits(name, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    with pytest.raises(TryLater) as caught, counted_call(name, per_minute=20):
        pytest.fail("the call was made")
    assert caught.value.after == WINDOW
    assert "nowhere" not in str(caught.value)


def test_with_a_silent_redis_a_message_waits(name, settings, monkeypatch):
    monkeypatch.setattr("core.redis.TIMEOUT_SECONDS", 0.2)
    with silent_server() as port:
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        with pytest.raises(TryLater), counted_call(name, per_minute=20):
            pytest.fail("the call was made")
