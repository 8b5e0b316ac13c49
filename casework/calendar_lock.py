"""Steps count by the calendar, and the calendar changes: neither in the middle of the other.

A step holds the lock together with other steps, a change of the calendar holds it alone, each to the end of its
transaction. So whatever was counted by the old days is there when the open limits are counted again.
"""

from django.db import connection

# Any number that no other advisory lock of this database has.
KEY = 20230220


def hold_calendar() -> None:
    """Called before counting: the calendar read from now on does not change before the caller's transaction ends."""
    _lock("pg_advisory_xact_lock_shared")


def hold_calendar_alone() -> None:
    """Called by who changes the calendar: waits for the steps that count by it, and lets the next ones wait."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [KEY])
