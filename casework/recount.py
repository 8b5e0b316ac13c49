"""Open limits are counted again when the calendar changes; a limit that moved says so in the timeline.

The order to do so is a row written with the change (casework/calendar_changes.py).
"""

from collections.abc import Collection
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import CharField, Q
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.audiences import people_sql
from casework.choices import Audience, Step, Topic
from casework.clocks import due_now, row_fields, set_due
from casework.deadlines import WALL_CLOCK
from casework.events import record_event
from casework.models import Case, CaseEvent, Deadline, RecountOrder
from casework.planning import plan_cases, register_words
from casework.validity import Lines, holds, of_running_limits, pks, still_told
from grids.office_calendar import calendar_for
from grids.workdays import WorkCalendar

BATCH = 500
register_words(
    "due_moved",
    Topic.DUE_SOON,
    _("%(number)s: the calendar changed, it is due (%(step)s) on %(due_at)s already, not on %(was_at)s"),
    outward=_("the calendar changed, due on %(due_at)s already, not on %(was_at)s"),
)


def run_recounts(*, now: datetime) -> int:
    """Carries out what is ordered, oldest first; returns how many deadlines moved. Running it twice is harmless."""
    moved = 0
    for order in RecountOrder.objects.filter(done_at__isnull=True).order_by("pk"):
        count = recount(order.first_on, order.last_on, now=now)
        RecountOrder.objects.filter(pk=order.pk).update(done_at=now, moved=count)
        moved += count
    return moved


def recount(first: date, last: date, *, now: datetime) -> int:
    """Counts every open limit again that touches a day from `first` to `last`, in batches of their own transactions.

    What is counted beyond its end (`half_over_at`) belongs to it.
    """
    zone = timezone.get_default_timezone()
    begin, end = datetime.combine(first, time.min, zone), datetime.combine(last, time.max, zone)
    touched = Deadline.objects.counting().filter(counted_from__lte=end, half_over_at__gte=begin)
    # Time on the wall knows no workdays, unless workdays were added to it.
    touched = touched.exclude(unit__in=list(WALL_CLOCK), extra_workdays=0)
    moved, after = 0, 0
    while ids := list(touched.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        moved += _recount_batch(ids, now)
        after = ids[-1]
    return moved


def _recount_batch(ids: list[int], now: datetime) -> int:
    """Locks the cases first, as every step does, then counts their limits."""
    moved = 0
    earlier: dict[int, CaseEvent] = {}
    calendars: dict[str, WorkCalendar] = {}
    with transaction.atomic():
        cases = (
            Case.objects.select_for_update(of=("self",), no_key=True)
            .filter(deadlines__pk__in=ids)
            .order_by("pk")
        )
        by_pk = {case.pk: case for case in cases}
        for row in Deadline.objects.counting().filter(pk__in=ids, case__in=by_pk).order_by("pk"):
            case, was = by_pk[row.case_id], row.due_at
            if case.path not in calendars:
                calendars[case.path] = calendar_for(case.path)
            calendar = calendars[case.path]
            has_moved = set_due(row, due_now(row, calendar), calendar)
            row.save()
            if row.is_main:
                for name, value in row_fields(row).items():
                    setattr(case, name, value)
                case.save(update_fields=list(row_fields(row)))
            if has_moved:
                moved += 1
                facts = {"step": row.step, "was_at": was.isoformat(), "due_at": row.due_at.isoformat()}
                event = record_event(
                    case=case,
                    verb="recounted",
                    actor=None,
                    now=now,
                    facts=facts,
                    from_status=case.status,
                    to_status=case.status,
                )
                is_told = row.due_at < was and row.step != Step.RETURN
                if is_told and (row.is_main or case.pk not in earlier):
                    earlier[case.pk] = event
        if earlier:
            _tell(earlier.values(), now)
    return moved


def _tell(events: Collection[CaseEvent], now: datetime) -> None:
    """Whoever handles a case, or its desk, hears once that there is less time; that there is more, the page says."""
    told = CaseEvent.objects.filter(pk__in=[event.pk for event in events]).order_by()
    due = told.values_list(
        "case_id",
        Cast("pk", CharField()),
        JSONObject(step="facts__step", was_at="facts__was_at", due_at="facts__due_at"),
    )
    nobody = Q(case__handler_user=None, case__handler_org=None)
    for which, audience in ((~nobody, Audience.HANDLER), (nobody, Audience.DESK)):
        plan_cases(name="due_moved", due=due.filter(which), tell=(audience,), now=now)


@holds("due_moved")
def _still_earlier(lines: Lines, now: datetime) -> Collection[int]:
    people = people_sql((Audience.HANDLER, Audience.DESK))
    return still_told(pks(of_running_limits(lines)), people, now)
