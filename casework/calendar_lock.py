"""Steps count by the calendar, and the calendar changes: neither in the middle of the other.

A step holds the lock together with other steps, a change of the calendar holds it alone, each to the end of its
transaction. So whatever was counted by the old days is there when the open limits are counted again.
"""

from core.locks import hold

CALENDAR = "calendar"


def hold_calendar() -> None:
    """Called before counting: the calendar read from now on does not change before the caller's transaction ends."""
    hold(CALENDAR, shared=True)


def hold_calendar_alone() -> None:
    """Called by who changes the calendar: waits for the steps that count by it, and lets the next ones wait."""
    hold(CALENDAR)
