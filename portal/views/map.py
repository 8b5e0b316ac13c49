"""The map: areas coloured by light, cases as clustered points, and the same cases as a list beside it."""

from typing import Any

from django.contrib.gis.geos import Polygon
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casework.lights import light_of
from casework.registry import status_label
from casework.selectors import rows_for, visible_cases
from core.errors import DomainError
from grids.maps import MapView, bounds_of, collection, feature
from grids.models import Area
from portal import permissions

LISTED, ON_MAP = 40, 2000


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """Open cases in the person's areas; the list works without the map."""
    user, now = request.user, timezone.now()
    if not permissions.can_see_map(user):
        raise PermissionDenied
    sees_cases = permissions.can_see_cases(user)
    cases = visible_cases(user).open().order_by("-opened_at", "-pk")[:LISTED] if sees_cases else []
    outlined = Area.objects.at_or_below(user).in_force().filter(boundary__isnull=False).order_by("code")
    outlines = outlined.values_list("boundary", flat=True)
    view = MapView(
        label=_("Areas and open cases"),
        size="tall",
        areas_url=reverse("grids:areas_geojson"),
        cases_url=reverse("portal:cases_geojson") if sees_cases else "",
        level="micro_grid",
        bounds=bounds_of(outlines[:50]),
    )
    return render(request, "portal/map.html", {"map": view, "rows": rows_for(user, cases, now), "now": now})


@require_safe
def cases_geojson(request: HttpRequest) -> JsonResponse:
    """Open, visible, not secret cases with a point inside `bbox` (west,south,east,north), at most two thousand."""
    now = timezone.now()
    cases = visible_cases(request.user).open().filter(is_secret=False, point__isnull=False)
    if bbox := request.GET.get("bbox"):
        cases = cases.filter(point__intersects=_box(bbox))
    rows = list(cases.order_by("-opened_at")[: ON_MAP + 1])
    shown = [_feature(case, now) for case in rows[:ON_MAP]]
    return JsonResponse(collection(shown, truncated=len(rows) > ON_MAP))


def _feature(case: Any, now: Any) -> dict[str, Any]:
    return feature(
        case.point,
        kind="case",
        number=case.number,
        title=case.title,
        url=reverse("casework:case_detail", args=[case.number]),
        light=light_of(case, now).value,
        status=str(status_label(case.kind, case.status)),
    )


def _box(text: str) -> Polygon:
    """The rectangle of the view; a DomainError when it is not four numbers on Earth."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise DomainError(_("The view of the map is not four numbers.")) from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise DomainError(_("The view of the map is not on Earth."))
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = 4326
    return box
