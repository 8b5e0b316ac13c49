"""Repeats and topics: which earlier tickets a new one has to do with (docs/decisions/0010-repeats.md).

The category is the matter. Secret tickets and cancelled misreports are never looked at.
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
from requests_.selectors import degrees

# Fewer digits do not tell one resident from another.
DIGITS = 7
# Clocks of several machines differ: what another one dated a little after now was reported before all the same.
CLOCKS_DIFFER = timedelta(minutes=10)
# How many earlier reports the page of a new one names.
SHOWN = 5
ALIKE, RECENT, GATHERING = "alike", "recent", "gathering"


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
    looked = [
        *(_look(_chained(rows), ALIKE)[:1] for rows in alike(ticket, numbers, now)),
        _look(_unchained(_recent(ticket, numbers, now)), RECENT),
        _look(_unchained(_topic(ticket)), GATHERING, at="counted_from"),
    ]
    rows = looked[0].union(*looked[1:], all=True)
    return standing((Earlier(*row) for row in rows), topic_count=numbers.topic_count)


def alike(ticket: Ticket, numbers: Rules, now: datetime) -> list[QuerySet[Ticket]]:
    """Earlier tickets of the same matter, the first one first: of the same resident, and at the same place."""
    since = now - timedelta(days=numbers.repeat_days)
    rows = _counting(ticket, since, now).order_by("opened_at", "pk")
    found = []
    if phone := digits(ticket.caller_phone):
        found.append(rows.filter(caller_digits=phone))
    if (place := _same_place(ticket, numbers.radius_m)) is not None:
        found.append(rows.filter(place))
    return found


def earlier_reports(user: Any, ticket: Ticket, now: datetime) -> tuple[list[Ticket], int]:
    """What the person may see of the earlier tickets of this matter, newest first, and the number of the next one.

    SECURITY: nothing is told, not even a number, when the person sees none of them.
    """
    keys = [rows.values("pk") for rows in alike(ticket, rules(), now)]
    if not keys:
        return [], 1
    seen = Ticket.objects.visible_to(user).filter(pk__in=keys[0].union(*keys[1:]))
    tickets = list(_chained(seen).for_list().order_by("opened_at", "pk"))
    return tickets[::-1][:SHOWN], tickets[0].last + 1 if tickets else 1


def _counting(ticket: Ticket, since: datetime, now: datetime) -> Any:
    """Tickets of the category that count, reported since then and before now."""
    rows = Ticket.objects.filter(category=ticket.category_id, is_secret=False)
    rows = rows.exclude(status=TicketStatus.CANCELLED)
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
