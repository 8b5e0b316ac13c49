"""Locks of areas and posts, held until the transaction ends (core/locks.py).

Order, so that two never wait for each other: the areas first, then rows of areas from the top down, then posts.
"""

from core.locks import hold


def hold_areas() -> None:
    """Nobody else saves, imports, splits or merges areas meanwhile: each would judge outlines the other replaces."""
    hold("areas")


def hold_posts(area_id: int) -> None:
    """Nobody else gives a post in this area meanwhile: two would each find it free."""
    hold(f"posts in area {area_id}")
