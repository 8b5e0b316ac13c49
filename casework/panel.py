"""期限与督办 on the page of a case: its limits, and what was asked for and ordered on it.

One query for the limits, and one for each kind of measure the case has (`CaseQuerySet.with_measures`).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import DateField, DateTimeField, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.choices import DeadlineResult, RequestState, Step, WhistleState
from casework.deliveries import display_name
from casework.kept_limits import handling_names
from casework.lights import limit_light
from casework.models import Deadline, Supervision, WhistleCall
from casework.permissions import is_handler
from casework.registry import kind_of
from casework.words import amount_words, left_words
from grids.office_calendar import calendar_for

# What the case as a whole hangs on comes first.
ORDER = (Step.ACCEPT, Step.HANDLE, Step.FIRST_CONTACT, Step.SIGN, Step.REVIEW, Step.CALLBACK, Step.RETURN)
AT_WORK = (WhistleState.CALLED, WhistleState.REPORTED_IN)


@dataclass(frozen=True)
class LimitLine:
    """One limit in words. `tone` is its light, or `missed`; `left` is what a stopped clock has left."""

    deadline: Deadline
    name: Any
    amount: str
    extra: str
    word: Any
    tone: str
    left: str = ""

    @property
    def ended_at(self) -> datetime | None:
        return self.deadline.ended_at


@dataclass(frozen=True)
class RequestLine:
    """An extension (with workdays) or a suspension (with its review day) that was asked for."""

    pk: int
    is_extension: bool
    asked_by: str
    asked_at: datetime
    reason: str
    state: str
    decided_by: str | None
    decided_at: datetime | None
    workdays: int
    review_on: date | None
    ended_at: datetime | None

    @property
    def is_pending(self) -> bool:
        return self.state == RequestState.PENDING

    @property
    def is_granted(self) -> bool:
        return self.state == RequestState.APPROVED


@dataclass(frozen=True)
class Panel:
    """Everything the page says about limits and measures, newest first; what waits for a decision stands alone."""

    now: datetime
    limits: list[LimitLine]
    handling: Deadline | None
    waiting: RequestLine | None
    extensions: list[RequestLine]
    suspensions: list[RequestLine]
    sheets: list[Supervision]
    calls: list[WhistleCall]
    own_call: WhistleCall | None

    @property
    def today(self) -> date:
        return timezone.localtime(self.now).date()

    @property
    def is_empty(self) -> bool:
        return not (self.limits or self.extensions or self.suspensions or self.sheets or self.calls)

    @property
    def workdays_granted(self) -> int:
        """The workdays of all extensions that were granted."""
        return sum(row.workdays for row in self.extensions if row.is_granted)


def panel_of(user: Any, case: Any, now: datetime) -> Panel:
    """The panel as this person sees it: the right to send a case back is shown to its handler alone."""
    deadlines = _shown_limits(case)
    requests = _requests(case) if case.has_requests else []
    calls = case.whistle_calls.select_related("organisation", "called_by", "reported_in_by").order_by("-pk")
    calls = list(calls) if case.has_calls else []
    own = [call for call in calls if call.organisation_id == user.organisation_id and call.state in AT_WORK]
    decided = [row for row in requests if not row.is_pending]
    return Panel(
        now=now,
        limits=_limits(user, case, deadlines, now),
        handling=next((row for row in deadlines if row.step == Step.HANDLE), None),
        waiting=next((row for row in requests if row.is_pending), None),
        extensions=[row for row in decided if row.is_extension],
        suspensions=[row for row in decided if not row.is_extension],
        sheets=_sheets(case) if case.has_sheets else [],
        calls=calls,
        own_call=own[0] if own else None,
    )


def _shown_limits(case: Any) -> list[Deadline]:
    """The last limit of each step; of handling every one, the newest first: what was missed first stays in sight."""
    shown: list[Deadline] = []
    for row in case.deadlines.order_by("step", "-pk"):
        if row.step == Step.HANDLE or not shown or shown[-1].step != row.step:
            shown.append(row)
    return shown


def _sheets(case: Any) -> list[Supervision]:
    return list(case.supervisions.select_related("leader", "issued_by", "lifted_by"))


def _requests(case: Any) -> list[RequestLine]:
    """Extensions and suspensions of a case in one query, newest first."""
    extensions, suspensions = case.extensions.order_by(), case.suspensions.order_by()
    head = ("asker", "asked_at", "reason", "state", "decider", "decided_at")
    people = {"asker": display_name("asked_by"), "decider": display_name("decided_by")}
    rows = extensions.annotate(
        **people,
        is_extension=Value(True),
        review_on=Value(None, output_field=DateField()),
        ended_at=Value(None, output_field=DateTimeField()),
    ).values_list("pk", "is_extension", *head, "workdays", "review_on", "ended_at")
    others = suspensions.annotate(**people, is_extension=Value(False), workdays=Value(0)).values_list(
        "pk", "is_extension", *head, "workdays", "review_on", "ended_at"
    )
    lines = [RequestLine(*row) for row in rows.union(others, all=True)]
    return sorted(lines, key=lambda line: (line.asked_at, line.pk), reverse=True)


def _limits(user: Any, case: Any, deadlines: list[Deadline], now: datetime) -> list[LimitLine]:
    rights = {clock.step for clock in kind_of(case.kind).clocks if not clock.is_duty}
    may_use = is_handler(user, case)
    shown = [
        row
        for row in deadlines
        if row.result != DeadlineResult.DROPPED
        and (row.step not in rights or (may_use and row.ended_at is None))
    ]
    shown.sort(key=lambda row: (ORDER.index(Step(row.step)), row.pk))
    stopped = any(row.left is not None and row.paused_at is not None for row in shown)
    office_day = calendar_for(case.path).office.length if stopped else timedelta()
    names = handling_names([row for row in shown if row.step == Step.HANDLE])
    return [
        _line(row, names.get(row.pk, Step(row.step).label), now, office_day, is_right=row.step in rights)
        for row in shown
    ]


def _line(row: Deadline, name: Any, now: datetime, office_day: timedelta, *, is_right: bool) -> LimitLine:
    light = limit_light(row, now)
    word: Any = light.label
    tone, left = light.value, ""
    if row.ended_at is not None:
        word = DeadlineResult(row.result).label
        tone = tone if row.result == DeadlineResult.MET else "missed"
    elif row.paused_at is not None and row.missed_at is not None:
        word = _("Suspended, overdue before that")
    elif row.paused_at is not None:
        left = left_words(row.left, row.unit, office_day) if row.left is not None else ""
    elif is_right:
        word, tone = (_("still possible"), "none") if now <= row.due_at else (_("no longer possible"), "none")
    extra = amount_words(row.extra_workdays, "workday") if row.extra_workdays else ""
    return LimitLine(row, name, amount_words(row.amount, row.unit), extra, word, tone, left)
