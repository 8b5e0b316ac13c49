"""How a case looks everywhere: its status as a pill, its light with a word, its due time in words."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.timesince import timesince, timeuntil
from django.utils.timezone import localtime
from django.utils.timezone import now as clock
from django.utils.translation import gettext as _

from casework.choices import Light
from casework.lights import light_of
from casework.registry import kind_of, status_label

register = template.Library()


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


@register.simple_tag
def due_words(case: Any, now: datetime | None = None) -> str:
    """The due time as one says it: “2 days left”, “3 hours overdue”, “closed 1 day late”, or nothing."""
    now = now or clock()
    if case.due_at is None:
        return ""
    if case.closed_at is not None:
        if case.closed_at <= case.due_at:
            return ""
        return _("closed %(time)s late") % {"time": timesince(case.due_at, case.closed_at, depth=1)}
    if case.due_at < now:
        return _("%(time)s overdue") % {"time": timesince(case.due_at, now, depth=1)}
    return _("%(time)s left") % {"time": timeuntil(case.due_at, now, depth=1)}


@register.simple_tag
def moment(value: datetime | None) -> str:
    """A date and time as offices write it: 2023年2月20日 09:05; empty for none."""
    return date_format(localtime(value), "DATETIME_FORMAT") if value else ""
