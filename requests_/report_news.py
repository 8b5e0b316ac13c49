"""What reporters of tickets hear: that it was accepted, how it ended, or why it was not accepted; once each."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.choices import Topic
from casework.planning import register_words
from casework.registry import Told
from casework.validity import Lines, holds, pks
from requests_.choices import DeclineReason, TicketStatus
from requests_.models import Ticket

ACCEPTED, ENDED, ENDED_WITH_MAIN, DECLINED, MERGED, CANCELLED = (
    "report_accepted", "report_ended", "report_ended_with_main", "report_declined", "report_merged",
    "report_cancelled",
)  # fmt: skip
WORDS = (
    (ACCEPTED, _("%(number)s, which you reported, was accepted; to be done by %(due_at)s"), _("accepted")),
    (ENDED, _("%(number)s, which you reported, was dealt with and closed"), _("closed")),
    (
        ENDED_WITH_MAIN,
        _("%(number)s, which you reported, was dealt with together with %(main)s"),
        _("closed"),
    ),
    (DECLINED, _("%(number)s, which you reported, was not accepted: %(why)s"), _("not accepted")),
    (MERGED, _("%(number)s, which you reported, was merged into %(main)s"), _("merged into another")),
    (CANCELLED, _("%(number)s, which you reported, was cancelled"), _("cancelled")),
)
for _rule, _sentence, _outward in WORDS:
    register_words(_rule, Topic.TURN, _sentence, outward=_outward)


def reporters_hear(ticket: Any, event: Any) -> Iterator[Told]:
    """What a step means to those who reported this ticket and what was merged into it, each about their own ticket.

    What the system does after something was settled on the spot is the doing of whoever settled it.
    """
    doer = event.actor_id or ticket.finished_by_id
    if event.verb == "accept":
        yield Told(ACCEPTED, ticket, doer, {"due_at": event.facts.get("due_at", "")})
    elif event.verb == "merge":
        yield Told(MERGED, ticket, doer, {"main": event.facts["main"]})
    elif ticket.status == TicketStatus.CLOSED and event.from_status != event.to_status:
        yield Told(ENDED, ticket, doer)
        for merged in _merged_into(ticket):
            yield Told(ENDED_WITH_MAIN, merged, doer, {"main": ticket.number})
    elif event.verb in ("decline", "cancel"):
        facts = {"why": DeclineReason(ticket.decline_reason).label} if event.verb == "decline" else {}
        for one in (ticket, *_merged_into(ticket)):
            yield Told(DECLINED if facts else CANCELLED, one, doer, facts)


def _merged_into(ticket: Any) -> list[Ticket]:
    return list(Ticket.objects.filter(merged_into=ticket.pk).order_by("pk"))


@holds(ACCEPTED)
def _while_it_is_done(lines: Lines, now: datetime) -> Collection[int]:
    return pks(lines.filter(reminder__inbox_item__read_at__isnull=True, case__closed_at__isnull=True))


@holds(ENDED, ENDED_WITH_MAIN, DECLINED, MERGED, CANCELLED)
def _while_ended(lines: Lines, now: datetime) -> Collection[int]:
    return pks(lines.filter(reminder__inbox_item__read_at__isnull=True, case__closed_at__isnull=False))
