"""Open limits are counted again when the calendar changes; a limit that moved says so in the timeline.

The order to do so is a row written with the change (casework/calendar_changes.py).
"""

from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from casework.clocks import due_now, row_fields, set_due
from casework.deadlines import WALL_CLOCK
from casework.events import record_event
from casework.models import Case, Deadline, RecountOrder
from grids.office_calendar import calendar_for
from grids.workdays import WorkCalendar

BATCH = 500


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
                record_event(
                    case=case,
                    verb="recounted",
                    actor=None,
                    now=now,
                    facts=facts,
                    from_status=case.status,
                    to_status=case.status,
                )
    return moved
