"""Which tickets somebody must be reminded of (domain page 12.9); registered with the sweep."""

from collections.abc import Iterator
from datetime import datetime

from casework.choices import HandlingLevel
from casework.models import Reminder
from casework.reminders import recipients_of_handler, rule
from grids.choices import Duty
from grids.posts import holders
from requests_.choices import TicketStatus
from requests_.models import Ticket


@rule("unsigned")
def unsigned(now: datetime) -> Iterator[Reminder]:
    """To the handler when the time to sign is over, to the desk that dispatched it when half as much again is."""
    late = Ticket.objects.filter(status=TicketStatus.TO_SIGN, sign_due_at__lt=now).order_by("sign_due_at")
    tickets = list(late.select_related("handler_user", "handler_org"))
    for ticket, recipient in recipients_of_handler(tickets):
        yield _reminder("unsigned", ticket, recipient, now, ticket.sign_due_at)
    for ticket in tickets:
        if now < ticket.sign_due_at + (ticket.sign_due_at - ticket.dispatched_at) / 2:
            continue
        duty = Duty.GRID_LEADER if ticket.handling_level == HandlingLevel.GRID else Duty.COMMUNITY_OFFICER
        for recipient in holders((duty,), ticket.path):
            yield _reminder("unsigned_officer", ticket, recipient, now, ticket.sign_due_at)


@rule("overdue")
def overdue(now: datetime) -> Iterator[Reminder]:
    """To the handler, once per due time, when the time to handle is over."""
    late = Ticket.objects.overdue(now).filter(status__in=[TicketStatus.TO_SIGN, TicketStatus.HANDLING])
    for ticket, recipient in recipients_of_handler(late.order_by("due_at")):
        yield _reminder("overdue", ticket, recipient, now, ticket.due_at)


def _reminder(name: str, ticket: Ticket, recipient: int, now: datetime, deadline: datetime) -> Reminder:
    return Reminder(
        dedupe_key=f"{name}:{ticket.pk}:{deadline.isoformat()}:{recipient}",
        rule=name,
        recipient_id=recipient,
        case_id=ticket.pk,
        planned_at=now,
        facts={"number": ticket.number, "title": ticket.title, "handler": str(ticket.handler or "")},
    )
