"""Splitting and merging an area: a form, a preview of everything that moves, one confirmation."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from grids.choices import Level
from grids.maps import MapView, bounds_of, collection, feature
from grids.models import Area
from grids.permissions import can_reshape
from grids.reshape import RESHAPED, Reshaped, merge_areas, split_area
from grids.reshape_forms import CutForm, MergeForm, ShareForm


@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, code: str) -> HttpResponse:
    area = _reshapable(request, code)
    children = list(Area.objects.visible_to(request.user).in_force().filter(parent=area))
    if area.level == Level.GRID:
        form: Any = ShareForm(request.POST or None, area=area, children=children)
    else:
        form = CutForm(request.POST or None, area=area)
    shown = MapView(
        label=_("Map of %(name)s") % {"name": area.name},
        features=collection([feature(area.boundary, kind="area", light="mine", name=area.name)]),
        areas_url=reverse("grids:areas_geojson") + "?plain=1",
        level=Level.MICRO_GRID.value,
        bounds=bounds_of([area.boundary]),
        line_input="id_line" if isinstance(form, CutForm) else "",
    )

    def work(dry_run: bool) -> Reshaped:
        return split_area(
            actor=request.user, code=code, parts=form.parts(), now=timezone.now(), dry_run=dry_run
        )

    context = {"area": area, "form": form, "map": shown, "title": _("Split %(name)s") % {"name": area.name}}
    return _answer(request, form, work, context)


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, code: str) -> HttpResponse:
    area = _reshapable(request, code)
    siblings = Area.objects.visible_to(request.user).in_force().filter(parent=area.parent).exclude(pk=area.pk)
    form = MergeForm(request.POST or None, area=area, siblings=list(siblings))
    shown = MapView(
        label=_("Map of %(name)s") % {"name": area.name},
        features=collection([feature(area.boundary, kind="area", light="mine", name=area.name)]),
        areas_url=reverse("grids:areas_geojson") + "?plain=1",
        level=area.level,
        bounds=bounds_of([area.boundary, *[sibling.boundary for sibling in siblings]]),
    )

    def work(dry_run: bool) -> Reshaped:
        codes = [code, *form.cleaned_data["others"]]
        name = form.cleaned_data["name"]
        return merge_areas(actor=request.user, codes=codes, name=name, now=timezone.now(), dry_run=dry_run)

    context = {"area": area, "form": form, "map": shown, "title": _("Merge %(name)s") % {"name": area.name}}
    return _answer(request, form, work, context)


def _reshapable(request: HttpRequest, code: str) -> Area:
    """The area if it can be split or merged at all: 404 outside the scope, 403 without the right."""
    area = get_object_or_404(Area.objects.visible_to(request.user).select_related("parent"), code=code)
    if area.level not in RESHAPED or not area.is_in_force:
        raise Http404
    if not can_reshape(request.user, area):
        raise PermissionDenied
    return area


def _answer(request: HttpRequest, form: Any, work: Any, context: dict[str, Any]) -> HttpResponse:
    """The empty form; the preview; or, with the preview confirmed, the change itself."""
    status, preview = 200, None
    if request.method == "POST":
        status = 400
        if form.is_valid():
            confirmed = "confirm" in request.POST
            try:
                preview = work(dry_run=not confirmed)
            except DomainError as error:
                form.add_error(None, str(error))
                status = error.status
            else:
                if confirmed:
                    messages.success(
                        request, _("Done: %(count)s new areas.") % {"count": len(preview.created)}
                    )
                    return redirect("grids:area_detail", code=preview.created[0].code)
                status = 200
    return render(request, "grids/reshape.html", {**context, "preview": preview}, status=status)
