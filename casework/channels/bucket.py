"""How many messages a robot may send in a minute, counted in Redis for all processes together.

The robot's server counts arrivals, in any minute and not only in those of the clock. When a call arrives is known only
within bounds: after it began and before it ended. So a call counts from its begin until a minute and a margin after its
end; there are never more of them at once than the server takes in a minute.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from casework.channels.base import TryLater
from core.redis import redis_client

WINDOW = timedelta(minutes=1)
# What the server's clock and the way there may add.
MARGIN = timedelta(seconds=2)
# When a call whose end nobody wrote down, because its process died, is over at the latest (robots.TOTAL_SECONDS).
LONGEST = timedelta(seconds=20)
# The set holds the calls by their end in microseconds of Redis's own clock, or of the one that is passed.
CLOCK = """
local now = tonumber(ARGV[1])
if not now then local time = redis.call('TIME'); now = time[1] * 1000000 + time[2] end
local call, counted, longest = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local function note(moment)
  redis.call('ZADD', KEYS[1], string.format('%.0f', moment), call)
  redis.call('PEXPIRE', KEYS[1], math.ceil((counted + longest) / 1000))
end
"""
# Returns how long to wait, 0 when the call may begin.
BEGIN = f"""{CLOCK}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - counted))
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[5]) then
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return first[2] + counted - now
end
note(now + longest)
return 0
"""
END = f"{CLOCK} note(now)"


@contextmanager
def counted_call(name: str, *, per_minute: int) -> Iterator[None]:
    """Around one call of the robot called `name`. Raises `TryLater` when it has to wait, and says how long.

    Also when Redis does not answer: a message may wait, the limit may not be broken.
    """
    call = uuid.uuid4().hex
    try:
        wait = begin(name, call, per_minute=per_minute)
    except (RedisError, OSError):
        raise TryLater(
            _("The messages of the robot cannot be counted at the moment."), after=WINDOW
        ) from None
    if wait:
        raise TryLater(_("Twenty messages a minute are sent; this one waits."), after=wait)
    try:
        yield
    finally:
        # Without Redis the call counts as one that took as long as a call may take.
        with suppress(RedisError, OSError):
            end(name, call)


def begin(name: str, call: str, *, per_minute: int, now: datetime | None = None) -> timedelta | None:
    """Writes down that the call begins: None when it may, otherwise how long to wait."""
    if per_minute < 1:
        raise ValueError("a robot must be allowed at least one message a minute")
    wait = _run(BEGIN, name, call, now, per_minute)
    return timedelta(microseconds=wait) if wait else None


def end(name: str, call: str, *, now: datetime | None = None) -> None:
    """Writes down that the call is over, whatever came of it: it may have arrived."""
    _run(END, name, call, now)


def _run(script: str, name: str, call: str, now: datetime | None, *more: int) -> int:
    clock = "" if now is None else str(_micro(timedelta(seconds=now.timestamp())))
    counted, longest = _micro(WINDOW + MARGIN), _micro(LONGEST)
    with redis_client() as client:
        answer = client.eval(script, 1, f"channels:robot:{name}", clock, call, counted, longest, *more)
    return int(answer or 0)


def _micro(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
