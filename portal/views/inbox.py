"""收件箱: what one was told; reading marks it, and leads to the case."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from casework.choices import Topic
from casework.reminders import mark_read
from core.keyset import Keyset
from portal.queries import by_day, in_words, inbox_of

PER_PAGE = 30
NEWEST_FIRST = ("-created_at", "-pk")


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """`?unread=1` shows only what is unread, `?topic=late` one topic."""
    only_unread, topic = request.GET.get("unread") == "1", request.GET.get("topic", "")
    if topic not in Topic.values:
        topic = ""
    items = inbox_of(request.user, only_unread=only_unread, topic=topic)
    page = Keyset(items, order=NEWEST_FIRST, per_page=PER_PAGE).page(request.GET.get("after"))
    lines = in_words(page.rows)
    chosen = {"topic": topic} if topic else {}
    if only_unread:
        chosen["unread"] = "1"
    context = {
        "page": page,
        "lines": lines,
        "days": by_day(lines, now=timezone.now()),
        "only_unread": only_unread,
        "topic": topic,
        "query": "".join(f"{name}={value}&" for name, value in chosen.items()),
    }
    return render(request, "portal/inbox.html", context)


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks one's own entry read and opens its case, if it is about one."""
    item = get_object_or_404(inbox_of(request.user), pk=pk)
    mark_read(items=inbox_of(request.user).filter(pk=pk), now=timezone.now())
    if item.case:
        return redirect("casework:case_detail", item.case.number)
    return redirect("portal:inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Marks everything in one's inbox read, or all of one `topic`."""
    topic = request.POST.get("topic", "")
    if topic and topic not in Topic.values:
        raise BadRequest("unknown topic")
    mark_read(items=inbox_of(request.user, topic=topic), now=timezone.now())
    return redirect(reverse("portal:inbox", query={"topic": topic}) if topic else "portal:inbox")
