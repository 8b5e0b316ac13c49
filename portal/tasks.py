"""Celery entry points of the portal: the heartbeats by which "ready" knows that work is done."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.db import connection

from portal.services import record_heartbeats


@shared_task
def heartbeat(queue: str) -> None:
    """Beat asks every half minute on every queue; written means that beat and a worker of that queue are alive."""
    record_heartbeats(queues=[queue])


@worker_ready.connect
def first_heartbeats(sender: Any, **_: object) -> None:
    """A worker says that it is there when it starts, not only when beat asks half a minute later."""
    consumed = sender.app.amqp.queues.consume_from
    record_heartbeats(queues=[queue for queue in settings.TASK_QUEUES if queue in consumed])
    # The tasks run in processes of their own; this one needs its connection never again.
    connection.close()
