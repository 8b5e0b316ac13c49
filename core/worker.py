"""Asking a worker for a task without waiting for Redis: whatever is asked for is found by beat's next run too."""

import logging
from time import monotonic
from typing import Any

from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
# After a try in vain nobody waits again for so long: a page that asks for many tasks tries once.
PAUSE_SECONDS = 5.0
_not_before = 0.0


def ask_worker(task: Any, *args: Any) -> bool:
    """Puts the task into its queue; one try. False when Redis does not answer, or did not a moment ago."""
    global _not_before
    if monotonic() < _not_before:
        return False
    try:
        task.apply_async(args=args, retry=False)
    except OperationalError:
        _not_before = monotonic() + PAUSE_SECONDS
        log.warning("Redis is away; %s waits for its next regular run", task.name, exc_info=True)
        return False
    return True
