"""今日: what waits for me, what is new, and for a community's officers its figures on top."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casework.selectors import rows_for
from core.keyset import Keyset
from portal import permissions
from portal.metrics import figures_of, summary_of
from portal.queries import in_words, inbox_of, my_work, new_cases, summary_areas

WORK_PER_PAGE = 15
NEW_ROWS, NEW_DAYS = 6, 3
INBOX_ROWS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """`?after=` pages through one's work, the most urgent first."""
    user, now = request.user, timezone.now()
    work = Keyset(my_work(user), order=("due_at", "pk"), per_page=WORK_PER_PAGE).page(
        request.GET.get("after")
    )
    new = new_cases(user, since=now - timedelta(days=NEW_DAYS))[:NEW_ROWS]
    areas = summary_areas(user)[:1]
    summary = summary_of(user, areas[0], now=now) if areas else None
    may_see_cases = permissions.can_see_cases(user)
    context = {
        "now": now,
        "page": work,
        "work": rows_for(user, work.rows, now),
        "new": rows_for(user, new, now),
        "new_days": NEW_DAYS,
        "inbox": in_words(inbox_of(user, only_unread=True)[:INBOX_ROWS]),
        "summary": summary,
        "figures": figures_of(summary, may_open=may_see_cases) if summary else [],
        "may_see_cases": may_see_cases,
        "may_open_admin": permissions.can_open_admin(user),
    }
    return render(request, "portal/home.html", context)
