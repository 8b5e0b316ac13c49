"""What every kind of case is reminded of beside its limits (domain page 12.9); registered with the sweep."""

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from casework.choices import Audience, HandlingLevel, RequestState, Topic, WhistleState
from casework.models import ExtensionRequest, Reminder, Supervision, Suspension, WhistleCall
from casework.planning import NEWS, NEWS_DECISION, plan, plan_cases, register_words, rule
from grids.office_calendar import calendar_for, is_provisional_year

for _name, _topic in ((NEWS, Topic.TURN), (NEWS_DECISION, Topic.DECISION)):
    register_words(_name, _topic, _("%(number)s: %(who)s %(what)s"), outward=_("a step was taken"))
register_words("due_soon", Topic.DUE_SOON, _("%(number)s is due soon (%(step)s)"), outward=_("due soon"))
register_words("late", Topic.LATE, _("%(number)s is late (%(step)s)%(late_by)s"), outward=_("late"))

WITHIN_COMMUNITY = (HandlingLevel.GRID, HandlingLevel.COMMUNITY)


def _key(*parts: object) -> Concat:
    return Concat(*parts, output_field=CharField())


@rule(
    "suspension_review",
    Topic.DECISION,
    _("%(number)s is suspended; its review is due on %(review_on)s"),
    outward=_("suspended, review due"),
)
def suspension_review(now: datetime) -> int:
    """On the workday before the review day and on that day, to the officers and the secretary."""
    today = timezone.localtime(now).date()
    tomorrow = calendar_for("").add_workdays(today, 1)
    suspended = Suspension.objects.filter(state=RequestState.APPROVED)
    tell = (Audience.COMMUNITY_OFFICER, Audience.COMMUNITY_SECRETARY)
    return sum(
        plan_cases(
            name="suspension_review",
            due=suspended.filter(when)
            .values_list(
                "case_id",
                _key("pk", Value(":"), Cast("review_on", CharField()), Value(occasion)),
                JSONObject(review_on="review_on"),
            )
            .order_by(),
            tell=tell,
            now=now,
        )
        for when, occasion in (
            (Q(review_on__gt=today, review_on__lte=tomorrow), ":before"),
            (Q(review_on__lte=today), ""),
        )
    )


@rule(
    "extension_waits",
    Topic.DECISION,
    _("%(number)s: an extension waits for your decision"),
    outward=_("an extension waits for a decision"),
)
def extension_waits(now: datetime) -> int:
    """A workday before the limit runs out, to who may decide: the first in the community the secretary, else the
    subdistrict.
    """
    calendar = calendar_for("")
    until = calendar.closing(calendar.add_workdays(timezone.localtime(now).date(), 1))
    waiting = ExtensionRequest.objects.filter(state=RequestState.PENDING, case__due_at__lte=until)
    granted = ExtensionRequest.objects.filter(case=OuterRef("case"), state=RequestState.APPROVED)
    is_for_secretary = Q(case__handling_level__in=WITHIN_COMMUNITY) & ~Exists(granted)
    due = waiting.values_list("case_id", _key("pk", Value("")), JSONObject(workdays="workdays")).order_by()
    return sum(
        plan_cases(name="extension_waits", due=due.filter(which), tell=(audience,), now=now)
        for which, audience in (
            (is_for_secretary, Audience.COMMUNITY_SECRETARY),
            (~is_for_secretary, Audience.SUBDISTRICT_ADMIN),
        )
    )


@rule(
    "supervision_late",
    Topic.DECISION,
    _("%(number)s: supervision %(sheet)s is not answered in time"),
    outward=_("supervision not answered in time"),
)
def supervision_late(now: datetime) -> int:
    """When the answer is overdue, to the leader named on the sheet, the handler, the secretary and the subdistrict."""
    open_sheets = Supervision.objects.filter(lifted_at__isnull=True, answer_by__lt=now)
    due = open_sheets.values_list("case_id", F("number"), JSONObject(sheet="number")).order_by()
    tell = (
        Audience.SHEET_LEADER,
        Audience.HANDLER,
        Audience.COMMUNITY_SECRETARY,
        Audience.SUBDISTRICT_ADMIN,
    )
    return plan_cases(name="supervision_late", due=due, tell=tell, now=now)


@rule(
    "whistle_late",
    Topic.DECISION,
    _("%(number)s: %(name)s was called and has not reported in"),
    outward=_("a called department has not reported in"),
)
def whistle_late(now: datetime) -> int:
    """When a department called to an open case has not reported in, to the secretary and the subdistrict."""
    waiting = WhistleCall.objects.filter(state=WhistleState.CALLED, respond_by__lt=now)
    waiting = waiting.filter(case__closed_at__isnull=True)
    due = waiting.values_list(
        "case_id", _key("pk", Value("")), JSONObject(name="organisation__name")
    ).order_by()
    tell = (Audience.COMMUNITY_SECRETARY, Audience.SUBDISTRICT_ADMIN)
    return plan_cases(name="whistle_late", due=due, tell=tell, now=now)


WARN_FROM_MONTH = 11


@rule(
    "calendar_provisional",
    Topic.SYSTEM,
    _("The workday calendar of %(year)s is only estimated; enter the official list"),
    outward=_("The workday calendar of %(year)s is only estimated; enter the official list"),
)
def calendar_provisional(now: datetime) -> int:
    """Weekly to the system administrators while this year's days, or from 1 November the next's, are not official."""
    today = timezone.localtime(now).date()
    years = (today.year, today.year + 1) if today.month >= WARN_FROM_MONTH else (today.year,)
    week = today - timedelta(days=today.weekday())
    administrators = User.objects.active().filter(role=Role.SYSTEM_ADMIN).values_list("pk", flat=True)
    return plan(
        Reminder(
            dedupe_key=f"calendar_provisional:{year}:{week}:{pk}",
            rule="calendar_provisional",
            recipient_id=pk,
            planned_at=now,
            facts={"year": year},
        )
        for year in years
        if is_provisional_year(year)
        for pk in administrators
    )
