"""The proactive topic as the desk knows it: workflow, effects, rights, words, and who hears of what."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.desks import people_at
from casework.registry import Kind
from requests_.choices import TopicStatus
from requests_.desks import TOPIC_DESKS, TOPIC_HANDLED_IN
from requests_.forms import StepForm
from requests_.models import ProactiveTopic
from requests_.permissions import topic_capacities
from requests_.selectors import category_choices
from requests_.topic_effects import TOPIC_EFFECTS
from requests_.topic_workflow import CLOCKS, TOPIC_WORKFLOW
from requests_.topics import PREFIX

# How many of its tickets the page of a topic lists.
TICKETS_SHOWN = 50
SENTENCES = {
    "report": _("raised it: reports since %(from_on)s; to be done by %(due_at)s"),
    "join": _("counted one more report"),
    "take_up": _("took it up; %(lead)s leads"),
    "report_progress": _("reported progress"),
    "finish": _("finished it"),
    "pass_review": _("passed the review"),
    "rework": _("returned it for rework"),
    "dismiss": _("dismissed it"),
}
TONES: Mapping[str, str] = {
    TopicStatus.TO_TAKE_UP: "wait",
    TopicStatus.IN_HAND: "work",
    TopicStatus.TO_REVIEW: "check",
    TopicStatus.CLOSED: "done",
    TopicStatus.DISMISSED: "off",
}


def to_tell(verb: str, topic: Any, actor: Any) -> Iterable[int]:
    """Ids of the people who must act next, and of the lead while others decide about the topic."""
    if topic.handler_user_id and verb in ("take_up", "join", "rework", "pass_review", "dismiss"):
        return [topic.handler_user_id]
    return people_at(topic) if verb in ("report", "join", "finish") else ()


def page_facts(user: Any, topic: Any) -> Mapping[str, Any]:
    """For the page: the tickets the person may see, newest first, and how many of them there are."""
    tickets = topic.tickets.visible_to(user)
    shown = tickets.for_list().order_by("-opened_at", "-pk")[:TICKETS_SHOWN]
    return {"tickets": list(shown), "count": tickets.count()}


TOPIC = Kind(
    name="topic",
    label=_("Proactive topic"),
    model=ProactiveTopic,
    workflow=TOPIC_WORKFLOW,
    effects=TOPIC_EFFECTS,
    capacities=topic_capacities,
    form=StepForm,
    sentences=SENTENCES,
    to_tell=to_tell,
    desks=TOPIC_DESKS,
    handled_in=TOPIC_HANDLED_IN,
    facts_template="requests/_topic_facts.html",
    sheet_template="requests/topic_sheet.html",
    tones=TONES,
    prefix=PREFIX,
    clocks=CLOCKS,
    subjects=lambda topic: (topic.category.code,),
    subject_choices=category_choices,
    subject_fields=frozenset({"category"}),
    facts=page_facts,
    outward=lambda topic: topic.category.name,
)
