"""The calendar changed: the order to count open limits again is a row written in the same transaction.

A lost broker or a killed worker loses nothing; beat looks for orders that nobody carried out.
"""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone

from casework.calendar_lock import hold_calendar_alone
from casework.models import RecountOrder
from casework.tasks import recompute_deadlines
from core.worker import ask_worker


def order_recount(days: Collection[date]) -> None:
    """Called in the transaction that changes these days, before it ends: waits for steps that count by the old ones."""
    if days:
        hold_calendar_alone()
        RecountOrder.objects.create(first_on=min(days), last_on=max(days), made_at=timezone.now())
        transaction.on_commit(_ask)


def _ask() -> None:
    ask_worker(recompute_deadlines)
