"""更正地点/分类: a ticket reported at a wrong place or under a wrong category, and all that follows from it."""

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from casework.errors import RuleBroken
from casework.registry import Outcome
from core.locks import hold
from grids.choices import CODE_LENGTH, Level
from grids.models import Area
from grids.posts import serves
from grids.succession import hold_in_force
from requests_.choices import TicketStatus
from requests_.models import Ticket
from requests_.repeats import look_up, topic_place
from requests_.reporting import Place, find_area
from requests_.topics import join_topic

Data = Mapping[str, Any]
# What makes the place of a ticket, beside its area.
PLACE = ("compound", "building", "entrance", "place_text", "point")


def correct(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """Place and category as they are said now; limits, desk and counts follow the row. What is not said stays.

    The handler stays: the timeline says when they do not serve the new place. A category decides about the level only
    until the ticket is accepted. Raises RuleBroken for a place that is nowhere, not in force or in another community,
    and when nothing is changed.
    """
    new = _corrected(ticket, data)
    if not hold_in_force(new.area):
        raise RuleBroken(_("%(area)s is no longer valid; choose another area.") % {"area": new.area})
    names = ("category", "area", *PLACE)
    fields = {name: getattr(new, name) for name in names if getattr(new, name) != getattr(ticket, name)}
    if not fields:
        raise RuleBroken(_("Nothing is changed: correct the place or the category."))
    facts: dict[str, Any] = {}
    if fields.keys() - {"category"}:
        facts |= {"was_place": _words(ticket), "place": _words(new)}
    if "category" in fields:
        facts |= {"was_category": ticket.category.name, "category": new.category.name}
        if ticket.status == TicketStatus.REPORTED:
            fields["handling_level"] = new.category.default_level
    if "area" in fields:
        fields["path"] = new.area.code
        if ticket.handler_user is not None and not serves(ticket.handler_user, new.area.code):
            facts["handler_outside"] = str(ticket.handler_user)
    return Outcome(fields=fields | _matter(ticket, new, now), facts=facts)


def _corrected(ticket: Ticket, data: Data) -> Ticket:
    """The ticket as it would be, not saved."""
    new = copy(ticket)
    new.category = data.get("category") or ticket.category
    if "place" in data:
        new.compound, new.building = data["place"]
    is_elsewhere = (new.compound_id, new.building_id) != (ticket.compound_id, ticket.building_id)
    if "entrance" in data or is_elsewhere:
        new.entrance = data.get("entrance")
    new.place_text = data.get("place_text", ticket.place_text)
    said = Place(new.compound, new.building, new.entrance, data.get("position"), data.get("area"))
    if said.area is not None or said.point is not None or is_elsewhere:
        found = find_area(said)
        if found is None:
            raise RuleBroken(
                _("Choose a building, a position or a micro-grid: where does it lie?"), field="place"
            )
        new.area = found.area
    if said.point is not None or is_elsewhere:
        new.point = said.best_point
    elif new.area != ticket.area and not _lies_in(ticket.point, new.area):
        new.point = None
    new.path = new.area.code
    community = CODE_LENGTH[Level.COMMUNITY]
    if new.path[:community] != ticket.path[:community]:
        raise RuleBroken(
            _(
                "%(area)s belongs to another community; escalate it, or end it here and have it reported there."
            )
            % {"area": new.area},
            field="area" if said.area else "place",
        )
    return new


def _lies_in(point: Any, area: Area) -> bool:
    return point is None or bool(area.boundary and area.boundary.intersects(point))


def _words(ticket: Ticket) -> str:
    return " ".join(part for part in (ticket.area.name, ticket.place) if part)


def _matter(ticket: Ticket, new: Ticket, now: datetime) -> dict[str, Any]:
    """The links of the ticket to earlier reports and to a topic, as if it had been reported so.

    Reports that were linked to it as the first of their matter follow the next of them; their numbers stay.
    """
    hold(f"reports of category {new.category_id}")
    later = Ticket.objects.filter(repeat_of=ticket).order_by("repeat_number")
    if (heir := later.first()) is not None:
        Ticket.objects.filter(pk=heir.pk).update(repeat_of=None, repeat_number=1)
        later.update(repeat_of=heir)
    Ticket.objects.filter(pk=ticket.pk).update(repeat_of=None, repeat_number=1)
    found = look_up(new, ticket.opened_at)
    fields: dict[str, Any] = {"repeat_of_id": found.first, "repeat_number": found.number}
    topic = ticket.topic
    if topic is None or (topic.place_key, topic.category_id) != (topic_place(new), new.category_id):
        fields["topic"] = join_topic(found.topic, now) if found.topic else None
    return fields
