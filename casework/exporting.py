"""The queue as a file for Excel: what the list shows and in its order; nothing that the list does not show."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from casework.kept_limits import COLUMNS, kept_by_case
from casework.models import ExportRecord
from casework.registry import kind_of, kinds, status_label
from casework.selectors import rows_for
from core.tabular import csv_file


def queue_file(user: Any, cases: Iterable[Any], *, now: datetime) -> bytes:
    """CSV with a heading and a line for each case; times as `2023-02-20 09:05` in the office's zone."""
    headings = [
        *(
            _("Number"),
            _("Headline"),
            _("Kind"),
            _("Status"),
            _("Light"),
            _("Urgency"),
            _("Area"),
            _("Place"),
        ),
        *(_("Handler"), _("Handling level"), _("Reported at"), _("Due"), _("Closed at"), _("Remarks")),
        *(*map(str, COLUMNS.values()), _("Handling limits")),
    ]
    rows = rows_for(user, cases, now)
    kept = kept_by_case([row.case.pk for row in rows])
    nothing = [""] * (len(COLUMNS) + 1)
    own = _own_cells([row.case for row in rows])
    lines = [
        [*_cells(row.case, str(row.light.label)), *kept.get(row.case.pk, nothing), *own[row.case.pk]]
        for row in rows
    ]
    return csv_file([[*headings, *(str(name) for kind in kinds() for name in kind.export_headings)], *lines])


def _own_cells(cases: Sequence[Any]) -> dict[int, list[str]]:
    """The cells under the headings of every kind, empty under those of other kinds; one query for each kind."""
    cells: dict[int, list[str]] = {case.pk: [] for case in cases}
    for kind in kinds():
        nothing = [""] * len(kind.export_headings)
        found = kind.exported([case.pk for case in cases if case.kind == kind.name]) if nothing else {}
        for pk, row in cells.items():
            row.extend(found.get(pk, nothing))
    return cells


def record_export(*, actor: Any, chosen: Iterable[str], count: int, now: datetime) -> None:
    """Writes down that somebody took so many cases out; `chosen` is the filter in words."""
    ExportRecord.objects.create(user=actor, chosen=" · ".join(chosen), count=count, at=now)


def _cells(case: Any, light: str) -> list[str]:
    kind = kind_of(case.kind)
    remarks = [str(mark) for mark in kind.marks(case)]
    if case.due_is_provisional:
        remarks.insert(0, _("Due time estimated"))
    if case.is_supervised:
        remarks.insert(0, _("Supervised"))
    return [
        case.number,
        case.title,
        str(kind.label),
        str(status_label(case.kind, case.status)),
        light,
        case.get_urgency_display(),
        str(case.area),
        case.place,
        str(case.handler or ""),
        case.get_handling_level_display(),
        _minute(case.opened_at),
        _minute(case.due_at),
        _minute(case.closed_at),
        "；".join(remarks),
    ]


def _minute(moment: datetime | None) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
