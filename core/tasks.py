"""Tasks that tell whether the machinery runs."""

import time

from celery import shared_task
from celery.signals import worker_ready
from django.core.cache import cache

HEARTBEAT_KEY = "worker-heartbeat"


@shared_task(ignore_result=True)
def heartbeat() -> None:
    """Beat asks, a worker answers: written means both are alive."""
    cache.set(HEARTBEAT_KEY, time.time(), timeout=3600)


@worker_ready.connect
def _first_heartbeat(**_: object) -> None:
    """A worker says that it is there when it starts, not only when beat asks half a minute later."""
    heartbeat()


@shared_task(ignore_result=False)
def ping(word: str) -> str:
    """Returns `word`; used by `ping_worker` to prove the whole way through broker, worker and result."""
    heartbeat()
    return word
