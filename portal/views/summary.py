"""The figures of a community, a subdistrict or a district; every figure opens the rows behind it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import metrics, permissions
from portal.selectors import areas_with_figures


@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """`?area=CODE` chooses among the areas open to the person; without it the first."""
    if not permissions.can_see_summary(request.user):
        raise PermissionDenied
    areas = areas_with_figures(request.user)
    wanted = request.GET.get("area")
    area = next((a for a in areas if a.code == wanted), None) if wanted else next(iter(areas), None)
    if wanted and area is None:
        raise Http404
    opens_rows = permissions.can_see_cases(request.user)
    figures = (
        metrics.summary(request.user, area, now=timezone.now(), figures_only=not opens_rows) if area else None
    )
    context = {"areas": areas, "summary": figures, "opens_rows": opens_rows}
    return render(request, "portal/summary.html", context)
