"""What the top pages read: work of one person, search, and the area whose figures are shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from accounts.permissions import serves_an_organisation
from casework.models import Case, InboxItem
from casework.selectors import Row, rows_for, visible_cases
from grids.choices import Level
from grids.models import Area

# How many rows of a kind the home page shows, and how many open ones are looked through for a step to take.
SHOWN, LOOKED_THROUGH = 12, 80
FOUND = 50
MIN_LETTERS = 2


@dataclass(frozen=True)
class Work:
    """One person's open work: what stands with them, what waits for a step of theirs, what is new around them."""

    mine: list[Row]
    waiting: list[Row]
    fresh: list[Row]


def work_of(user: Any, now: datetime) -> Work:
    """Due and overdue first; a fixed number of queries whatever the number of cases."""
    is_mine = Q(handler_user=user)
    if user.organisation_id and serves_an_organisation(user):
        is_mine |= Q(handler_org=user.organisation_id)
    rows = visible_cases(user).open()
    urgent = F("due_at").asc(nulls_last=True)
    mine = list(rows.filter(is_mine).order_by(urgent, "pk")[:LOOKED_THROUGH])
    others = list(rows.exclude(pk__in=[case.pk for case in mine]).order_by(urgent, "pk")[:LOOKED_THROUGH])
    fresh = list(rows.order_by("-opened_at", "-pk")[:SHOWN])
    seen = {
        row.case.pk: row for row in rows_for(user, {c.pk: c for c in [*mine, *others, *fresh]}.values(), now)
    }
    waiting = [row for case in others if (row := seen.get(case.pk)) and row.next_step]
    shown = {row.case.pk for row in waiting[:SHOWN]} | {case.pk for case in mine}
    return Work(
        mine=[seen[case.pk] for case in mine if case.pk in seen],
        waiting=waiting[:SHOWN],
        fresh=[seen[case.pk] for case in fresh if case.pk in seen and case.pk not in shown],
    )


def inbox_of(user: Any) -> Any:
    """The person's inbox with the case of each entry."""
    return InboxItem.objects.visible_to(user).select_related("case")


def search_cases(user: Any, text: str) -> list[Case]:
    """Visible cases by number, headline, external number or building, newest first; at most fifty.

    Nothing of a resident is searched: a name or phone that finds a ticket would tell of it.
    """
    text = text.strip()
    if len(text) < MIN_LETTERS:
        return []
    fits = (
        Q(number__icontains=text)
        | Q(title__icontains=text)
        | Q(ticket__external_number__iexact=text)
        | Q(compound__name__icontains=text)
        | Q(ticket__description__icontains=text)
    )
    return list(visible_cases(user).filter(fits).for_list().order_by("-opened_at", "-pk")[:FOUND])


def areas_with_figures(user: Any) -> list[Area]:
    """The areas whose summary the person may open: their posts' communities, subdistricts or districts."""
    levels = [Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY]
    rows = Area.objects.at_or_below(user).in_force().filter(level__in=levels)
    return list(rows.defer("boundary").order_by("code"))
