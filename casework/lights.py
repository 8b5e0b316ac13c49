"""The light of a case: one definition, as a condition in SQL and as a function of a row.

Green in time, yellow from the moment the limit says (casework/deadlines.py), red overdue, grey suspended, blue closed
after being handled in time, otherwise none. The clock is always passed in.
"""

from datetime import datetime
from typing import Any

from django.db.models import F, Q

from casework.choices import DeadlineResult, Light
from core.keyset import Part


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


def light_parts(now: datetime) -> dict[Light, Part]:
    """The lights in order of urgency, with what orders the cases of each, for pages in this order (core/keyset.py).

    Closed cases stand together under blue. Each part is a range of an index: sorting by a computed light would read
    and sort every open case of the scope.
    """
    is_open = Q(closed_at__isnull=True)
    return {
        Light.RED: (("due_at", "pk"), light_filter(Light.RED, now)),
        Light.YELLOW: (("due_at", "pk"), light_filter(Light.YELLOW, now)),
        Light.GREEN: (("due_at", "pk"), light_filter(Light.GREEN, now)),
        Light.GREY: (("pk",), is_open & Q(due_at__isnull=True, paused_at__isnull=False)),
        Light.NONE: (("pk",), is_open & Q(due_at__isnull=True, paused_at__isnull=True)),
        Light.BLUE: (("-opened_at", "-pk"), ~is_open),
    }
