"""Boundaries in and out: upload, preview, confirm; export as a file."""

import uuid

from django.contrib import messages
from django.contrib.gis.geos import MultiPolygon
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from grids.exporting import geojson_lines
from grids.forms import ExportForm, ImportForm
from grids.geojson import PAGE_LIMITS
from grids.importing import Staged, confirm_import, stage_import
from grids.maps import MapView, bounds_of, collection, feature
from grids.models import Area, AreaImport, Compound
from grids.permissions import can_keep_areas

SHOWN = 300


@require_http_methods(["GET", "HEAD", "POST"])
def import_upload(request: HttpRequest) -> HttpResponse:
    """The form; by POST the preview of a file, with what is wrong in each row or the button to confirm."""
    if not can_keep_areas(request.user):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        staged = stage_import(
            actor=request.user,
            content=file.read(),
            file_name=file.name,
            crs=form.cleaned_data["crs"],
            repair=form.cleaned_data["repair"],
            limits=PAGE_LIMITS,
        )
        return _preview(request, staged, file.name)
    status = 200
    if request.method == "POST":
        status = 413 if form.has_error("file", "too_large") else 400
    return render(request, "grids/import_upload.html", {"form": form}, status=status)


def _preview(request: HttpRequest, staged: Staged, file_name: str) -> HttpResponse:
    rows = [result.row for result in staged.outcome.results]
    drawn = [row for row in rows if isinstance(row.geometry, MultiPolygon)][:SHOWN]
    context = {
        "file_name": file_name,
        "map": MapView(
            label=_("What the file holds, over what stands"),
            areas_url=reverse("grids:areas_geojson") + "?plain=1",
            features=collection(feature(row.geometry, kind="new", name=row.name) for row in drawn),
            bounds=bounds_of(row.geometry for row in drawn),
        ),
        "upload": staged.upload,
        "outcome": staged.outcome,
        "results": staged.outcome.results[:SHOWN],
        "problems": staged.outcome.problems[:SHOWN],
    }
    status = 200 if staged.outcome.is_sound else 400
    return render(request, "grids/import_confirm.html", context, status=status)


@require_POST
def import_confirm(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Saves what was previewed; somebody else's upload, or one confirmed before, does not exist."""
    if not can_keep_areas(request.user):
        raise PermissionDenied
    upload = get_object_or_404(AreaImport.objects.waiting(request.user), key=key)
    outcome = confirm_import(actor=request.user, upload=upload, limits=PAGE_LIMITS)
    text = _("Imported: %(areas)s areas and %(compounds)s compounds.")
    messages.success(request, text % {"areas": outcome.area_count, "compounds": outcome.compound_count})
    return redirect("grids:area_list")


@require_GET
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The page with the choices; with a choice, the file."""
    if not can_keep_areas(request.user):
        raise PermissionDenied
    areas = list(Area.objects.at_or_below(request.user).in_force().wider_than_grids().defer("boundary"))
    form = ExportForm(request.GET or None, areas=areas)
    if not request.GET or not form.is_valid():
        return render(request, "grids/export.html", {"form": form}, status=400 if request.GET else 200)
    code, today = form.cleaned_data["area"], timezone.localdate().isoformat()
    lines = geojson_lines(
        areas=Area.objects.at_or_below(request.user).in_force().below(code).select_related("parent"),
        compounds=Compound.objects.visible_to(request.user).below(code),
        crs=form.cleaned_data["crs"],
        day=today,
    )
    response = StreamingHttpResponse(lines, content_type="application/geo+json")
    response["Content-Disposition"] = f'attachment; filename="areas-{code}-{today}.geojson"'
    return response
