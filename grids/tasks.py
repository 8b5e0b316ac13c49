"""Celery entry points of areas."""

from celery import shared_task

from grids.importing import drop_waiting_imports


@shared_task
def drop_imports() -> None:
    """Nightly: uploaded boundary files nobody confirmed."""
    drop_waiting_imports()
