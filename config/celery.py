"""The Celery application; the beat list stands in config/schedule.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("weige")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {}
app.autodiscover_tasks()


@app.on_after_finalize.connect
def _load_schedule(sender: Celery, **_: object) -> None:
    from config.schedule import BEAT_SCHEDULE  # the schedule module needs the loaded app

    sender.conf.beat_schedule = BEAT_SCHEDULE
