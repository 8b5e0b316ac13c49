"""吹哨报到 as a list: every call of one's area, the figures of each department, and a file for Excel."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from casework.exporting import record_export
from casework.permissions import can_see_whistles
from casework.whistle_list import MOST, WhistleFilter, by_department, calls_for, whistle_file
from core.keyset import Keyset

PER_PAGE = 50


@require_safe
def whistle_list(request: HttpRequest) -> HttpResponse:
    form, calls = _chosen(request)
    now = timezone.now()
    shown = calls.select_related("case", "organisation", "called_by", "reported_in_by")
    page = Keyset(shown, order=("-called_at", "-pk"), per_page=PER_PAGE).page(request.GET.get("after"))
    query = request.GET.copy()
    query.pop("after", None)
    context = {
        "form": form,
        "page": page,
        "departments": by_department(calls, now),
        "query": query.urlencode(),
        "now": now,
    }
    return render(request, "casework/whistle_list.html", context, status=200 if form.is_valid() else 400)


@require_POST
def whistle_export(request: HttpRequest) -> HttpResponse:
    """The calls of the list's filter, which stands in the address; written down like every file that is taken out."""
    _form, calls = _chosen(request)
    rows = list(
        calls.select_related("case", "organisation", "called_by").order_by("-called_at", "-pk")[: MOST + 1]
    )
    if len(rows) > MOST:
        messages.error(request, _("A file holds up to %(n)s calls; narrow the filter by date.") % {"n": MOST})
        return redirect("casework:whistle_list")
    now = timezone.now()
    record_export(actor=request.user, chosen=[_("Whistle calls")], count=len(rows), now=now)
    name = f"whistles-{timezone.localtime(now):%Y%m%d-%H%M}.csv"
    return HttpResponse(
        whistle_file(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _chosen(request: HttpRequest) -> tuple[WhistleFilter, Any]:
    if not can_see_whistles(request.user):
        raise PermissionDenied
    form = WhistleFilter(request.GET)
    return form, form.chosen(calls_for(request.user))
