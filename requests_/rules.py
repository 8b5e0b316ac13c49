"""What tickets are reminded of beside what every case is (domain page 12.9); registered with the sweep."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Concat, JSONObject
from django.utils.translation import gettext_lazy as _

from casework.choices import Audience, HandlingLevel, Step, Topic
from casework.models import Deadline
from casework.planning import plan_cases, rule
from casework.validity import Lines, holds, pks

# Whose desk a ticket was dispatched from, by its level.
DISPATCHERS = (
    (Q(case__handling_level=HandlingLevel.GRID), (Audience.GRID_LEADER, Audience.COMMUNITY_OFFICER)),
    (Q(case__handling_level=HandlingLevel.COMMUNITY), (Audience.COMMUNITY_OFFICER,)),
    (
        Q(case__handling_level__in=(HandlingLevel.SUBDISTRICT, HandlingLevel.DISTRICT)),
        (Audience.SUBDISTRICT_ADMIN,),
    ),
)


@rule(
    "unsigned",
    Topic.LATE,
    _("%(number)s is still not signed for by %(handler)s"),
    outward=_("not signed for"),
)
def unsigned(now: datetime) -> int:
    """To the desk that dispatched it, when half as much again as the time to sign is over.

    The handler hears of the limit itself, before (EscalationStep).
    """
    late = Deadline.objects.counting().filter(step=Step.SIGN, half_over_at__lt=now, case__kind="ticket")
    key = Concat("pk", Value(":"), "due_at", output_field=CharField())
    due = late.values_list("case_id", key, JSONObject(step="step")).order_by()
    return sum(
        plan_cases(name="unsigned", due=due.filter(at_level), tell=tell, now=now)
        for at_level, tell in DISPATCHERS
    )


@holds("unsigned")
def _unsigned_still(lines: Lines, now: datetime) -> Collection[int]:
    waiting = Deadline.objects.counting().filter(case=OuterRef("case"), step=Step.SIGN, half_over_at__lt=now)
    return pks(lines.filter(Exists(waiting)))
