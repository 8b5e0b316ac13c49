"""Reporting a ticket, with a look at what is open nearby before anything is saved."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from casework.errors import NotAllowed, RuleBroken, StalePage
from casework.forms import refusal_status
from requests_.models import Category, Ticket
from requests_.permissions import can_report
from requests_.phone_looks import may_look_for
from requests_.report_forms import ReportForm
from requests_.reporting import Found, nearby, repeated, report_map
from requests_.seen_repeats import seen_number
from requests_.selectors import reported_before
from requests_.services import report_ticket


@dataclass(frozen=True)
class Hint:
    """What a person should know before saving: the micro-grid found, what is open nearby, what was reported before."""

    found: Found | None = None
    category: Category | None = None
    tickets: list[Ticket] = field(default_factory=list)
    look_for_earlier: Callable[[], tuple[list[Ticket], int]] = lambda: ([], 1)
    is_new: bool = False
    far_ok: bool = False
    mark: str = ""
    is_sure: bool = False

    @cached_property
    def earlier(self) -> tuple[list[Ticket], int]:
        """Earlier reports of the matter and the number of this one; looked for when a page shows them."""
        return self.look_for_earlier()

    @property
    def is_far(self) -> bool:
        return self.found is not None and not self.found.is_inside and not self.found.close

    @property
    def asks(self) -> bool:
        """Whether the person must look at it once more: tickets not shown before, a place outside all areas or near a
        border, a position that contradicts the rest.
        """
        if self.is_new or (self.is_far and not self.far_ok):
            return True
        found = self.found
        near_border = found is not None and found.close and not found.is_chosen
        return bool(near_border or (found and found.doubt and not self.is_sure))


@require_http_methods(["GET", "HEAD", "POST"])
def ticket_report(request: HttpRequest) -> HttpResponse:
    """`?form=` the key of the form: it stands in the address, so that going back after saving finds what was saved."""
    if not can_report(request.user):
        raise PermissionDenied
    if request.method != "POST":
        return _new_form(request)
    form = ReportForm(request.POST, request.FILES, user=request.user)
    is_valid = form.is_valid()
    hint = _hint(request, form)
    if is_valid and not hint.asks:
        return _save(request, form)
    # Sent twice, what its first sending made stands nearby: it is no reason to ask.
    key = _uuid(request.POST.get("key", ""))
    made = reported_before(request.user, key) if key else None
    if made is not None:
        return _to_what_was_saved(request, made)
    if is_valid:
        messages.warning(
            request, _("Not reported yet. Look at the note under the place, then report it again.")
        )
    return _page(request, form, hint, status=200 if is_valid else refusal_status(form))


@require_safe
def tickets_nearby(request: HttpRequest) -> HttpResponse:
    """The fragment under the place: where it lies, what belongs to the category, what is open nearby."""
    if not can_report(request.user):
        raise PermissionDenied
    form = ReportForm(request.GET, user=request.user)
    form.is_valid()
    return render(
        request,
        "requests/_report_hint.html",
        {"form": form, "hint": _hint(request, form), "is_fragment": True},
    )


def _new_form(request: HttpRequest) -> HttpResponse:
    key = _uuid(request.GET.get("form", ""))
    if key is None:
        return redirect(f"{request.path}?form={uuid.uuid4()}")
    made = reported_before(request.user, key)
    if made is not None:
        return _to_what_was_saved(request, made)
    return _page(request, ReportForm(user=request.user, initial={"key": key}))


def _to_what_was_saved(request: HttpRequest, made: Ticket) -> HttpResponse:
    text = _("This report was saved already as %(number)s. For another matter choose “Report” again.")
    messages.info(request, text % {"number": made.number})
    return redirect("casework:case_detail", made.number)


def _save(request: HttpRequest, form: ReportForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        ticket, is_new = report_ticket(
            actor=request.user, report=form.report, key=data["key"], photos=data["photos"]
        )
    except (RuleBroken, NotAllowed, StalePage) as refusal:
        if isinstance(refusal, StalePage):
            form.renew_key()
        form.add_error(None, str(refusal))
        return _page(request, form, _hint(request, form), status=refusal.status)
    if not is_new:
        return _to_what_was_saved(request, ticket)
    messages.success(request, _("Reported as %(number)s.") % {"number": ticket.number})
    if (number := seen_number(request.user, ticket)) > 1:
        again = _("It is report no. %(n)s of this matter; the earlier ones stand on its page.")
        messages.info(request, again % {"n": number})
    return redirect("casework:case_detail", ticket.number)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _hint(request: HttpRequest, form: ReportForm) -> Hint:
    sent: Any = request.POST if request.method == "POST" else request.GET
    category = form.cleaned_data.get("category")
    tickets = nearby(request.user, form.where, category)
    # A secret ticket is linked to nothing, so nothing is looked for.
    matter = None if form.cleaned_data.get("is_secret") else category
    # A phone number never stands in an address: what is asked by GET is not looked for.
    phone = form.cleaned_data.get("caller_phone", "") if request.method == "POST" else ""
    return Hint(
        found=form.found,
        category=category,
        tickets=tickets,
        look_for_earlier=lambda: repeated(
            request.user, form.where, matter, phone if may_look_for(request.user, phone) else ""
        ),
        is_new=bool({ticket.number for ticket in tickets} - set(sent.getlist("seen"))),
        far_ok=form.found is not None and sent.get("far_ok") == form.found.area.code,
        mark=form.mark,
        is_sure=sent.get("sure") == form.mark,
    )


def _page(
    request: HttpRequest, form: ReportForm, hint: Hint | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "hint": hint or Hint(), "map": report_map(request.user)}
    return render(request, "requests/ticket_report.html", context, status=status)
