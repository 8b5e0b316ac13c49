"""What the portal writes: only heartbeats."""

from collections.abc import Iterable

from django.db.models.functions import Now

from portal.models import Heartbeat


def record_heartbeats(*, queues: Iterable[str]) -> None:
    """Notes that a worker takes tasks from these queues now; one statement, harmless to repeat."""
    Heartbeat.objects.bulk_create(
        # In order, so that two workers that write the same rows cannot wait for each other.
        [Heartbeat(name=queue, at=Now()) for queue in sorted(queues)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )


def forget_heartbeats() -> None:
    """Before the processes start: what those of a former run said is no sign of life of these."""
    Heartbeat.objects.all().delete()
