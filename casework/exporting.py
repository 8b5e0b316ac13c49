"""The queue as a file for Excel: what the list shows and in its order; nothing that the list does not show."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from casework.kept_limits import COLUMNS, kept_by_case
from casework.registry import kind_of, status_label
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
    return csv_file(
        [
            headings,
            *([*_cells(row.case, str(row.light.label)), *kept.get(row.case.pk, nothing)] for row in rows),
        ]
    )


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
