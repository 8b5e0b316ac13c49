"""今日: what this person has to do now, due and overdue first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import permissions
from portal.metrics import area_figures
from portal.selectors import areas_with_figures, inbox_of, work_of

INBOX_SHOWN = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page of the day."""
    user, now = request.user, timezone.now()
    areas = areas_with_figures(user) if permissions.can_see_summary(user) else []
    area = areas[0] if areas else None
    context = {
        "now": now,
        "work": work_of(user, now) if permissions.can_see_cases(user) else None,
        "unread": list(inbox_of(user).unread()[:INBOX_SHOWN]),
        "area": area,
        "figures": area_figures(user, area, now=now) if area else None,
    }
    return render(request, "portal/home.html", context)
