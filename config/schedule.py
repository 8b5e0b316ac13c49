"""What beat starts, and when. Reviewed code, not rows that somebody edits at night."""

from typing import Any

from celery.schedules import crontab
from django.conf import settings


def _heartbeat(queue: str) -> dict[str, Any]:
    """Asked of every queue on its own. After two minutes nobody is interested any more: a worker that comes back
    throws the old ones away instead of answering them all."""
    return {
        "task": "portal.tasks.heartbeat",
        "schedule": 30.0,
        "args": (queue,),
        "options": {"queue": queue, "expires": 120},
    }


BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    **{f"heartbeat-{queue}": _heartbeat(queue) for queue in settings.TASK_QUEUES},
    "reminders-sweep": {"task": "casework.tasks.sweep_reminders", "schedule": crontab(minute="*")},
    # Right after a change of the calendar the count is asked for anyway; this finds the orders whose message was lost.
    "deadlines-recount": {"task": "casework.tasks.recompute_deadlines", "schedule": crontab(minute="*/5")},
    "tickets-archive": {"task": "requests_.tasks.archive_closed", "schedule": crontab(hour=2, minute=10)},
    "photos-drop-staged": {"task": "casework.tasks.drop_photos", "schedule": crontab(hour=2, minute=40)},
    "imports-drop-waiting": {"task": "grids.tasks.drop_imports", "schedule": crontab(hour=2, minute=50)},
}
