"""今日: what waits for me, what is late and new around me, and for a community's officers its figures on top."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casework.selectors import rows_for
from core.keyset import Keyset
from portal import permissions
from portal.metrics import coverage_of, figures_of, summary_of
from portal.queries import (
    in_words,
    inbox_of,
    left_cases,
    my_work,
    new_cases,
    open_topics,
    overdue_cases,
    summary_areas,
)

WORK_PER_PAGE = 10
LATE_ROWS = NEW_ROWS = 6
NEW_FOR = timedelta(days=3)
INBOX_ROWS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """`?after=` pages through one's work, the most urgent first."""
    user, now = request.user, timezone.now()
    order = ("due_at", "pk")
    work = Keyset(my_work(user, now=now), order=order, per_page=WORK_PER_PAGE).page(request.GET.get("after"))
    may_open_admin, may_see_cases = permissions.can_open_admin(user), permissions.can_see_cases(user)
    area = None if may_open_admin else next(iter(summary_areas(user)), None)
    summary = summary_of(area, now=now) if area else None
    shown = [case.pk for case in work]
    late = overdue_cases(user, now=now).exclude(pk__in=shown)[:LATE_ROWS] if area else []
    context = {
        "now": now,
        "page": work,
        "work": rows_for(user, work, now),
        "late": rows_for(user, late, now),
        "new": rows_for(user, new_cases(user, since=now - NEW_FOR)[:NEW_ROWS], now),
        "inbox": in_words(inbox_of(user, only_unread=True)[:INBOX_ROWS]),
        "summary": summary,
        "coverage": coverage_of(area) if area else None,
        "figures": figures_of(summary, may_open=may_see_cases) if summary else [],
        "topics": open_topics(user) if may_see_cases else 0,
        "left": left_cases(user) if may_see_cases else 0,
        "may_see_cases": may_see_cases,
        "may_open_admin": may_open_admin,
    }
    return render(request, "portal/home.html", context)
