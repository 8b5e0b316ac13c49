"""Queues the delivery by the task's name: services need not import the tasks that import them."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def queue_delivery() -> None:
    """Asks a worker to deliver what is planned now; if the broker is away, the next sweep does it."""
    try:
        current_app.tasks["casework.tasks.deliver_reminders"].apply_async(retry=False)
    except OperationalError:
        log.warning("broker away; reminders wait for the next sweep", exc_info=True)
