"""The Celery application; the beat list stands in config/schedule.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, task_prerun
from django.conf import settings
from django.db import close_old_connections

from core.patience import bound_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("weige")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {}
app.autodiscover_tasks()


# Above the ten seconds for which a worker waits for a task; a Redis that freezes holds it up for no longer.
WORKER_REDIS_OPTIONS = {
    "socket_timeout": 15,
    "socket_connect_timeout": 5,
    "max_retries": 1,
    "interval_start": 0,
}


@celeryd_init.connect
def _be_patient(conf: Any, **_: object) -> None:
    """A worker waits longer than a page; the settings hold what a page needs."""
    conf.broker_transport_options = {**conf.broker_transport_options, **WORKER_REDIS_OPTIONS}
    bound_database(settings.WORKER_PATIENCE)


@app.on_after_finalize.connect
def _load_schedule(sender: Celery, **_: object) -> None:
    from config.schedule import BEAT_SCHEDULE  # the schedule module needs the loaded app

    sender.conf.beat_schedule = BEAT_SCHEDULE


@task_prerun.connect
def _replace_broken_connection(task: Any, **_: object) -> None:
    """As before a request: a connection that PostgreSQL closed is replaced, not tried a thousand times more."""
    if not task.request.is_eager:
        close_old_connections()
