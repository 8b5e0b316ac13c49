"""Which report of its matter a ticket is, for one reader (docs/decisions/0010-repeats.md).

SECURITY: the number that is stored counts every report. A reader is told one more than the earlier ones they may see.
"""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from requests_.models import Ticket

# More reports of the matters on one page are not looked at.
LOOKED_AT = 2_000


def count_seen(user: Any, tickets: Collection[Ticket]) -> None:
    """Sets `seen_number` of each ticket for this person; one query, none when no ticket repeats another."""
    firsts = {ticket.repeat_of_id for ticket in tickets} - {None}
    earlier: dict[int, list[int]] = {first: [] for first in firsts if first}
    if firsts:
        # Sliced, so that the few reports of these matters are found before the scope is asked about each.
        matters = Ticket.objects.filter(Q(pk__in=firsts) | Q(repeat_of__in=firsts)).values("pk")[:LOOKED_AT]
        rows = Ticket.objects.visible_to(user).filter(pk__in=matters).order_by()
        for pk, first, number in rows.values_list("pk", "repeat_of_id", "repeat_number"):
            earlier[first or pk].append(number)
    for ticket in tickets:
        numbers = earlier.get(ticket.repeat_of_id or 0, [])
        ticket.seen_number = 1 + sum(number < ticket.repeat_number for number in numbers)
        ticket.seen_by = user.pk


def seen_number(user: Any, ticket: Ticket) -> int:
    """The number for this person; 1 when they see no earlier report. Counted once for a ticket and a person."""
    if ticket.seen_by != user.pk:
        count_seen(user, [ticket])
    return ticket.seen_number


def repeats_at_least(user: Any, least: int) -> QuerySet[Any, Any]:
    """Keys of the tickets that are at least the `least`-th report of their matter, as far as the person sees."""
    matter = Q(pk=OuterRef("repeat_of")) | Q(repeat_of=OuterRef("repeat_of"))
    earlier = Ticket.objects.visible_to(user).filter(matter, repeat_number__lt=OuterRef("repeat_number"))
    rows = Ticket.objects.filter(repeat_number__gte=least, repeat_of__isnull=False)
    return rows.filter(Exists(earlier.order_by()[least - 2 : least - 1])).order_by().values("pk")
