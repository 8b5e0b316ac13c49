"""What lies with a person or an organisation that is to be switched off, or in a post that is to end.

The apps above register what they know; whoever ends one of them is shown it and asked first.
"""

from collections.abc import Callable, Iterable
from typing import Any

# (person, organisation or post) -> lines in words of what lies with it, or nothing
Holding = Callable[[Any], Iterable[str]]
_holdings: dict[str, list[Holding]] = {}


def register_holding(model: str, holding: Holding) -> None:
    """Called once from an app's `ready()`; `model` is the label of what leaves, such as `accounts.User`."""
    if holding not in _holdings.setdefault(model, []):
        _holdings[model].append(holding)


def left_behind(leaving: Any) -> list[str]:
    """In words, what would be left with nobody."""
    return [line for holding in _holdings.get(leaving._meta.label, ()) for line in holding(leaving)]
