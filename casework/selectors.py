"""Reads of the desk: cases in their own kind, the rows of the queue, what stands on a case page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from casework.choices import Light
from casework.lights import light_of
from casework.models import Attachment, Case, CaseQuerySet, SavedFilter, StagedPhoto
from casework.registry import Kind, kind_of, kind_of_number
from casework.workflow import Transition
from grids.choices import LEVEL_OF_LENGTH
from grids.models import Area
from grids.scope import history_codes, scope_paths

# A district has thousands of areas; a select of more than these helps nobody.
AREAS = 400
# How many other open cases of the building a case page lists.
RELATED = 5


@dataclass(frozen=True)
class Row:
    """One line of a list of cases, with what the person may do next."""

    case: Any
    kind: Kind
    light: Light
    offered: tuple[Transition, ...]

    @property
    def next_step(self) -> Transition | None:
        return primary_step(self.offered)

    def offers(self, verb: str) -> bool:
        return any(step.verb == verb for step in self.offered)

    @property
    def is_dispatchable(self) -> bool:
        """Whether it may be ticked for dispatching several together."""
        return self.offers("dispatch")


def visible_cases(user: Any) -> CaseQuerySet:
    """Cases of every kind this person may see."""
    return Case.objects.visible_to(user)


def in_own_kind(case: Case) -> Any:
    """The case as its kind's model, with everything its page shows."""
    return kind_of(case.kind).model.objects.for_detail().get(pk=case.pk)


def visible_case(user: Any, number: str, *, whole: bool = True) -> Any:
    """The case of that number in its own kind, None when there is none or the person may not see it.

    `whole`: with everything its page shows; else with what a step asks. One query when the number tells the kind, else
    two.
    """
    kind = kind_of_number(number)
    if kind is not None:
        rows = kind.model.objects.visible_to(user).filter(number=number)
        return (rows.for_detail() if whole else rows.for_step()).first()
    case = visible_cases(user).filter(number=number).first()
    return in_own_kind(case) if case else None


def rows_for(user: Any, cases: Iterable[Any], now: datetime) -> list[Row]:
    """The cases as rows in the same order; one query for each kind among them."""
    cases = list(cases)
    found: dict[int, Any] = {}
    for name in {case.kind for case in cases}:
        numbers = [case.pk for case in cases if case.kind == name]
        rows = kind_of(name).model.objects.for_rows().in_bulk(numbers)
        kind_of(name).prepare(user, rows.values())
        found |= rows
    return [row_of(user, found[case.pk], now) for case in cases if case.pk in found]


def row_of(user: Any, case: Any, now: datetime) -> Row:
    """A case of its own kind as a row."""
    kind = kind_of(case.kind)
    return Row(case, kind, light_of(case, now), offered_steps(user, case))


def offered_steps(user: Any, case: Any) -> tuple[Transition, ...]:
    """The steps the person may take now; the buttons of the page and nothing else come from here."""
    kind = kind_of(case.kind)
    return kind.workflow.offered(case.status, kind.capacities(user, case))


def primary_step(offered: Collection[Transition]) -> Transition | None:
    """The one step the page puts forward: the first marked so, else none."""
    return next((step for style in ("primary", "success") for step in offered if step.style == style), None)


def related_cases(user: Any, case: Any) -> list[Any]:
    """Other open cases of the same building, newest first."""
    if case.building_id is None:
        return []
    rows = visible_cases(user).open().filter(building_id=case.building_id).exclude(pk=case.pk)
    return list(rows.order_by("-opened_at")[:RELATED])


def attachments_of(case: Case) -> Any:
    """The pictures of a case the caller has checked to be visible."""
    return Attachment.objects.filter(case_id=case.pk)


def staged_photos_of(user: Any) -> Any:
    """The pictures this person has uploaded with forms not saved yet."""
    return StagedPhoto.objects.filter(owner=user)


def saved_filters_of(user: Any) -> Any:
    return SavedFilter.objects.filter(user=user)


def area_choices(user: Any, chosen: str = "") -> list[tuple[str, str]]:
    """Areas of the person's posts with two levels below them, indented, as (code, name); and the one chosen.

    Then the retired ones among them and those they replaced, with the day they ended.
    """
    paths = scope_paths(user)
    lengths = sorted(LEVEL_OF_LENGTH)
    wanted = Q(code=chosen) if chosen.isdecimal() else Q(pk__in=[])
    for path in paths:
        shown = [n for n in lengths if n >= len(path)][:3]
        wanted |= Q(code__startswith=path, level__in=[LEVEL_OF_LENGTH[n] for n in shown])
    top = min(map(len, paths), default=0)
    wanted |= Q(code__in=history_codes(user))
    rows = Area.objects.visible_to(user).filter(wanted).defer("boundary")
    rows = rows.order_by(F("active_to").asc(nulls_first=True), "code")[:AREAS]
    return [
        (area.code, "\u3000" * sum(top < n <= len(area.code) for n in lengths) + str(area))
        for area in sorted(rows, key=lambda area: (not area.is_in_force, area.code))
    ]
