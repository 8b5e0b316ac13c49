"""The inbox: what this person was told; opening an entry marks it read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from casework.reminders import mark_read
from core.errors import DomainError
from core.keyset import Keyset
from portal.selectors import inbox_of

PER_PAGE = 30


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Newest first; `?unread=1` only what was not read yet."""
    only_unread = request.GET.get("unread") == "1"
    items = inbox_of(request.user).unread() if only_unread else inbox_of(request.user)
    page = Keyset(items, order=("-created_at", "-pk"), per_page=PER_PAGE).page(request.GET.get("after"))
    query = "unread=1&" if only_unread else ""
    return render(request, "portal/inbox.html", {"page": page, "only_unread": only_unread, "query": query})


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks one entry read and opens its case."""
    item = get_object_or_404(inbox_of(request.user), pk=pk)
    mark_read(items=inbox_of(request.user).filter(pk=pk), now=timezone.now())
    if item.case is None:
        raise DomainError(_("This message has no case to open."))
    return redirect("casework:case_detail", item.case.number)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Marks everything read."""
    mark_read(items=inbox_of(request.user), now=timezone.now())
    return redirect("portal:inbox")
