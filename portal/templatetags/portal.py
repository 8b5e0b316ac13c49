"""Words of the top pages."""

from typing import Any

from django import template

from casework.reminders import sentence
from portal.metrics import Share

register = template.Library()


@register.simple_tag
def inbox_sentence(item: Any) -> str:
    """The line of an inbox entry."""
    return sentence(item)


@register.filter
def percent(share: Share) -> str:
    """“87 %”, or a dash when there is nothing to divide by."""
    return "—" if share.percent is None else f"{share.percent}%"
