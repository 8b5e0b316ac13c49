"""Repeats and topics: which earlier tickets a new one has to do with (docs/decisions/0010-repeats.md).

The category is the matter, unless it is the one for all the rest (其他): then only the resident's phone tells. Secret
tickets and cancelled misreports are never looked at.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.measure import D
from django.db.models import BigIntegerField, CharField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from casework.limit_models import parameters
from requests_.choices import TicketStatus
from requests_.models import ProactiveTopic, Ticket
from requests_.permissions import can_reveal
from requests_.selectors import degrees

# Fewer digits do not tell one resident from another.
DIGITS = 7
# Clocks of several machines differ: what another one dated a little after now was reported before all the same.
CLOCKS_DIFFER = timedelta(minutes=10)
# How many earlier reports the page of a new one names.
SHOWN = 5
# Among how many of one resident or place it looks for them.
LOOKED_AT = 200
ALIKE, RECENT, GATHERING = "alike", "recent", "gathering"
RESIDENT, PLACE = "resident", "place"


@dataclass(frozen=True)
class Rules:
    """The numbers that govern repeats and topics, edited as parameters."""

    repeat_days: int
    topic_days: int
    topic_count: int
    radius_m: int


@dataclass(frozen=True)
class Earlier:
    """One thing a look-up found: a ticket alike, one that may make a topic, or the topic that is open here.

    `first` is the first ticket of its matter and `last` the highest number given there; of a topic neither.
    """

    why: str
    pk: int
    at: datetime
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class Standing:
    """How a new ticket stands to the earlier ones; by default it is the first and alone."""

    first: int | None = None
    number: int = 1
    topic: int | None = None
    raises_topic: bool = False
    recent: tuple[Earlier, ...] = ()


def rules() -> Rules:
    return Rules(*parameters("repeat_days", "topic_days", "topic_count", "duplicate_radius_m"))


def digits(phone: str) -> str:
    """The digits of a phone number, or nothing when they are too few to tell one resident from another."""
    found = re.sub(r"[^0-9]", "", phone)
    return found if len(found) >= DIGITS else ""


def topic_place(ticket: Any) -> str:
    """Where the tickets of one topic lie: the building, else the compound, else the micro-grid."""
    if ticket.building_id:
        return f"building:{ticket.building_id}"
    if ticket.compound_id:
        return f"compound:{ticket.compound_id}"
    return f"area:{ticket.area_id}"


def standing(found: Iterable[Earlier], *, topic_count: int) -> Standing:
    """The earliest ticket alike leads to the first of its matter; a topic is joined, or raised by who completes it."""
    rows = sorted(found, key=lambda row: (row.at, row.pk))
    alike = next((row for row in rows if row.why == ALIKE), None)
    topic = next((row.pk for row in rows if row.why == GATHERING), None)
    recent = tuple(row for row in rows if row.why == RECENT)
    return Standing(
        first=alike.first if alike else None,
        number=(alike.last or 1) + 1 if alike else 1,
        topic=topic,
        raises_topic=topic is None and len(recent) + 1 >= topic_count,
        recent=recent,
    )


def look_up(ticket: Ticket, now: datetime) -> Standing:
    """How a ticket that is about to be reported stands to the earlier ones. Two queries, none for a secret ticket.

    The caller holds off other reports of the category until its transaction ends.
    """
    if ticket.is_secret:
        return Standing()
    numbers = rules()
    looked = [_look(_chained(rows), ALIKE)[:1] for rows in alike(ticket, numbers, now).values()]
    if not ticket.category.is_mixed:
        looked.append(_look(_unchained(_recent(ticket, numbers, now)), RECENT))
        looked.append(_look(_unchained(_topic(ticket)), GATHERING, at="counted_from"))
    if not looked:
        return Standing()
    rows = looked[0].union(*looked[1:], all=True)
    return standing((Earlier(*row) for row in rows), topic_count=numbers.topic_count)


def alike(ticket: Ticket, numbers: Rules, now: datetime) -> dict[str, QuerySet[Ticket]]:
    """Earlier tickets of the same matter, the first one first: of the same resident, and at the same place."""
    since = now - timedelta(days=numbers.repeat_days)
    rows = _counting(ticket, since, now).order_by("opened_at", "pk")
    found = {}
    if phone := digits(ticket.caller_phone):
        found[RESIDENT] = rows.filter(caller_digits=phone)
    place = None if ticket.category.is_mixed else _same_place(ticket, numbers.radius_m)
    if place is not None:
        found[PLACE] = rows.filter(place)
    return found


def earlier_reports(user: Any, ticket: Ticket, now: datetime) -> tuple[list[Ticket], int]:
    """What the person may know of the earlier tickets of this matter before the new one is saved, newest first, and
    which report of the matter it will be as they see it.

    SECURITY: nothing is told, not even a number, when the person sees none of them. That the same resident reported
    is told of tickets whose contact the person may reveal; else the page would answer for any phone number.
    """
    # The keys first: the planner takes the scope for the narrower condition and would go through a whole community.
    keys = {
        why: set(rows.values_list("pk", flat=True)[:LOOKED_AT])
        for why, rows in alike(ticket, rules(), now).items()
    }
    if not any(keys.values()):
        return [], 1
    rows = Ticket.objects.visible_to(user).filter(pk__in=set().union(*keys.values()))
    at_the_place = keys.get(PLACE, set())
    tickets = [
        row
        for row in rows.for_list().order_by("opened_at", "pk")
        if row.pk in at_the_place or can_reveal(user, row)
    ]
    if not tickets:
        return [], 1
    first = tickets[0].repeat_of_id or tickets[0].pk
    matter = Ticket.objects.visible_to(user).filter(Q(pk=first) | Q(repeat_of=first))
    return tickets[::-1][:SHOWN], matter.count() + 1


def _counting(ticket: Ticket, since: datetime, now: datetime) -> Any:
    """Other tickets of the category that count, reported since then and before now."""
    rows = Ticket.objects.filter(category=ticket.category_id, is_secret=False)
    rows = rows.exclude(status=TicketStatus.CANCELLED)
    if ticket.pk is not None:
        rows = rows.exclude(pk=ticket.pk)
    return rows.filter(opened_at__gte=since, opened_at__lt=now + CLOCKS_DIFFER)


def _same_place(ticket: Ticket, radius_m: int) -> Q | None:
    """As exact as the place was said: entrance or building, else compound, else a point near by; None: nowhere."""
    if ticket.building_id:
        here = Q(building=ticket.building_id)
        if ticket.entrance_id:
            here &= Q(entrance=ticket.entrance_id) | Q(entrance__isnull=True)
        return here
    if ticket.compound_id:
        return Q(building__isnull=True, compound=ticket.compound_id)
    if ticket.point is None:
        return None
    return Q(
        building__isnull=True,
        compound__isnull=True,
        point__dwithin=(ticket.point, degrees(radius_m)),  # lets the index narrow the search
        point__distance_lte=(ticket.point, D(m=radius_m)),
    )


def _recent(ticket: Ticket, numbers: Rules, now: datetime) -> Any:
    """Tickets of the category at this place that no topic has taken up yet."""
    rows = _counting(ticket, now - timedelta(days=numbers.topic_days), now)
    rows = rows.filter(topic__isnull=True).order_by()
    if ticket.building_id:
        return rows.filter(building=ticket.building_id)
    if ticket.compound_id:
        return rows.filter(building__isnull=True, compound=ticket.compound_id)
    return rows.filter(building__isnull=True, compound__isnull=True, path=ticket.area.code)


def _topic(ticket: Ticket) -> Any:
    """The open topic of this place and category, if there is one."""
    topics = ProactiveTopic.objects.gathering().order_by()
    return topics.filter(place_key=topic_place(ticket), category=ticket.category_id)


def _chained(rows: Any) -> Any:
    """With the first ticket of each one's matter and the highest number given there."""
    last = Ticket.objects.filter(repeat_of=OuterRef("first")).order_by("-repeat_number")
    return rows.annotate(
        first=Coalesce("repeat_of_id", "pk", output_field=BigIntegerField()),
        last=Coalesce(Subquery(last.values("repeat_number")[:1]), 1, output_field=BigIntegerField()),
    )


def _unchained(rows: Any) -> Any:
    """Without either: they are only counted, or are topics."""
    nothing = Value(None, output_field=BigIntegerField())
    return rows.annotate(first=nothing, last=nothing)


def _look(rows: Any, why: str, *, at: str = "opened_at") -> Any:
    """The rows as `Earlier` takes them."""
    labelled = rows.annotate(why=Value(why, output_field=CharField()))
    return labelled.values_list("why", "pk", at, "first", "last")
