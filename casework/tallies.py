"""Daily counts of closed cases, kept in the transition's transaction so that pages never count the history.

Beside the number of cases stands how many of them had a limit of each sort, and how many kept it: what the rates of
docs/glossary.md are taken from.
"""

from typing import Any

from django.db import connection
from django.utils import timezone

from casework.models import ClosedTally

# Sort of limit → its rows of casework_deadline `d`. Handling that is done again (rework) has a limit of its own.
SORTS = {
    "acceptance": "d.step = 'accept'",
    "signing": "d.step = 'sign'",
    "contact": "d.step = 'first_contact'",
    "handling": "d.step = 'handle' AND d.limit_step <> 'rework'",
    "rework": "d.step = 'handle' AND d.limit_step = 'rework'",
}
COUNTERS = tuple(f"{sort}_{what}" for sort in SORTS for what in ("due", "kept"))


def limits_kept(case_id: str) -> str:
    """SQL for one row of a case: 1 for each sort of limit it had, and 1 when it kept every one of that sort.

    A limit that was dropped (sent back before it was signed for) is none. `case_id`: a column or a placeholder.
    """
    sorts = ", ".join(
        f"coalesce(bool_or({rows}), false)::int AS {sort}_due,"
        f" coalesce(bool_and(d.result = 'met') FILTER (WHERE {rows}), false)::int AS {sort}_kept"
        for sort, rows in SORTS.items()
    )
    rows = f"d.case_id = {case_id} AND d.result IN ('met', 'missed')"
    return f"SELECT {sorts} FROM casework_deadline d WHERE {rows}"  # noqa: S608  our names


def count(case: Any) -> None:
    """Adds the case that was just closed to the tally of its closing day; figures leave secret cases out."""
    if case.is_secret:
        return
    table, row = ClosedTally._meta.db_table, _row(case)
    names = (*row, "count", *COUNTERS)
    sums = ", ".join(f"{name} = {table}.{name} + EXCLUDED.{name}" for name in ("count", *COUNTERS))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {table} ({", ".join(names)})
                SELECT {", ".join(["%s"] * len(row))}, 1, {", ".join(COUNTERS)}
                FROM ({limits_kept("%s")}) limits
                ON CONFLICT ({", ".join(row)}) DO UPDATE SET {sums}""",  # noqa: S608  our names
            [*row.values(), case.pk],
        )


def take_back(case: Any) -> None:
    """Takes a case out of the tally of its former closing day; call it before anything of the case changes."""
    if case.is_secret:
        return
    table, row = ClosedTally._meta.db_table, _row(case)
    less = ", ".join(f"{name} = {table}.{name} - limits.{name}" for name in COUNTERS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table} SET count = count - 1, {less}
                FROM ({limits_kept("%s")}) limits
                WHERE {" AND ".join(f"{name} = %s" for name in row)}""",  # noqa: S608  our names
            [case.pk, *row.values()],
        )


def _row(case: Any) -> dict[str, Any]:
    return {
        "path": case.path,
        "day": timezone.localtime(case.closed_at).date(),
        "kind": case.kind,
        "handling_level": str(case.handling_level),
        "status": str(case.status),
    }
