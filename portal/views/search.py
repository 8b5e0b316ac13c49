"""One field that finds a case by what people know of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.forms import SearchForm
from portal.searching import SEARCH_ROWS, Hits, search_cases

REASONS = {
    "number": _("By number"),
    "external": _("By external number (12345)"),
    "headline": _("By headline"),
    "place": _("By building"),
    "words": _("By headline, building, handler or area together"),
    "description": _("By description"),
}


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`?q=`; rows come through the person's scope, in groups by why they were found."""
    now = timezone.now()
    form = SearchForm(request.GET if "q" in request.GET else None)
    is_refused = form.is_bound and not form.is_valid()
    found = search_cases(request.user, form.cleaned_data["q"], now=now) if form.is_valid() else {}
    context = {
        "form": form,
        "now": now,
        "is_asked": form.is_bound and not is_refused,
        "groups": [Hits(REASONS[reason], rows) for reason, rows in found.items()],
        "is_cut": sum(map(len, found.values())) >= SEARCH_ROWS,
        "limit": SEARCH_ROWS,
    }
    return render(
        request, "portal/search.html", context, status=400 if is_refused and not form.is_short else 200
    )
