"""What tickets are reminded of beside what every case is (domain page 12.9); registered with the sweep."""

from datetime import datetime

from django.db.models import CharField, DateTimeField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Concat, JSONObject
from django.utils.translation import gettext_lazy as _

from casework.choices import Audience, HandlingLevel, Step, Topic
from casework.models import Deadline
from casework.planning import plan_cases, rule

AT_GRID = Q(case__handling_level=HandlingLevel.GRID)


@rule(
    "unsigned",
    Topic.LATE,
    _("%(number)s is still not signed for by %(handler)s"),
    outward=_("not signed for"),
)
def unsigned(now: datetime) -> int:
    """To the desk that dispatched it, when half as much again as the time to sign is over."""
    half_over = ExpressionWrapper(
        F("due_at") + (F("due_at") - F("counted_from")) / 2, output_field=DateTimeField()
    )
    late = Deadline.objects.counting().filter(step=Step.SIGN, told__gte=0, due_at__lt=now)
    late = late.annotate(half_over=half_over).filter(half_over__lt=now, case__kind="ticket")
    key = Concat("pk", Value(":"), "due_at", output_field=CharField())
    due = late.values_list("case_id", key, JSONObject(step="step")).order_by()
    return plan_cases(
        name="unsigned", due=due.filter(AT_GRID), tell=(Audience.GRID_LEADER,), now=now
    ) + plan_cases(name="unsigned", due=due.exclude(AT_GRID), tell=(Audience.COMMUNITY_OFFICER,), now=now)
