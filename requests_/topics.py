"""Raising a proactive topic (未诉先办), and the reports that join it; its steps go through apply_transition."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from casework.choices import HandlingLevel
from casework.events import record_event
from casework.models import Case
from casework.news import plan_news
from casework.registry import kind_of
from casework.services import locked_case, open_case
from requests_.models import ProactiveTopic, Ticket
from requests_.repeats import Earlier, topic_place

PREFIX = "ZT"


def raise_topic(*, completed_by: Ticket, earlier: Sequence[Earlier], now: datetime) -> ProactiveTopic:
    """Opens the topic of a ticket that was just reported and of those before it; the system does it.

    The caller's transaction holds off other reports of the category; the database allows one open topic a place.
    """
    ticket = completed_by
    place = ticket.building or ticket.compound
    started = min([ticket.opened_at, *(row.at for row in earlier)])
    topic = ProactiveTopic(
        kind="topic",
        reporter=ticket.reporter,
        area=ticket.area,
        compound=ticket.compound,
        building=ticket.building,
        point=place_point(ticket),
        category=ticket.category,
        place_key=topic_place(ticket),
        counted_from=started,
        title=f"{place or ticket.area} · {ticket.category.name}"[: Case._meta.get_field("title").max_length],
        handling_level=HandlingLevel.COMMUNITY,
        is_synthetic=ticket.is_synthetic,
    )
    facts = {"from_on": timezone.localtime(started).date().isoformat()}
    open_case(case=topic, prefix=PREFIX, actor=None, now=now, facts=facts)
    Ticket.objects.filter(pk__in=[ticket.pk, *(row.pk for row in earlier)]).update(topic=topic)
    ticket.topic = topic
    return topic


def join_topic(pk: int, now: datetime) -> ProactiveTopic | None:
    """The open topic a ticket of its place and category joins, which hears of it; None when it was just closed."""
    topic = locked_case(ProactiveTopic.objects.values_list("number", flat=True).get(pk=pk))
    if topic.counted_until is not None:
        return None
    kind = kind_of(topic.kind)
    event = record_event(
        case=topic,
        verb="join",
        actor=None,
        now=now,
        from_status=topic.status,
        to_status=topic.status,
    )
    plan_news(kind=kind, verb="join", case=topic, event=event, actor=None, now=now)
    return topic


def place_point(ticket: Ticket) -> Any:
    """The point of the building or compound; a topic of a whole micro-grid has none."""
    return (ticket.building and ticket.building.point) or (ticket.compound and ticket.compound.point) or None
