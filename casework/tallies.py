"""Daily counts of closed cases, kept in the transition's transaction so that pages never count the history."""

from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from casework.lights import handled_in_time
from casework.models import ClosedTally


def count(case: Any) -> None:
    """Adds the case that was just closed to the tally of its closing day; figures leave secret cases out."""
    if case.is_secret:
        return
    table, row = ClosedTally._meta.db_table, _row(case)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {table} ({", ".join(row)}, count) VALUES ({", ".join(["%s"] * len(row))}, 1)
                ON CONFLICT ({", ".join(row)}) DO UPDATE SET count = {table}.count + 1""",  # noqa: S608  our names
            list(row.values()),
        )


def take_back(case: Any) -> None:
    """Takes a case out of the tally of its former closing day; call it before anything of the case changes."""
    if case.is_secret:
        return
    ClosedTally.objects.filter(**_row(case)).update(count=F("count") - 1)


def _row(case: Any) -> dict[str, Any]:
    return {
        "path": case.path,
        "day": timezone.localtime(case.closed_at).date(),
        "kind": case.kind,
        "handling_level": str(case.handling_level),
        "status": str(case.status),
        "on_time": handled_in_time(case) is not False,
    }
