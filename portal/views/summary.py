"""社区概况: the figures of an area on one page; each opens the rows behind it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import permissions
from portal.metrics import coverage_of, figures_of, summary_of
from portal.queries import summary_area, summary_areas
from portal.rates import answer_rates, limit_rates
from requests_.answers import answers_since


@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """`?area=` a code at or below one's areas; the first of them without."""
    user = request.user
    if not permissions.can_see_summary(user):
        raise PermissionDenied
    areas = summary_areas(user)
    chosen = request.GET.get("area", "")
    area = summary_area(user, chosen) if chosen else next(iter(areas), None)
    if chosen and area is None:
        raise Http404
    figures = summary_of(area, now=timezone.now()) if area else None
    may_see_cases = permissions.can_see_cases(user)
    context = {
        "areas": areas,
        "summary": figures,
        "figures": figures_of(figures, may_open=may_see_cases) if figures else [],
        "rates": [*limit_rates(figures.kept), *answer_rates(answers_since(area.code, figures.since))]
        if area and figures
        else [],
        "coverage": coverage_of(area) if area else None,
        "may_see_cases": may_see_cases,
    }
    return render(request, "portal/summary.html", context)
