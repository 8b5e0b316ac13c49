"""Locks by name, held until the transaction ends, for rules that look at rows which may not be there yet.

Taken before any row of an area is locked, so that two never wait for each other.
"""

from django.db import connection


def hold_areas() -> None:
    """Nobody else saves, imports, splits or merges areas meanwhile: each would judge outlines the other replaces."""
    _hold("areas")


def _hold(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
