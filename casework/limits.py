"""Which limit holds for a step of a case: the row of `ServiceLevel` that says most."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from casework.models import ServiceLevel
from casework.registry import kind_of


def service_levels(kind: str) -> list[ServiceLevel]:
    """Every limit of a kind; the table is small and is read whole."""
    return list(ServiceLevel.objects.filter(kind=kind))


def limit_for(
    case: Any, step: str, *, on: date, levels: Iterable[ServiceLevel] | None = None
) -> ServiceLevel | None:
    """The limit in force on that day, or None when there is none for the step.

    A row that names the urgency goes before one that names the category, then the type, then the level: what is
    urgent is urgent whatever it is about. Among equals the latest valid-from wins.
    """
    subjects = ("", *kind_of(case.kind).subjects(case)[::-1])
    fitting = [
        row
        for row in (service_levels(case.kind) if levels is None else levels)
        if row.step == step
        and row.valid_from <= on
        and row.subject in subjects
        and row.urgency in ("", case.urgency)
        and row.level in ("", case.handling_level)
    ]
    return max(
        fitting,
        key=lambda row: (bool(row.urgency), subjects.index(row.subject), bool(row.level), row.valid_from),
        default=None,
    )
