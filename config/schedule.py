"""What beat starts, and when. Reviewed code, not rows that somebody edits at night."""

from celery.schedules import crontab

BEAT_SCHEDULE = {
    "worker-heartbeat": {"task": "core.tasks.heartbeat", "schedule": 30.0},
    "reminders-sweep": {"task": "casework.tasks.sweep_reminders", "schedule": crontab(minute="*")},
    "tickets-archive": {"task": "requests_.tasks.archive_closed", "schedule": crontab(hour=2, minute=10)},
    "photos-drop-staged": {"task": "casework.tasks.drop_photos", "schedule": crontab(hour=2, minute=40)},
}
