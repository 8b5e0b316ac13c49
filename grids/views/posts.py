"""The posts of one area: given, handed over and ended by whoever keeps the level above."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.leaving import left_behind
from core.errors import DomainError
from grids.handover import assign_post, end_post, hand_over_post
from grids.models import Area
from grids.permissions import can_reshape
from grids.post_forms import EndPostForm, GivePostForm, HandOverForm
from grids.selectors import people_for_posts, posts_to_keep


@require_http_methods(["GET", "HEAD", "POST"])
def posts(request: HttpRequest, code: str) -> HttpResponse:
    """The list, and the form that gives a new post."""
    area = _kept(request, code)
    people = people_for_posts(request.user, area)
    form = GivePostForm(request.POST or None, area=area, people=people)

    def work(data: dict[str, Any]) -> None:
        data["from_on"] = data.pop("on")
        assign_post(actor=request.user, area=area, **data)

    context = {"area": area, "posts": posts_to_keep(area), "form": form}
    return _answer(request, area, form, work, "grids/post_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def post_change(request: HttpRequest, code: str, pk: int, verb: str) -> HttpResponse:
    """Hand over or end one post; a post of another area does not exist here."""
    area = _kept(request, code)
    post = get_object_or_404(posts_to_keep(area), pk=pk)
    behind = left_behind(post)
    if verb == "hand-over":
        form: Any = HandOverForm(request.POST or None, people=people_for_posts(request.user, area))
    else:
        form = EndPostForm(request.POST or None, asks=bool(behind))

    def work(data: dict[str, Any]) -> None:
        change: Any = hand_over_post if verb == "hand-over" else end_post
        change(actor=request.user, post=post, **data)

    def done(data: dict[str, Any]) -> None:
        data.pop("read", None)
        work(data)

    context = {
        "area": area,
        "post": post,
        "form": form,
        "is_hand_over": verb == "hand-over",
        "left_behind": behind,
    }
    return _answer(request, area, form, done, "grids/post_change.html", context)


def _kept(request: HttpRequest, code: str) -> Area:
    area = get_object_or_404(Area.objects.visible_to(request.user).select_related("parent"), code=code)
    if not area.is_in_force or area.parent is None:
        raise Http404
    if not can_reshape(request.user, area):
        raise PermissionDenied
    return area


def _answer(
    request: HttpRequest, area: Area, form: Any, work: Any, template: str, context: dict[str, Any]
) -> HttpResponse:
    """The form, or the change and the list again; a refusal stands in the form."""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                work(form.cleaned_data)
            except DomainError as error:
                form.add_error(None, str(error))
                status = error.status
            else:
                messages.success(request, _("The posts of %(name)s were changed.") % {"name": area.name})
                return redirect("grids:posts", code=area.code)
    return render(request, template, context, status=status)
