"""What the map asks for: outlines of a view, and the micro-grid of a point."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from grids.choices import Level
from grids.forms import PositionForm, ViewForm
from grids.layers import area_layer
from grids.locate import Located, around
from grids.locate import locate as locate_point
from grids.maps import MapView, bounds_of
from grids.models import Area, Compound


@require_GET
def areas_geojson(request: HttpRequest) -> HttpResponse:
    form = ViewForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    data = form.cleaned_data
    layer = area_layer(
        request.user, view=data["bbox"], zoom=data["zoom"], level=data["level"], plain=data["plain"]
    )
    return JsonResponse(layer, content_type="application/geo+json")


@require_GET
def locate(request: HttpRequest) -> HttpResponse:
    """Which micro-grid is here? A page with a map; with a position its answer, as JSON on request."""
    form = PositionForm(request.GET or None)
    is_asked = bool(request.GET)
    is_valid = is_asked and form.is_valid()
    located = locate_point(form.point()) if is_valid else None
    shared = [spot.area for spot in around(form.point()) if spot.is_inside] if is_valid else []
    status = 400 if is_asked and not form.is_valid() else 200
    if "application/json" in request.headers.get("Accept", ""):
        facts = _located_facts(located, shared) if status == 200 else {"errors": form.errors}
        return JsonResponse(facts, status=status)
    context = {
        "form": form,
        "is_asked": is_asked and status == 200,
        "located": located,
        "shared": shared if len(shared) > 1 else [],
        "compounds": Compound.objects.visible_to(request.user).below(located.area.code) if located else (),
        "map": MapView(
            areas_url=reverse("grids:areas_geojson"),
            level=Level.MICRO_GRID.value,
            bounds=bounds_of(Area.objects.at_or_below(request.user).outlines()),
            lat_input="id_lat",
            lng_input="id_lng",
        ),
    }
    return render(request, "grids/locate.html", context, status=status)


def _located_facts(located: Located | None, shared: list[Area]) -> dict[str, Any]:
    """`shared`: the codes of all that meet there, when the position lies on a border."""
    if located is None:
        return {"code": None, "name": None, "distance_m": None, "is_inside": False, "shared": []}
    return {
        "code": located.area.code,
        "name": located.area.path_name,
        "distance_m": round(located.distance_m),
        "is_inside": located.is_inside,
        "shared": [area.code for area in shared] if len(shared) > 1 else [],
    }
