"""How a case looks everywhere: its status as a pill, its light with a word, its due time in words."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.timezone import now as clock
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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


@register.inclusion_tag("casework/_tags.html")
def tags(case: Any) -> dict[str, Any]:
    """What is special about a case of its own kind, in words: that it was reported before."""
    return {"tags": kind_of(case.kind).tags(case)}


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
        return _("closed %(time)s late") % {"time": span_words(case.closed_at - case.due_at)}
    if case.due_at < now:
        return _("%(time)s overdue") % {"time": span_words(now - case.due_at)}
    return _("%(time)s left") % {"time": span_words(case.due_at - now)}


def span_words(span: timedelta) -> str:
    """A span in its largest unit, never more than days: deadlines are counted in days, not months."""
    minutes = max(int(span.total_seconds() // 60), 1)
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


@register.simple_tag
def moment(value: datetime | None) -> str:
    """A date and time as offices write it: 2023年2月20日 09:05; empty for none."""
    return date_format(localtime(value), "DATETIME_FORMAT") if value else ""
