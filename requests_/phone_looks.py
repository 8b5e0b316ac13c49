"""How many phone numbers a person may try on the report form before something is saved.

The form tells who may reveal a contact whether the same resident reported before. Without a limit it would answer that
for any list of numbers; each number tried is counted for an hour and written into the log, itself unreadable.
"""

import logging
from typing import Any

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from casework.limit_models import parameter
from requests_.repeats import digits

log = logging.getLogger(__name__)
WINDOW_SECONDS = 3600


def may_look_for(user: Any, phone: str) -> bool:
    """Whether earlier reports of this number are looked for now; the same number again is no new try.

    Not without Redis: a hint that is missing does less harm than guesses that nobody counts.
    """
    if not (number := digits(phone)):
        return False
    mark = salted_hmac("phone looks", f"{user.pk} {number}").hexdigest()[:16]
    counter = f"phone-looks:{user.pk}"
    try:
        if not cache.add(f"{counter}:{mark}", 1, WINDOW_SECONDS):
            return bool(cache.get(f"{counter}:{mark}") == 1)
        cache.add(counter, 0, WINDOW_SECONDS)
        tried = cache.incr(counter)
        allowed: bool = tried <= parameter("phone_looks_per_hour")
        if not allowed:
            cache.set(f"{counter}:{mark}", 0, WINDOW_SECONDS)
    except (RedisError, ValueError):
        log.warning("user %s: phone not looked for, the count of tries is away", user.pk, exc_info=True)
        return False
    log.log(
        logging.INFO if allowed else logging.WARNING,
        "user %s looks for earlier reports of a phone (%s), number %s within the hour%s",
        user.pk, mark, tried, "" if allowed else ": refused",
    )  # fmt: skip
    return allowed
