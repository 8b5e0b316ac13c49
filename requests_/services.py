"""Writers of tickets beside the steps of their life, which go through casework.services.apply_transition."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.errors import NotAllowed, RuleBroken, StalePage
from casework.limit_models import parameter
from casework.models import CaseEvent
from casework.services import apply_transition, open_case
from core.locks import hold
from core.texts import clean_text, has_words
from grids.models import Area, Building, Compound, Entrance
from grids.succession import hold_in_force
from requests_.external_numbers import (
    entered_before,
    entered_sentence,
    hold_external_number,
    read_external_number,
)
from requests_.models import PREFIX, Category, Ticket
from requests_.permissions import can_mark_secret, can_report, can_report_in
from requests_.repeats import look_up
from requests_.selectors import due_for_archive
from requests_.topics import join_topic, raise_topic

log = logging.getLogger(__name__)
SENTENCE_ENDS = re.compile("[。！？!?；;\r\n\v\f]")
# A headline does not begin with these.
NO_START = "，,、：:。．.…—~～·*-_ \t\u3000"


@dataclass(frozen=True)
class Report:
    """What a report says, checked for shape by the form. The area is where the ticket will live."""

    category: Category
    area: Area
    description: str
    title: str = ""
    source: str = "patrol"
    type: str = "help"
    urgency: str = "normal"
    compound: Compound | None = None
    building: Building | None = None
    entrance: Entrance | None = None
    place_text: str = ""
    point: Point | None = None
    caller_name: str = ""
    caller_phone: str = ""
    external_number: str = ""
    is_secret: bool = False
    is_synthetic: bool = False


def report_ticket(
    *, actor: Any, report: Report, key: UUID, photos: Sequence[Any] = (), now: datetime | None = None
) -> tuple[Ticket, bool]:
    """Opens a ticket, linked to earlier reports of its matter, and the topic it may complete.

    The same key again returns the ticket made before and False.
    Raises NotAllowed for who may not report there, RuleBroken for a retired area or a place outside the area,
    StalePage for a key that another person's report or a note has used.
    """
    now = now or timezone.now()
    if not can_report(actor):
        raise NotAllowed(_("Reporting needs a post in an area."))
    if not can_report_in(actor, report.area.code):
        raise RuleBroken(_("%(area)s is outside the communities you serve.") % {"area": report.area})
    if report.is_secret and not can_mark_secret(actor, report.area.code):
        raise NotAllowed(_("Only the community office marks a ticket as secret."))
    with transaction.atomic():
        made = _made_before(actor, key, report.category)
        if made is not None:
            return made, False
        if not hold_in_force(report.area):
            raise RuleBroken(_("%(area)s is no longer valid; choose another area.") % {"area": report.area})
        external_number = read_external_number(report.external_number)
        if external_number:
            hold_external_number(external_number)
        if (first := entered_before(external_number)) is not None:
            raise RuleBroken(entered_sentence(actor, first))
        ticket = Ticket(
            kind="ticket",
            reporter=actor,
            area=report.area,
            category=report.category,
            idempotency_key=key,
            title=report.title or headline(report.description),
            description=report.description,
            source=report.source,
            type=report.type,
            urgency=report.urgency,
            compound=report.compound,
            building=report.building,
            entrance=report.entrance,
            place_text=report.place_text,
            point=report.point,
            caller_name=report.caller_name,
            caller_phone=report.caller_phone,
            external_number=external_number,
            is_secret=report.is_secret,
            is_synthetic=report.is_synthetic,
            handling_level=report.category.default_level,
        )
        earlier = look_up(ticket, now)
        ticket.repeat_of_id, ticket.repeat_number = earlier.first, earlier.number
        ticket.topic = join_topic(earlier.topic, now) if earlier.topic else None
        open_case(case=ticket, prefix=PREFIX, actor=actor, now=now, photos=photos)
        if earlier.raises_topic:
            raise_topic(completed_by=ticket, earlier=earlier.recent, now=now)
    return ticket, True


def _made_before(actor: Any, key: UUID, category: Category) -> Ticket | None:
    """The ticket an earlier sending of the same form made; holds off a second sending that comes meanwhile.

    Holds off other reports of the category too, so that two of one matter know of each other: numbers are given one
    after the other anyway (casework.services.next_number). Raises StalePage for a key that stands for something else.
    """
    hold(str(key), f"reports of category {category.pk}")
    written = CaseEvent.objects.filter(idempotency_key=key).values_list("case_id", flat=True).first()
    if written is None:
        return None
    made = Ticket.objects.filter(pk=written, idempotency_key=key, reporter=actor).first()
    if made is None:
        raise StalePage(_("This form was used for something else already. Look at it and send it again."))
    return made


def headline(description: str) -> str:
    """The first sentence or line that has a word, at most 40 characters. Empty for an empty description only."""
    text = clean_text(description).strip()
    sentences = (part.lstrip(NO_START).rstrip() for part in SENTENCE_ENDS.split(text))
    first = next((part for part in sentences if has_words(part)), text)
    return first if len(first) <= 40 else first[:39] + "…"


def archive_closed_tickets(*, now: datetime | None = None, batch: int = 500) -> int:
    """Archives tickets closed longer ago than the parameter says; returns how many. One that was reopened or put under
    supervision since they were listed is left alone.
    """
    now = now or timezone.now()
    done = 0
    for ticket in due_for_archive(now - timedelta(days=parameter("archive_days")))[:batch]:
        try:
            apply_transition(
                number=ticket.number, verb="archive", actor=None, version=ticket.version, now=now
            )
        except StalePage:
            log.info("%s was changed meanwhile and is not archived", ticket.number)
        else:
            done += 1
    return done
