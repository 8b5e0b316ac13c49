"""From the outbox into the inbox: claim, deliver, mark. Planning stands in casework/planning.py, what leaves the house
in casework/outbox.py.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.choices import ReminderState
from casework.deadlines import workdays_late
from casework.models import InboxItem, Reminder
from casework.outbox import plan_messages
from casework.planning import NEWS, NEWS_DECISION, sentence_of
from casework.registry import kind_of
from casework.timeline import event_sentence, filled
from grids.office_calendar import remembered_calendar

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 5
BATCH = 500
FILL_INBOX = """
    INSERT INTO casework_inboxitem (reminder_id, recipient_id, rule, case_id, facts, created_at)
    SELECT id, recipient_id, rule, case_id, facts, %s FROM casework_reminder WHERE id = ANY(%s)
    ON CONFLICT DO NOTHING"""


def sentence(item: Any) -> str:
    """The inbox line of a reminder or inbox entry; never a resident's name, phone or address."""
    facts = dict(item.facts)
    if item.rule in (NEWS, NEWS_DECISION):
        facts["what"] = event_sentence(facts["verb"], facts["facts"], kind_of(facts["kind"]))
        facts["who"] = facts["who"] or _("The system")
        return sentence_of(item.rule) % facts
    days = _days_late(item)
    facts["late_by"] = ngettext(", %(n)s workday", ", %(n)s workdays", days) % {"n": days} if days > 0 else ""
    return filled(sentence_of(item.rule), facts)


def _days_late(item: Any) -> int:
    """The workdays a limit was late at the moment the entry is dated; 0 of what tells of no lateness."""
    due_at = parse_datetime(str(item.facts.get("due_at") or ""))
    if item.rule != "late" or due_at is None:
        return 0
    dated = item.created_at if isinstance(item, InboxItem) else item.planned_at
    return workdays_late(due_at, dated, remembered_calendar(""))


def database_now() -> datetime:
    """The time by the database's clock: workers whose own clocks differ agree on it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def claim(*, now: datetime, limit: int = BATCH) -> list[int]:
    """Takes up to `limit` undelivered reminders for five minutes; no other worker gets the same ones.

    A claim whose worker died runs out and is taken again. What two workers did not finish is taken alone: if it is
    what stops them, it takes no others along. After five attempts the row is given up (dead).
    """
    Reminder.objects.filter(
        state=ReminderState.CLAIMED, lease_until__lt=now, attempts__gte=MAX_ATTEMPTS
    ).update(
        state=ReminderState.DEAD,
        lease_until=None,
        last_error=_("Each time the process that delivered it broke off."),
    )
    with transaction.atomic():
        due = Reminder.objects.filter(
            Q(state=ReminderState.PLANNED) | Q(state=ReminderState.CLAIMED, lease_until__lt=now),
            planned_at__lte=now,
        )
        rows = list(
            due.select_for_update(skip_locked=True)
            .order_by("planned_at", "pk")
            .values_list("pk", "attempts")[:limit]
        )
        ids = [pk for pk, attempts in rows if attempts < 2] or [pk for pk, _attempts in rows[:1]]
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE {Reminder._meta.db_table}
                    SET state = %s, lease_until = %s, attempts = attempts + 1 WHERE id = ANY(%s)""",  # noqa: S608
                [ReminderState.CLAIMED, now + LEASE, ids],
            )
    return ids


def deliver(*, ids: list[int], now: datetime) -> int:
    """Puts the reminders claimed at `now` into their inboxes, plans the messages that follow, and marks them, all in
    one transaction; returns how many. What another worker has claimed since is left to that one.

    Safe to run twice: the inbox holds at most one entry per reminder, by the database.
    """
    with transaction.atomic():
        ours = list(
            Reminder.objects.select_for_update()
            .filter(pk__in=ids, state=ReminderState.CLAIMED, lease_until=now + LEASE)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        with connection.cursor() as cursor:
            cursor.execute(FILL_INBOX, [now, ours])
        plan_messages(ours, now=now)
        Reminder.objects.filter(pk__in=ours).update(
            state=ReminderState.DELIVERED, delivered_at=now, lease_until=None
        )
    return len(ours)


def deliver_all(*, now: datetime) -> int:
    """Claims and delivers until nothing is left; returns how many were delivered."""
    delivered = 0
    while ids := claim(now=now):
        delivered += deliver(ids=ids, now=now)
    return delivered


def put_back(reminders: Any) -> int:
    """Puts given-up reminders back into the outbox, with all their tries; returns how many."""
    changed: int = reminders.filter(state=ReminderState.DEAD).update(
        state=ReminderState.PLANNED, attempts=0, lease_until=None, last_error=""
    )
    return changed


def mark_read(*, items: Any, now: datetime) -> int:
    """Marks these inbox entries read, as far as they were not; returns how many."""
    changed: int = items.unread().update(read_at=now)
    return changed
