"""Boundaries in and out: upload, preview, confirm; export as a file."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from grids.exporting import geojson_lines
from grids.forms import ExportForm, ImportForm
from grids.geojson import PAGE_LIMITS
from grids.importing import confirm_import, preview_import, stage_import
from grids.models import Area, AreaImport, Compound
from grids.permissions import can_keep_areas

SHOWN = 300


@require_http_methods(["GET", "HEAD", "POST"])
def import_upload(request: HttpRequest) -> HttpResponse:
    if not can_keep_areas(request.user):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        upload = stage_import(
            actor=request.user,
            content=file.read(),
            file_name=file.name,
            crs=form.cleaned_data["crs"],
            repair=form.cleaned_data["repair"],
        )
        return redirect("grids:import_confirm", key=upload.key)
    status = 200
    if request.method == "POST":
        status = 413 if form.has_error("file", "too_large") else 400
    return render(request, "grids/import_upload.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def import_confirm(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The preview of an upload and, by POST, its confirmation; somebody else's upload does not exist."""
    if not can_keep_areas(request.user):
        raise PermissionDenied
    upload = get_object_or_404(AreaImport.objects.waiting(request.user), key=key)
    if request.method == "POST":
        try:
            outcome = confirm_import(actor=request.user, upload=upload, limits=PAGE_LIMITS)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            text = _("Imported: %(areas)s areas and %(compounds)s compounds.")
            messages.success(
                request, text % {"areas": outcome.area_count, "compounds": outcome.compound_count}
            )
            return redirect("grids:area_list")
    outcome = preview_import(upload=upload, limits=PAGE_LIMITS)
    context = {
        "upload": upload,
        "outcome": outcome,
        "results": outcome.results[:SHOWN],
        "problems": outcome.problems[:SHOWN],
    }
    status = 409 if request.method == "POST" else 200
    return render(request, "grids/import_confirm.html", context, status=status)


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
