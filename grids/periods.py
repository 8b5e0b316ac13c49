"""Arithmetic of periods of days: pairs of a first day and the first day no longer in it."""

from collections.abc import Iterable
from datetime import date

# What has no end yet ends on the last day a calendar knows.
OPEN = date.max
Period = tuple[date, date]


def minus(period: Period, taken: Iterable[Period]) -> list[Period]:
    """What is left of a period outside of all the others, in order; nothing of an empty one."""
    left = [period]
    for begin, end in taken:
        cut = [(first, min(last, begin)) for first, last in left]
        cut += [(max(first, end), last) for first, last in left]
        left = [(first, last) for first, last in cut if first < last]
    return sorted(left)
