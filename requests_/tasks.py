"""Celery entry points of tickets."""

from celery import shared_task

from requests_.services import archive_closed_tickets


@shared_task
def archive_closed() -> None:
    """Nightly: archive what has been closed for a month; what a batch leaves over comes the next night."""
    archive_closed_tickets(batch=5000)
