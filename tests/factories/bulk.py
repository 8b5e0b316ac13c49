"""Many cases at once, for plans and measures: copies of one, made in the database."""

from typing import Any

from django.db import connection

from casework.models import Case, Deadline
from requests_.models import Ticket


def _copy(model: type[Any], changed: dict[str, str], source: str) -> str:
    fields = [
        f
        for f in model._meta.local_concrete_fields
        if f.column in changed or not (f.generated or f.primary_key)
    ]
    columns = ", ".join(f'"{f.column}"' for f in fields)
    values = ", ".join(changed.get(f.column, f'o."{f.column}"') for f in fields)
    return f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {values} FROM {source}"


def copy_ticket(ticket: Any, count: int) -> None:
    """`count` more tickets like this one, whole ones."""
    copy_case(ticket, count)
    make_tickets_of_copies(ticket)


def make_tickets_of_copies(ticket: Any) -> None:
    """The ticket rows of what `copy_case` made."""
    with connection.cursor() as cursor:
        copies = "requests_ticket o JOIN casework_case k ON k.number LIKE 'C-' || o.case_ptr_id || '-%%'"
        cursor.execute(
            _copy(Ticket, {"case_ptr_id": "k.id"}, f"{copies} WHERE o.case_ptr_id = %s"), [ticket.pk]
        )


def copy_case(ticket: Any, count: int) -> None:
    """`count` more cases like this one, each with copies of its running deadlines. Bare cases: without ticket rows."""
    with connection.cursor() as cursor:
        numbers = {"number": "'C-' || o.id || '-' || n", "idempotency_key": "NULL"}
        cursor.execute(
            _copy(Case, numbers, "casework_case o, generate_series(1, %s) n WHERE o.id = %s"),
            [count, ticket.pk],
        )
        copies = "casework_deadline o JOIN casework_case k ON k.number LIKE 'C-' || o.case_id || '-%%'"
        cursor.execute(
            _copy(Deadline, {"case_id": "k.id"}, f"{copies} WHERE o.case_id = %s AND o.ended_at IS NULL"),
            [ticket.pk],
        )
        cursor.execute("ANALYZE casework_case, casework_deadline, casework_reminder, casework_message")
