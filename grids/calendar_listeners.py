"""What follows a changed day: the apps above register what they count anew; grids knows none of them."""

from collections.abc import Callable, Collection
from datetime import date

# (days that count differently now). Runs after the days are written, inside the same transaction.
CalendarListener = Callable[[Collection[date]], None]
_listeners: list[CalendarListener] = []


def register_calendar_listener(listener: CalendarListener) -> None:
    """Called once from an app's `ready()`."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_listeners(days: Collection[date]) -> None:
    """Let every registered app know; nobody hears of nothing."""
    for listener in _listeners if days else ():
        listener(days)
