"""The number a matter has at 12345: written in one form, entered once."""

import unicodedata
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core.locks import hold
from requests_.choices import TicketStatus
from requests_.models import Ticket

# A ticket that ended so takes nothing up any more: what 12345 sends again under its number is a new ticket.
ENTERED_ANEW = (TicketStatus.DECLINED, TicketStatus.CANCELLED, TicketStatus.ARCHIVED)


def read_external_number(text: str) -> str:
    """Without blanks, in capitals and ordinary digits: “lz2023 0301００１” is LZ20230301001."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def hold_external_number(number: str) -> None:
    """Two who enter one number at the same time wait for each other, to the end of the transaction."""
    hold(f"external number {number}")


def entered_before(number: str) -> Ticket | None:
    """The first ticket with this number that is not given back, cancelled or archived."""
    rows = Ticket.objects.filter(external_number=number).exclude(status__in=ENTERED_ANEW)
    return rows.order_by("pk").first() if number else None


def entered_sentence(user: Any, first: Ticket) -> str:
    """Why the number is refused.

    SECURITY: the ticket is named to those who may see it; to others it is not said where it lies or what it is about.
    """
    if not Ticket.objects.visible_to(user).filter(pk=first.pk).exists():
        return _(
            "This number has been entered already, where you cannot see it. Check it, or ask the subdistrict."
        )
    link = format_html(
        '<a href="{}">{}</a>', reverse("casework:case_detail", args=[first.number]), first.number
    )
    text = _(
        "This number has been entered already as {ticket}. Add there what is new, as a note or by reopening it."
    )
    return format_html(text, ticket=link)
