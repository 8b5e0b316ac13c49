"""Search by number, headline, building: through the same scope as everything else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casework.selectors import rows_for
from portal.selectors import FOUND, MIN_LETTERS, search_cases

LONGEST = 60


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results for `q`; says when the words are too short or too many rows fit."""
    text, now = request.GET.get("q", "").strip()[:LONGEST], timezone.now()
    rows = rows_for(request.user, search_cases(request.user, text), now)
    context = {
        "text": text,
        "rows": rows,
        "now": now,
        "too_short": 0 < len(text) < MIN_LETTERS,
        "is_cut": len(rows) == FOUND,
    }
    return render(request, "portal/search.html", context)
