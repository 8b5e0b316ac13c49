"""The Celery application; the beat list stands in config/schedule.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("weige")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {}
app.autodiscover_tasks()


@app.on_after_finalize.connect
def _load_schedule(sender: Celery, **_: object) -> None:
    from config.schedule import BEAT_SCHEDULE  # the schedule module needs the loaded app

    sender.conf.beat_schedule = BEAT_SCHEDULE


@task_prerun.connect
def _replace_broken_connection(task: Any, **_: object) -> None:
    """As before a request: a connection that PostgreSQL closed is replaced, not tried a thousand times more."""
    if not task.request.is_eager:
        close_old_connections()
