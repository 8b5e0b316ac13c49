"""The outbox: plan, claim, deliver, mark. A planned reminder is one row with a dedupe key, so it is told once.

Rules are small functions registered with `@rule`; the sweep runs every minute and may run twice at once.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from casework.choices import ReminderState
from casework.models import InboxItem, Reminder
from casework.registry import kind_of
from casework.timeline import event_sentence

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 5
BATCH = 500

SENTENCES = {
    "news": _("%(number)s: %(who)s %(what)s"),
    "unsigned": _("%(number)s has not been signed for in time"),
    "unsigned_officer": _("%(number)s is still not signed for by %(handler)s"),
    "overdue": _("%(number)s is overdue"),
}

Rule = Callable[[datetime], Iterable[Reminder]]
_rules: dict[str, Rule] = {}


def rule(name: str) -> Callable[[Rule], Rule]:
    """Registers a function of `now` that yields unsaved reminders; yielding a known key again is harmless."""

    def register(function: Rule) -> Rule:
        _rules[name] = function
        return function

    return register


def sentence(item: Any) -> str:
    """The inbox line of a reminder or inbox entry; never a resident's name, phone or address."""
    facts = item.facts
    if item.rule == "news":
        what = event_sentence(facts["verb"], facts["facts"], kind_of(facts["kind"]))
        facts = facts | {"what": what, "who": facts["who"] or _("The system")}
    return str(SENTENCES[item.rule]) % facts


def plan(reminders: Iterable[Reminder]) -> int:
    """Writes reminders that are not known yet, in batches; returns how many rows were offered."""
    offered, batch = 0, []
    for reminder in reminders:
        batch.append(reminder)
        if len(batch) >= BATCH:
            offered += _plan_batch(batch)
            batch = []
    return offered + _plan_batch(batch)


def _plan_batch(batch: list[Reminder]) -> int:
    if batch:
        Reminder.objects.bulk_create(batch, ignore_conflicts=True)
    return len(batch)


def sweep(*, now: datetime) -> int:
    """Plans what every rule finds due at `now`, and returns the number of rows offered."""
    return sum(plan(function(now)) for function in _rules.values())


def claim(*, now: datetime, limit: int = BATCH) -> list[int]:
    """Takes up to `limit` undelivered reminders for five minutes; no other worker gets the same ones.

    A claim whose worker died runs out and is taken again; after five attempts the row is given up (dead).
    """
    Reminder.objects.filter(
        state=ReminderState.CLAIMED, lease_until__lt=now, attempts__gte=MAX_ATTEMPTS
    ).update(state=ReminderState.DEAD, lease_until=None)
    with transaction.atomic():
        due = Reminder.objects.filter(
            Q(state=ReminderState.PLANNED) | Q(state=ReminderState.CLAIMED, lease_until__lt=now),
            planned_at__lte=now,
        )
        ids = list(
            due.select_for_update(skip_locked=True)
            .order_by("planned_at", "pk")
            .values_list("pk", flat=True)[:limit]
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE {Reminder._meta.db_table}
                    SET state = %s, lease_until = %s, attempts = attempts + 1 WHERE id = ANY(%s)""",  # noqa: S608
                [ReminderState.CLAIMED, now + LEASE, ids],
            )
    return ids


def deliver(*, ids: list[int], now: datetime) -> int:
    """Puts claimed reminders into their inboxes and marks them, both in one transaction; returns how many.

    Safe to run twice: the inbox holds at most one entry per reminder, by the database.
    """
    with transaction.atomic():
        rows = list(
            Reminder.objects.select_for_update()
            .filter(pk__in=ids, state=ReminderState.CLAIMED)
            .order_by("pk")
        )
        InboxItem.objects.bulk_create(
            (
                InboxItem(
                    reminder=r,
                    recipient_id=r.recipient_id,
                    rule=r.rule,
                    case_id=r.case_id,
                    facts=r.facts,
                    created_at=now,
                )
                for r in rows
            ),
            ignore_conflicts=True,
        )
        Reminder.objects.filter(pk__in=[r.pk for r in rows]).update(
            state=ReminderState.DELIVERED, delivered_at=now, lease_until=None
        )
    return len(rows)


def deliver_all(*, now: datetime) -> int:
    """Claims and delivers until nothing is left; returns how many were delivered."""
    delivered = 0
    while ids := claim(now=now):
        delivered += deliver(ids=ids, now=now)
    return delivered


def recipients_of_handler(cases: Iterable[Any]) -> Iterator[tuple[Any, int]]:
    """Pairs of a case and the id of each person it stands with: the handler, or everyone of the organisation."""
    rows = list(cases)
    organisations = {case.handler_org_id for case in rows if case.handler_org_id}
    people: dict[int, list[int]] = {}
    for pk, organisation in User.objects.acting_for(organisations).values_list("pk", "organisation_id"):
        people.setdefault(organisation, []).append(pk)
    for case in rows:
        if case.handler_user_id:
            yield case, case.handler_user_id
        else:
            for pk in people.get(case.handler_org_id, ()):
                yield case, pk


def mark_read(*, items: Any, now: datetime) -> int:
    """Marks these inbox entries read, as far as they were not; returns how many."""
    changed: int = items.unread().update(read_at=now)
    return changed
