"""What follows a retired area: the apps above register how their open matters move; grids knows none of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grids.models import Area


@dataclass(frozen=True)
class Move:
    """One open matter that goes to another area."""

    number: str
    title: str
    url: str
    source: Area
    target: Area


# (retired areas, actor, now) -> what was moved. Runs inside the transaction of the split or merge, when the new
# areas stand, `replaced_by` is set and compounds are re-assigned. A preview runs the same and is rolled back.
Rerouter = Callable[[Sequence[Area], Any, datetime], list[Move]]
_rerouters: list[Rerouter] = []


def register_rerouter(rerouter: Rerouter) -> None:
    """Called once from an app's `ready()`."""
    if rerouter not in _rerouters:
        _rerouters.append(rerouter)


def reroute_all(retired: Sequence[Area], actor: Any, now: datetime) -> list[Move]:
    """Let every registered app move what hangs on the retired areas."""
    return [move for rerouter in _rerouters for move in rerouter(retired, actor, now)]
