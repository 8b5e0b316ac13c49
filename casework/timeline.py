"""The timeline in words: each event's facts are frozen, its sentence is rendered when shown."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.choices import HandlingLevel, Rating, Step, Urgency

COMMON_SENTENCES: Mapping[str, Any] = {
    "note": _("wrote a note"),
    "reveal": _("looked at “%(what)s”"),
    "rerouted": _("moved the case from %(from)s to %(to)s"),
    "recounted": _("%(step)s: the calendar changed, due %(due_at)s instead of %(was_at)s"),
}
# Facts shown as a paragraph under the sentence, in this order.
PARAGRAPHS = (
    "text",
    "plan",
    "result",
    "opinion",
    "reason",
    "demand",
    "answer",
    "outcome",
    "rating_note",
    "told_how",
    "note",
)


class _Facts(dict[str, Any]):
    """Facts for a sentence; one that an old event does not have yet reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def sentence(event: Any, kind: Any) -> str:
    """What happened, without who and when: “dispatched it to 张三”."""
    return event_sentence(event.verb, event.facts, kind)


def event_sentence(verb: str, facts: Mapping[str, Any], kind: Any) -> str:
    """The sentence of a verb of this kind with these facts; a verb of an earlier version stays readable."""
    template = kind.sentences.get(verb) or COMMON_SENTENCES.get(verb)
    if template is None:
        return gettext("took a step of an earlier version (%(verb)s)") % {"verb": verb}
    if callable(template):
        template = template(facts)
    return filled(template, facts)


def filled(template: Any, facts: Mapping[str, Any]) -> str:
    """A sentence with these facts as a reader sees them."""
    return str(template) % _Facts({key: shown(key, value) for key, value in facts.items()})


def paragraphs(event: Any) -> list[str]:
    """The texts a person typed at this step."""
    return [event.facts[key] for key in PARAGRAPHS if event.facts.get(key)]


def shown(key: str, value: Any) -> Any:
    """A fact as a reader sees it: moments and days in the office's form, codes as words."""
    if key.endswith("_at") and isinstance(value, str) and (moment := parse_datetime(value)):
        return date_format(localtime(moment), "DATETIME_FORMAT")
    if key.endswith("_on") and isinstance(value, str) and (day := parse_date(value)):
        return date_format(day, "DATE_FORMAT")
    if key == "rating":
        return Rating(value).label
    if key == "step":
        return Step(value).label
    if key == "level":
        return HandlingLevel(value).label
    if key == "urgency":
        return Urgency(value).label
    if key == "what":
        return gettext(value)
    return value
