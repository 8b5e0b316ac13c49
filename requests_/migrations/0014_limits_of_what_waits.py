"""Open tickets that are older than the limits of their status get them, counted from this upgrade.

Nobody could know of these limits before; counted from the report, all of them would be late at once. What was handled
already keeps the limit it was handled by. Limits that run are left alone.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import migrations
from django.utils import timezone

from casework.deadlines import Limit, due_of, half_over
from grids.workdays import Day, OfficeDay, WorkCalendar

# The limit that governs the light in each open status; a suspended ticket has one since it was suspended.
MAIN = {
    "reported": "accept", "to_dispatch": "handle", "to_sign": "handle", "handling": "handle",
    "to_review": "review", "to_call_back": "callback",
}  # fmt: skip
BESIDE = {"to_sign": ("sign", "return")}
HANDLED = ("to_review", "to_call_back")
BATCH = 500


def steps_of(ticket: Any) -> Iterator[str]:
    """The limits the ticket's status has."""
    yield MAIN[ticket.status]
    yield from BESIDE.get(ticket.status, ())
    waits_for_contact = ticket.caller_phone or ticket.external_number or ticket.source == "hotline"
    if ticket.status != "reported" and waits_for_contact and ticket.first_contact_at is None:
        yield "first_contact"


def level_of(ticket: Any, step: str, levels: list[Any]) -> Any:
    """The row that says most, as casework/limits.py chooses it; None when no limit is in force."""
    subjects = ("", f"type:{ticket.type}", ticket.category.code)
    fitting = [
        row
        for row in levels
        if row.step == step
        and row.subject in subjects
        and row.urgency in ("", ticket.urgency)
        and row.level in ("", ticket.handling_level)
    ]
    return max(
        fitting,
        key=lambda row: (bool(row.urgency), subjects.index(row.subject), bool(row.level), row.valid_from),
        default=None,
    )


def calendars(apps):
    """A function from an area code to the calendar of its office."""
    days = {
        row.date: Day(row.is_workday, row.is_provisional)
        for row in apps.get_model("grids", "Workday").objects.all()
    }
    offices = {
        row.area.code if row.area else "": OfficeDay(
            spans=((row.morning_from, row.morning_to), (row.afternoon_from, row.afternoon_to)),
            cut_off=row.cut_off,
        )
        for row in apps.get_model("grids", "OfficeHours").objects.select_related("area").defer("area__boundary")
    }

    @cache
    def calendar_of(code: str) -> WorkCalendar:
        nearest = max((place for place in offices if code.startswith(place)), key=len, default=None)
        office = OfficeDay() if nearest is None else offices[nearest]
        return WorkCalendar(lambda year: days, office=office, zone=timezone.get_default_timezone())

    return calendar_of


def give_limits(apps, schema_editor):
    Deadline = apps.get_model("casework", "Deadline")
    now, calendar_of = timezone.now(), calendars(apps)
    today = timezone.localdate(now)
    levels = list(apps.get_model("casework", "ServiceLevel").objects.filter(kind="ticket", valid_from__lte=today))
    tickets = apps.get_model("requests", "Ticket").objects.filter(closed_at=None, status__in=MAIN)
    tickets = tickets.select_related("category").order_by("pk")
    new = []
    for ticket in tickets.iterator(chunk_size=BATCH):
        known = list(Deadline.objects.filter(case_id=ticket.pk))
        if ticket.status in HANDLED and not any(row.step == "handle" for row in known):
            new += handled(apps, ticket)
        running = {row.step for row in known if row.ended_at is None}
        for step in steps_of(ticket):
            level = None if step in running else level_of(ticket, step, levels)
            if level is not None:
                row = begun(Deadline, ticket, level, now, calendar_of(ticket.path))
                new.append(row)
                if row.is_main:
                    ticket.due_at, ticket.yellow_at = row.due_at, row.yellow_at
                    ticket.due_is_provisional = row.is_provisional
                    ticket.save(update_fields=["due_at", "yellow_at", "due_is_provisional"])
    Deadline.objects.bulk_create(new, batch_size=BATCH)


def begun(Deadline: Any, ticket: Any, level: Any, now: Any, calendar: WorkCalendar) -> Any:
    """The limit as it is when it begins now."""
    due = due_of(Limit(level.amount, level.unit, level.cut_off), now, calendar)
    return Deadline(
        case_id=ticket.pk, step=level.step, limit_step=level.step, is_main=MAIN[ticket.status] == level.step,
        amount=level.amount, unit=level.unit, cut_off=level.cut_off, counted_from=now,
        due_at=due.at, yellow_at=due.yellow_at, is_provisional=due.is_provisional,
        half_over_at=half_over(due.at, level.amount, level.unit, calendar),
    )  # fmt: skip


def handled(apps: Any, ticket: Any) -> Iterator[Any]:
    """The limit of handling, which stood on the ticket's row alone, as one that has ended; when it was handled."""
    events = apps.get_model("casework", "CaseEvent").objects.filter(
        case_id=ticket.pk, verb__in=("finish", "settle_on_spot")
    )
    done_at = ticket.handled_at or events.order_by("-seq").values_list("at", flat=True).first()
    done_at = ticket.handled_at = done_at or ticket.status_since
    ticket.save(update_fields=["handled_at"])
    if ticket.due_at is None:
        return
    span = ticket.due_at - ticket.opened_at
    yield apps.get_model("casework", "Deadline")(
        case_id=ticket.pk, step="handle", limit_step="handle", is_main=True,
        amount=min(max(round(span / timedelta(hours=1)), 1), 400), unit="calendar_hour",
        counted_from=ticket.opened_at, due_at=ticket.due_at, yellow_at=ticket.due_at - span / 5,
        half_over_at=ticket.due_at + span / 2, ended_at=done_at,
        result="met" if done_at <= ticket.due_at else "missed",
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0013_phone_looks"),
        ("casework", "0012_kept_lateness"),
        ("grids", "0006_posts_once"),
    ]
    operations = [migrations.RunPython(give_limits, migrations.RunPython.noop)]
