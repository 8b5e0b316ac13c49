"""地图: areas in the colour of their worst light, cases as points, and the same in a list beside it."""

from django.contrib.gis.geos import Polygon
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grids.maps import MapView, bounds_of
from portal import permissions
from portal.forms import ViewForm
from portal.map_layers import case_layer
from portal.metrics import lines_of
from portal.queries import map_areas


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """The map of what the person serves."""
    user = request.user
    if not permissions.can_see_map(user):
        raise PermissionDenied
    areas = map_areas(user)
    may_see_cases = permissions.can_see_cases(user)
    view = MapView(
        label=_("Areas and cases"),
        size="tall",
        areas_url=reverse("grids:areas_geojson") if permissions.can_see_areas(user) else "",
        cases_url=reverse("portal:cases_geojson") if may_see_cases else "",
        bounds=bounds_of(area.boundary for area in areas),
    )
    context = {
        "map": view,
        "lines": lines_of(areas, now=timezone.now()),
        "may_see_cases": may_see_cases,
    }
    return render(request, "portal/map.html", context)


@require_safe
def cases_geojson(request: HttpRequest) -> JsonResponse:
    """`?bbox=west,south,east,north`: open cases in view as GeoJSON; 400 with the reason for a bad view."""
    form = ViewForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"notice": " ".join(form.errors.get("bbox", []))}, status=400)
    view: Polygon = form.cleaned_data["bbox"]
    layer = case_layer(request.user, view=view, now=timezone.now())
    return JsonResponse(layer, content_type="application/geo+json")
