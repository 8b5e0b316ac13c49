"""The Celery app is imported with the settings package so that tasks bind to it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
