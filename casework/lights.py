"""The light of a case: one definition, as a condition in SQL and as a function of a row.

Green in time, yellow from the moment the limit says (casework/deadlines.py), red overdue, grey suspended, blue closed
after being handled in time, otherwise none. The clock is always passed in.
"""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from casework.choices import DeadlineResult, Light


def handled_in_time(case: Any) -> bool | None:
    """Whether a closed case was handled by its limit; None when it had none."""
    return None if case.due_at is None else (case.handled_at or case.closed_at) <= case.due_at


def light_of(case: Any, now: datetime) -> Light:
    """The light of a row with `due_at`, `yellow_at`, `paused_at`, `handled_at` and `closed_at`."""
    if case.closed_at is not None:
        return Light.BLUE if handled_in_time(case) else Light.NONE
    return _open_light(case, now)


def limit_light(deadline: Any, now: datetime) -> Light:
    """The light of one limit: as of a case while it runs, blue when done in time, none otherwise."""
    if deadline.ended_at is not None:
        return Light.BLUE if deadline.result == DeadlineResult.MET else Light.NONE
    return _open_light(deadline, now)


def _open_light(row: Any, now: datetime) -> Light:
    if row.paused_at is not None:
        return Light.GREY
    if row.due_at is None:
        return Light.NONE
    if row.due_at < now:
        return Light.RED
    return Light.YELLOW if row.yellow_at is not None and row.yellow_at <= now else Light.GREEN


def light_filter(light: str, now: datetime) -> Q:
    """Cases that show this light at that moment."""
    counting = Q(closed_at__isnull=True, paused_at__isnull=True)
    in_time = counting & Q(due_at__gte=now)
    late = Q(closed_at__isnull=False) & (
        Q(handled_at__gt=F("due_at")) | Q(handled_at__isnull=True, closed_at__gt=F("due_at"))
    )
    conditions = {
        Light.RED: counting & Q(due_at__lt=now),
        Light.YELLOW: in_time & Q(yellow_at__lte=now),
        Light.GREEN: in_time & (Q(yellow_at__gt=now) | Q(yellow_at__isnull=True)),
        Light.GREY: Q(closed_at__isnull=True, paused_at__isnull=False),
        Light.BLUE: Q(closed_at__isnull=False)
        & (Q(handled_at__lte=F("due_at")) | Q(handled_at__isnull=True, closed_at__lte=F("due_at"))),
        Light.NONE: late
        | (Q(due_at__isnull=True) & (Q(closed_at__isnull=False) | Q(paused_at__isnull=True))),
    }
    return conditions[Light(light)]


def with_light(queryset: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """The rows with their light as `light`."""
    shown = (Light.RED, Light.YELLOW, Light.GREEN, Light.GREY, Light.BLUE)
    return queryset.annotate(
        light=Case(
            *[When(light_filter(light, now), then=Value(light.value)) for light in shown],
            default=Value(Light.NONE.value),
            output_field=CharField(),
        )
    )
