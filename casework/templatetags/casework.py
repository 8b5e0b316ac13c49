"""How a case looks everywhere: its status as a pill, its light with a word, its due time in words."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.timezone import now as clock
from django.utils.translation import gettext as _

from casework.choices import Light, RequestState, WhistleState
from casework.lights import light_of
from casework.registry import kind_of, status_label
from casework.words import day_words, late_in_unit, left_in_unit
from grids.office_calendar import remembered_calendar

register = template.Library()
REQUEST_TONES: Mapping[str, str] = {
    RequestState.PENDING: "wait",
    RequestState.APPROVED: "done",
    RequestState.REFUSED: "stop",
    RequestState.ENDED: "off",
}
CALL_TONES: Mapping[str, str] = {
    WhistleState.CALLED: "wait",
    WhistleState.REPORTED_IN: "work",
    WhistleState.HANDLED: "check",
    WhistleState.RATED: "done",
    WhistleState.ENDED: "off",
}


@register.inclusion_tag("casework/_pill.html")
def pill(case: Any) -> dict[str, Any]:
    """The status of a case (anything with `kind` and `status`) as a coloured pill with its word."""
    return {
        "tone": kind_of(case.kind).tones.get(case.status, "off"),
        "label": status_label(case.kind, case.status),
    }


@register.inclusion_tag("casework/_light.html")
def light(case: Any, now: datetime | None = None) -> dict[str, Any]:
    """The light of a case with its word; nothing when it has none."""
    return {"light": light_of(case, now or clock()), "none": Light.NONE}


@register.inclusion_tag("casework/_marks.html")
def marks(case: Any) -> dict[str, Any]:
    """What else one must know of a case in its own kind: under supervision, and what its kind says waits."""
    return {"is_supervised": case.is_supervised, "marks": kind_of(case.kind).marks(case)}


@register.inclusion_tag("casework/_pill.html")
def request_pill(request: Any) -> dict[str, Any]:
    """What became of an extension or a suspension that was asked for."""
    return {"tone": REQUEST_TONES[request.state], "label": RequestState(request.state).label}


@register.inclusion_tag("casework/_pill.html")
def call_pill(call: Any) -> dict[str, Any]:
    """How far a department is that was called."""
    return {"tone": CALL_TONES[call.state], "label": call.get_state_display()}


@register.simple_tag
def due_words(case: Any, now: datetime | None = None) -> str:
    """The due time as one says it: “2 workdays left”, “3 hours overdue”, “closed 1 workday late”, or nothing.

    Counted in the unit of the limit, by the calendar of the case's office. A suspended case says when it is looked at
    again, as far as the row was read with it (`for_list`).
    """
    now = now or clock()
    if case.closed_at is None and case.paused_at is not None:
        return _review_words(case, localtime(now).date())
    if case.due_at is None:
        return ""
    calendar = remembered_calendar(case.path)
    if case.closed_at is not None:
        done_at = case.handled_at or case.closed_at
        if done_at <= case.due_at:
            return ""
        return _("closed %(time)s late") % {
            "time": late_in_unit(case.due_at, done_at, case.due_unit, calendar)
        }
    if case.due_at < now:
        words = _("%(time)s overdue") % {"time": late_in_unit(case.due_at, now, case.due_unit, calendar)}
    else:
        words = _("%(time)s left") % {"time": left_in_unit(case.due_at, now, case.due_unit, calendar)}
    return _("%(words)s, estimated") % {"words": words} if case.due_is_provisional else words


def _review_words(case: Any, today: date) -> str:
    review_on = getattr(case, "review_on", None)
    if review_on is None:
        return ""
    if review_on == today:
        return _("review today")
    words = _("review on %(day)s") if review_on > today else _("review was due on %(day)s")
    return words % {"day": day_words(review_on, today)}


@register.simple_tag
def moment(value: datetime | None) -> str:
    """A date and time as offices write it: 2023年2月20日 09:05; empty for none."""
    return date_format(localtime(value), "DATETIME_FORMAT") if value else ""
