"""What follows a retired area: the apps above register how their open matters and settings move along with it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from grids.calendar_keeping import hours_changed
from grids.models import Area, OfficeHours


@dataclass(frozen=True)
class Move:
    """One open matter that goes to another area."""

    number: str
    title: str
    url: str
    source: Area
    target: Area


@dataclass(frozen=True)
class Carried:
    """One setting of a retired area, in words, that holds in another one from now on; without a target it ends."""

    words: str
    target: Area | None


# (retired areas, actor, now) -> what was moved. Runs inside the transaction of the split or merge, when the new
# areas stand, `replaced_by` is set and compounds are re-assigned. A preview runs the same and is rolled back.
Rerouter = Callable[[Sequence[Area], Any, datetime], list[Move]]
_rerouters: list[Rerouter] = []
# (retired areas) -> the settings that were carried over; at the same moment, under the same conditions.
Carrier = Callable[[Sequence[Area]], list[Carried]]
_carriers: list[Carrier] = []


def register_rerouter(rerouter: Rerouter) -> None:
    """Called once from an app's `ready()`."""
    if rerouter not in _rerouters:
        _rerouters.append(rerouter)


def reroute_all(retired: Sequence[Area], actor: Any, now: datetime) -> list[Move]:
    """Let every registered app move what hangs on the retired areas."""
    return [move for rerouter in _rerouters for move in rerouter(retired, actor, now)]


def register_carrier(carrier: Carrier) -> None:
    """Called once from an app's `ready()`."""
    if carrier not in _carriers:
        _carriers.append(carrier)


def carry_all(retired: Sequence[Area]) -> list[Carried]:
    """Let office hours and what every registered app has set for the retired areas hold in the new ones."""
    return [*carry_hours(retired), *[done for carrier in _carriers for done in carrier(retired)]]


def carry_hours(retired: Sequence[Area]) -> list[Carried]:
    """Office hours hold in every area that replaces theirs. Where two meet, those of the lower code hold."""
    carried: list[Carried] = []
    rows = OfficeHours.objects.select_for_update().filter(area__in=retired)
    hours = {row.area_id: row for row in rows}
    for area in sorted(retired, key=lambda area: area.code):
        if area.pk not in hours:
            continue
        row, words = hours[area.pk], _("Office hours of %(name)s") % {"name": area.name}
        free = area.replaced_by.filter(office_hours__isnull=True).order_by("code")
        carried += [Carried(words, heir) for heir in lay_into(row, free)] or [Carried(words, None)]
    if carried:
        hours_changed()
    return carried


def lay_into(row: Any, areas: Iterable[Area]) -> list[Area]:
    """Moves a row with an `area` to the first of the areas and copies it to the others; returns them."""
    areas = list(areas)
    for area in areas:
        row.area = area
        row.save()
        row.pk, row._state.adding = None, True  # the next one is a copy
    return areas
