"""Celery entry points; each may run twice harmlessly."""

from celery import shared_task
from django.utils import timezone

from casework.photos import drop_stale_photos
from casework.reminders import deliver_all, sweep


@shared_task
def sweep_reminders() -> None:
    """Every minute: plan what is due, then deliver everything planned."""
    now = timezone.now()
    sweep(now=now)
    deliver_all(now=now)


@shared_task
def deliver_reminders() -> None:
    """Right after a step: deliver its news."""
    deliver_all(now=timezone.now())


@shared_task
def drop_photos() -> None:
    """Nightly: pictures of forms nobody finished."""
    drop_stale_photos()
