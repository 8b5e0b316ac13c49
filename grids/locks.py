"""Locks by name, held until the transaction ends, for rules that look at rows which may not be there yet.

Order, so that two never wait for each other: the areas first, then rows of areas from the top down, then posts.
"""

from django.db import connection


def hold_areas() -> None:
    """Nobody else saves, imports, splits or merges areas meanwhile: each would judge outlines the other replaces."""
    _hold("areas")


def hold_posts(area_id: int) -> None:
    """Nobody else gives a post in this area meanwhile: two would each find it free."""
    _hold(f"posts in area {area_id}")


def _hold(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
