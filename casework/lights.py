"""The light of a case: one definition, as a condition in SQL and as a function of a row.

Green in time, yellow when a fifth or less of the limit is left, red overdue, blue closed in time, otherwise none.
The clock is always passed in.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from casework.choices import Light

# The share of the limit that is left when the light turns yellow: one part in five.
YELLOW_PART = 5


def light_of(case: Any, now: datetime) -> Light:
    """The light of a row with `due_at`, `limit_from` and `closed_at`."""
    if case.due_at is None:
        return Light.NONE
    if case.closed_at is not None:
        return Light.BLUE if case.closed_at <= case.due_at else Light.NONE
    if case.due_at < now:
        return Light.RED
    limit = case.due_at - case.limit_from if case.limit_from else timedelta()
    return Light.YELLOW if case.due_at - now <= limit / YELLOW_PART else Light.GREEN


def light_filter(light: str, now: datetime) -> Q:
    """Cases that show this light at that moment."""
    is_open = Q(closed_at__isnull=True)
    # A limit without a beginning counts as none long: it is green until it is red, as in light_of().
    limit = ExpressionWrapper(
        (F("due_at") - Coalesce("limit_from", "due_at")) / YELLOW_PART, output_field=DurationField()
    )
    yellow_until = ExpressionWrapper(Value(now) + limit, output_field=DateTimeField())
    conditions = {
        Light.RED: is_open & Q(due_at__lt=now),
        Light.YELLOW: is_open & Q(due_at__gte=now, due_at__lte=yellow_until),
        Light.GREEN: is_open & Q(due_at__gte=now, due_at__gt=yellow_until),
        Light.BLUE: Q(closed_at__lte=F("due_at")),
        Light.NONE: Q(due_at__isnull=True) | Q(closed_at__gt=F("due_at")),
    }
    return conditions[Light(light)]


def with_light(queryset: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """The rows with their light as `light`."""
    shown = (Light.RED, Light.YELLOW, Light.GREEN, Light.BLUE)
    return queryset.annotate(
        light=Case(
            *[When(light_filter(light, now), then=Value(light.value)) for light in shown],
            default=Value(Light.NONE.value),
            output_field=CharField(),
        )
    )
