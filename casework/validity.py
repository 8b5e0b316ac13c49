"""Whether what a message says still holds when it is sent: asked of the case as it is then, not as it was planned.

A list is planned in the evening and sent in the morning; meanwhile a case is closed, put off, suspended or given to
somebody else. Whether the recipient may see the case at all is asked in casework/letters.py.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from casework.audiences import somebody_sql
from casework.choices import Audience, RequestState, Urgency, WhistleState
from casework.models import (
    Deadline,
    ExtensionRequest,
    Message,
    MessageLine,
    Supervision,
    Suspension,
    WhistleCall,
)
from casework.planning import NEWS, NEWS_DECISION, escalation_audiences
from grids.office_calendar import is_provisional_year

Lines = QuerySet[MessageLine]
# Of lines of one rule those that hold at that moment: their ids.
Check = Callable[[Lines, datetime], Collection[int]]
_checks: dict[str, Check] = {}
_STILL_TOLD = """
    SELECT line.id FROM casework_messageline line
    JOIN casework_message message ON message.id = line.message_id
    JOIN casework_case c ON c.id = line.case_id
    WHERE line.id = ANY(%(lines)s) AND (message.recipient_id IS NULL OR message.recipient_id IN ({people}))"""


def holds(*rules: str) -> Callable[[Check], Check]:
    """Registers how lines of these rules are checked. A rule without a check holds while its case is open."""

    def register(check: Check) -> Check:
        _checks.update(dict.fromkeys(rules, check))
        return check

    return register


def holding(message: Message, *, now: datetime) -> set[int]:
    """Ids of the lines that still hold; one or two queries for each rule that occurs in the message."""
    rules = message.lines.order_by("rule").values_list("rule", flat=True).distinct()
    kept: set[int] = set()
    for rule in list(rules):
        kept.update(_checks.get(rule, while_open)(message.lines.filter(rule=rule), now))
    return kept


def pks(lines: Lines) -> list[int]:
    return list(lines.order_by().values_list("pk", flat=True))


def while_open(lines: Lines, now: datetime) -> Collection[int]:
    """Lines about no case, and those whose case is open."""
    return pks(lines.filter(Q(case__isnull=True) | Q(case__closed_at__isnull=True)))


def still_told(lines: Collection[int], people: str, now: datetime) -> Collection[int]:
    """Of these lines those whose recipient is still among the people of the query (casework/audiences.py)."""
    if not lines:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _STILL_TOLD.format(people=people), {"lines": list(lines), "today": timezone.localtime(now).date()}
        )
        return [pk for (pk,) in cursor.fetchall()]


def of_running_limits(lines: Lines) -> QuerySet[Any]:
    """Lines whose limit still runs to the moment that was told; a line of a robot means the limit of the light.

    One that was planned by an earlier version names no moment and holds while its case is open.
    """
    told = lines.annotate(told_step=KT("facts__step"), told_due=Cast(KT("facts__due_at"), DateTimeField()))
    same = Deadline.objects.counting().filter(case=OuterRef("case"), due_at=OuterRef("told_due"))
    return told.filter(
        Q(told_due__isnull=True, case__closed_at__isnull=True)
        | Q(told_step__isnull=True) & Exists(same.filter(is_main=True))
        | Exists(same.filter(step=OuterRef("told_step")))
    )


@holds("late")
def _late(lines: Lines, now: datetime) -> Collection[int]:
    return _escalated(of_running_limits(lines), now)


@holds("due_soon")
def _due_soon(lines: Lines, now: datetime) -> Collection[int]:
    """What is late by now is told as late by a reminder of its own; a robot has no other line for it."""
    in_time = Q(told_due__isnull=True) | Q(told_due__gte=now) | Q(message__robot__isnull=False)
    return _escalated(of_running_limits(lines).filter(in_time), now)


def _escalated(lines: QuerySet[Any], now: datetime) -> Collection[int]:
    """Lines whose recipient still belongs to those the step of escalation tells: handler, leader, officer …"""
    audiences = escalation_audiences()
    by_step: dict[tuple[str, str, int], list[int]] = {}
    rows = lines.values_list("pk", "case__kind", "told_step", "facts__days")
    kept: set[int] = set()
    for pk, kind, step, days in rows.order_by():
        by_step.setdefault((kind, step or "", days if isinstance(days, int) else 0), []).append(pk)
    for key, ids in by_step.items():
        tell = audiences.get(key)
        kept.update(still_told(ids, somebody_sql(tell), now) if tell else ids)
    return kept


@holds("urgent")
def _urgent(lines: Lines, now: datetime) -> Collection[int]:
    return pks(lines.filter(case__closed_at__isnull=True).exclude(case__urgency=Urgency.NORMAL))


@holds(NEWS, NEWS_DECISION)
def _news(lines: Lines, now: datetime) -> Collection[int]:
    """News that nobody has read in the inbox yet, unless the case was closed after it; what was told to the handler
    is for whoever handles it now.
    """
    recent = Q(case__closed_at__isnull=True) | Q(case__closed_at__lte=F("reminder__planned_at"))
    in_hand = (
        ~Q(facts__has_key="as_handler")
        | Q(case__handler_user=F("message__recipient"))
        | Q(case__handler_org=F("message__recipient__organisation"))
    )
    return pks(lines.filter(recent, in_hand, reminder__inbox_item__read_at__isnull=True))


@holds("suspension_review")
def _suspension_review(lines: Lines, now: datetime) -> Collection[int]:
    suspended = Suspension.objects.filter(case=OuterRef("case"), state=RequestState.APPROVED)
    return pks(lines.filter(Exists(suspended)))


@holds("extension_waits")
def _extension_waits(lines: Lines, now: datetime) -> Collection[int]:
    waiting = ExtensionRequest.objects.filter(case=OuterRef("case"), state=RequestState.PENDING)
    return pks(lines.filter(Exists(waiting)))


@holds("supervision_late")
def _supervision_late(lines: Lines, now: datetime) -> Collection[int]:
    sheets = Supervision.objects.filter(case=OuterRef("case"), lifted_at__isnull=True)
    tell: Sequence[str] = (
        Audience.SHEET_LEADER,
        Audience.HANDLER,
        Audience.COMMUNITY_SECRETARY,
        Audience.SUBDISTRICT_ADMIN,
    )
    return still_told(pks(lines.filter(Exists(sheets))), somebody_sql(tell), now)


@holds("whistle_late")
def _whistle_late(lines: Lines, now: datetime) -> Collection[int]:
    called = WhistleCall.objects.filter(case=OuterRef("case"), state=WhistleState.CALLED)
    return pks(lines.filter(Exists(called), case__closed_at__isnull=True))


@holds("calendar_provisional")
def _calendar_provisional(lines: Lines, now: datetime) -> Collection[int]:
    return [pk for pk, facts in lines.values_list("pk", "facts") if is_provisional_year(int(facts["year"]))]
