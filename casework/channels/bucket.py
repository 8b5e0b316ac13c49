"""How many messages a robot may send in a minute, counted in Redis for all processes together.

A bucket holds so many tokens; a token that was taken comes back one minute later. So there are never more in any
minute, not only in those of the clock: a robot that sends too fast is silenced for ten minutes.
"""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from casework.channels.base import TryLater
from core.redis import redis_client

WINDOW = timedelta(minutes=1)
# The list holds when tokens were taken, oldest first, in microseconds of Redis's own clock. Returns the wait.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local size, window = tonumber(ARGV[1]), tonumber(ARGV[2])
while redis.call('LLEN', KEYS[1]) >= size do
  local wait = redis.call('LINDEX', KEYS[1], 0) + window - now
  if wait > 0 then return wait end
  redis.call('LPOP', KEYS[1])
end
redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return 0
"""


def take(name: str, *, per_minute: int) -> timedelta | None:
    """Takes a token of the robot called `name`: None when there was one, otherwise how long to wait for the next.

    Raises `TryLater` when Redis does not answer: a message may wait, the limit may not be broken.
    """
    if per_minute < 1:
        raise ValueError("a robot must be allowed at least one message a minute")
    try:
        with redis_client() as client:
            wait = client.eval(
                TAKE, 1, f"channels:robot:{name}", per_minute, WINDOW // timedelta(microseconds=1)
            )
    except (RedisError, OSError):
        raise TryLater(
            _("The messages of the robot cannot be counted at the moment."), after=WINDOW
        ) from None
    return timedelta(microseconds=int(wait)) if wait else None
