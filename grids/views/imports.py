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

from grids.exchange_base import PAGE_LIMITS
from grids.exchange_changes import SAME
from grids.exchange_columns import reading_of, says_too_little
from grids.exporting import geojson_lines
from grids.forms import ExportForm, ImportForm, ReadingForm
from grids.importing import (
    Staged,
    Unseen,
    columns_of,
    confirm_import,
    preview,
    read_anew,
    stage_import,
)
from grids.maps import MapView, bounds_of, collection, feature
from grids.models import Area, AreaImport, Compound
from grids.permissions import can_keep_areas

SHOWN = 300


@require_http_methods(["GET", "HEAD", "POST"])
def import_upload(request: HttpRequest) -> HttpResponse:
    """The form; by POST the preview of a file, with what is wrong in each row or the button to confirm."""
    _check_keeper(request)
    form = ImportForm(
        request.POST or None,
        request.FILES or None,
        initial={"crs": AreaImport.objects.last_crs(request.user)},
    )
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
        if staged.outcome.is_unnamed and staged.upload:
            return redirect("grids:import_reading", staged.upload.key)
        return _preview(request, staged, file.name)
    status = 200
    if request.method == "POST":
        status = 413 if form.has_error("file", "too_large") else 400
    return render(request, "grids/import_upload.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def import_reading(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Which property of a kept upload stands for what; by POST its preview read so."""
    _check_keeper(request)
    upload = get_object_or_404(AreaImport.objects.waiting(request.user), key=key)
    columns = columns_of(upload, PAGE_LIMITS)
    known = upload.reading or reading_of(columns)
    form = ReadingForm(
        request.POST if request.method == "POST" else None,
        columns=columns,
        initial={"crs": upload.source_crs, **known},
    )
    if form.is_valid():
        staged = read_anew(
            actor=request.user,
            upload=upload,
            crs=form.cleaned_data["crs"],
            reading=form.reading(),
            limits=PAGE_LIMITS,
        )
        return _preview(request, staged, upload.file_name)
    context = {"form": form, "file_name": upload.file_name, "is_unnamed": says_too_little(known)}
    return render(request, "grids/import_reading.html", context, status=400 if form.is_bound else 200)


def _check_keeper(request: HttpRequest) -> None:
    if not can_keep_areas(request.user):
        raise PermissionDenied


def _preview(request: HttpRequest, staged: Staged, file_name: str, error: str = "") -> HttpResponse:
    outcome = staged.outcome
    changes = [result for result in outcome.results if result.state != SAME]
    drawn = [result.row for result in changes if isinstance(result.row.geometry, MultiPolygon)][:SHOWN]
    context = {
        "file_name": file_name,
        "map": MapView(
            label=_("What the file holds, over what stands"),
            areas_url=reverse("grids:areas_geojson") + "?plain=1",
            features=collection(feature(row.geometry, kind="new", name=row.name) for row in drawn),
            bounds=bounds_of(row.geometry for row in drawn),
        ),
        "upload": staged.upload,
        "outcome": outcome,
        "error": error,
        "changes": changes,
        "shown": changes[:SHOWN],
        "problems": outcome.problems[:SHOWN],
    }
    status = 200 if outcome.is_sound and not error else 400
    return render(request, "grids/import_confirm.html", context, status=status)


@require_POST
def import_confirm(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Saves what was previewed; somebody else's upload, or one confirmed before, does not exist."""
    _check_keeper(request)
    upload = get_object_or_404(AreaImport.objects.waiting(request.user), key=key)
    try:
        outcome = confirm_import(
            actor=request.user,
            upload=upload,
            limits=PAGE_LIMITS,
            is_looked_at=request.POST.get("looked_at") == "on",
        )
    except Unseen as error:
        again = preview(actor=request.user, upload=upload, limits=PAGE_LIMITS)
        return _preview(request, Staged(upload, again), upload.file_name, str(error))
    counts = {"added": len(outcome.added), "changed": len(outcome.changed), "same": len(outcome.same)}
    text = _("Imported: %(added)s new, %(changed)s changed, %(same)s unchanged.")
    messages.success(request, text % counts)
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
