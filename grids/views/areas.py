"""The tree of areas, one area's page, its notice board and the coverage check."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from grids.choices import Level
from grids.coverage import check_coverage, unassigned_compounds
from grids.coverage_map import coverage_features
from grids.maps import MapView, bounds_of, collection, feature
from grids.models import Area, Community
from grids.notices import notice_board_of
from grids.permissions import can_keep_areas, can_reshape, can_see_coverage
from grids.reshape import RESHAPED
from grids.selectors import area_page, area_tree


@require_GET
def area_list(request: HttpRequest) -> HttpResponse:
    under = request.GET.get("under", "")
    tree = area_tree(request.user, under)
    if under and tree.focus is None:
        raise Http404
    return render(request, "grids/area_list.html", {"tree": tree, "can_keep": can_keep_areas(request.user)})


@require_GET
def area_detail(request: HttpRequest, code: str) -> HttpResponse:
    area = get_object_or_404(Area.objects.visible_to(request.user).select_related("parent"), code=code)
    page = area_page(request.user, area)
    own = [feature(area.boundary, kind="area", light="mine", name=area.name)]
    context = {
        "page": page,
        "area": area,
        "map": MapView(
            label=_("Map of %(name)s") % {"name": area.name},
            areas_url=reverse("grids:areas_geojson"),
            level=Level.MICRO_GRID.value if len(area.code) >= 12 else "",
            features=collection(own),
            bounds=bounds_of([area.boundary]),
        ),
        "can_reshape": area.level in RESHAPED and area.is_in_force and can_reshape(request.user, area),
        "can_give_posts": area.is_in_force and can_reshape(request.user, area),
    }
    return render(request, "grids/area_detail.html", context)


@require_GET
def notice_board(request: HttpRequest, code: str) -> HttpResponse:
    visible = Area.objects.visible_to(request.user).in_force().select_related("parent__parent")
    area = get_object_or_404(visible.filter(level__in=(Level.GRID, Level.MICRO_GRID)), code=code)
    context = {"board": notice_board_of(area), "today": timezone.localdate()}
    return render(request, "grids/notice_board.html", context)


@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    if not can_see_coverage(request.user):
        raise PermissionDenied
    communities = list(Community.objects.visible_to(request.user).in_force().select_related("parent"))
    chosen = request.GET.get("community") or (communities[0].code if communities else "")
    community = next((c for c in communities if c.code == chosen), None)
    if community is None and request.GET.get("community"):
        raise Http404
    found = check_coverage(community) if community else None
    context = {
        "communities": communities,
        "coverage": found,
        "unassigned": unassigned_compounds(request.user),
        "map": found
        and MapView(
            label=_("Gaps and overlaps"),
            areas_url=reverse("grids:areas_geojson") + "?plain=1",
            level=Level.MICRO_GRID.value,
            features=collection(coverage_features(found)),
            bounds=bounds_of([community.boundary if community else None]),
        ),
    }
    return render(request, "grids/coverage.html", context)
