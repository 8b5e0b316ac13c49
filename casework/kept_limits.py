"""Whether a case kept its limits, in the words of the glossary: for the page of a case and for the exported queue."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from casework.choices import DeadlineResult, Step
from casework.models import Deadline

# The limits whose keeping the exported queue tells, each under the name its rate has (docs/glossary.md).
COLUMNS: Mapping[str, Any] = {
    Step.ACCEPT: gettext_lazy("Accepted in time"),
    Step.SIGN: gettext_lazy("Signed for in time"),
    Step.FIRST_CONTACT: gettext_lazy("First contact in time"),
    Step.HANDLE: gettext_lazy("Handled in time (first limit)"),
    Step.REWORK: gettext_lazy("Reworked in time"),
}


def handling_names(rows: Sequence[Deadline]) -> dict[int, str]:
    """What each handling limit of one case, oldest first, is called; nothing while it has only one."""
    if len(rows) < 2:
        return {}
    first, *later = rows
    names = {
        row.pk: _("Rework") if row.limit_step == Step.REWORK else _("Handling, reopened") for row in later
    }
    return {first.pk: _("First handling"), **names}


def kept_by_case(ids: Collection[int]) -> dict[int, list[str]]:
    """Of these cases: a cell for each of COLUMNS, and the handling limits in words. One query."""
    rows = Deadline.objects.filter(case_id__in=ids, step__in=COLUMNS).exclude(result=DeadlineResult.DROPPED)
    return {
        pk: _cells(list(of_case))
        for pk, of_case in groupby(rows.order_by("case_id", "pk"), key=attrgetter("case_id"))
    }


def _cells(rows: list[Deadline]) -> list[str]:
    by_sort: dict[str, list[Deadline]] = {sort: [] for sort in COLUMNS}
    for row in rows:
        by_sort[row.limit_step if row.step == Step.HANDLE else row.step].append(row)
    handling = [row for row in rows if row.step == Step.HANDLE]
    return [*(_kept(of_sort) for of_sort in by_sort.values()), handling_words(handling)]


def _kept(rows: Iterable[Deadline]) -> str:
    """Yes or no of the limits that ended; empty when there was none."""
    results = [row.result for row in rows if row.result]
    if not results:
        return ""
    return _("No") if DeadlineResult.MISSED in results else _("Yes")


def handling_words(rows: Sequence[Deadline]) -> str:
    """“First limit 2023-03-13 18:00 missed; rework limit 2023-03-28 18:00 kept” of one case, oldest first."""
    results = {
        DeadlineResult.MET: pgettext("limit", "kept"),
        DeadlineResult.MISSED: pgettext("limit", "missed"),
        "": pgettext("limit", "running"),
    }
    parts = []
    for place, row in enumerate(rows):
        words = (
            _("Rework limit %(due)s %(result)s")
            if row.limit_step == Step.REWORK
            else _("First limit %(due)s %(result)s")
        )
        if place and row.limit_step != Step.REWORK:
            words = _("Limit after reopening %(due)s %(result)s")
        parts.append(
            words % {"due": f"{localtime(row.due_at):%Y-%m-%d %H:%M}", "result": results[row.result]}
        )
    return "；".join(parts)
