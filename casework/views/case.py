"""The case page and what a person does on it beside the steps: notes, watching, revealing, printing."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from casework import services
from casework.errors import AlreadyDone, NotOffered, StalePage
from casework.forms import NoteForm, RevealForm, refusal_status
from casework.panel import panel_of
from casework.registry import kind_of
from casework.views.page import case_page, course_of, find_case, page_context

# As many steps as leave room for the signatures on one page of A4.
COURSE_LINES = 12


@require_safe
def case_detail(request: HttpRequest, number: str) -> HttpResponse:
    return case_page(request, find_case(request, number))


@require_safe
def case_sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The sheet that goes with the case on paper; personal data stay masked."""
    case = find_case(request, number)
    context = page_context(request.user, case, timezone.now())
    return render(request, kind_of(case.kind).sheet_template, context | {"printed_by": request.user})


@require_safe
def supervision_sheet(request: HttpRequest, number: str, sheet: str) -> HttpResponse:
    """One supervision sheet on paper, for whoever sees the case; the steps so far without what was typed at them."""
    case = find_case(request, number)
    sheets = case.supervisions.select_related("leader", "issued_by", "lifted_by")
    now = timezone.now()
    context = {
        "case": case,
        "kind": kind_of(case.kind),
        "sheet": get_object_or_404(sheets, number=sheet),
        "course": course_of(case)[-COURSE_LINES:],
        "panel": panel_of(request.user, case, now),
        "now": now,
        "printed_by": request.user,
    }
    return render(request, "casework/supervision_sheet.html", context)


@require_POST
def case_note(request: HttpRequest, number: str) -> HttpResponse:
    case = find_case(request, number)
    form = NoteForm(request.POST, request.FILES, owner=request.user)
    if not form.is_valid():
        return case_page(request, case, status=refusal_status(form), note_form=form)
    data = form.cleaned_data
    try:
        services.add_note(
            number=number, actor=request.user, text=data["text"], key=data["key"], photos=data["photos"]
        )
    except AlreadyDone as done:
        messages.info(request, str(done))
    except (NotOffered, StalePage) as refusal:
        form.renew_key()
        form.add_error("text", str(refusal))
        return case_page(request, case, status=refusal.status, note_form=form, may_note=True)
    else:
        messages.success(request, _("Your note is saved."))
    return redirect("casework:case_detail", number)


@require_POST
def case_watch(request: HttpRequest, number: str) -> HttpResponse:
    """`watching` 1 or 0: hear of every event, or no longer."""
    case = find_case(request, number)
    watching = request.POST.get("watching") == "1"
    services.set_watch(case=case, user=request.user, watching=watching)
    messages.success(
        request,
        _("You will hear of every step.")
        if watching
        else _("You will hear of it only when it is your turn."),
    )
    return redirect("casework:case_detail", number)


@sensitive_post_parameters()
@require_POST
def case_reveal(request: HttpRequest, number: str) -> HttpResponse:
    """Writes who asks and why, then shows the resident's whole contact in this one answer."""
    case = find_case(request, number)
    kind = kind_of(case.kind)
    if not kind.may_reveal(request.user, case) or not kind.contact(case):
        raise PermissionDenied
    form = RevealForm(request.POST)
    if not form.is_valid():
        return case_page(request, case, status=400, reveal_form=form)
    services.record_reveal(
        number=number,
        actor=request.user,
        reason=form.cleaned_data["reason"],
        what=gettext_noop("the resident's contact"),
    )
    return case_page(request, case, contact=kind.contact(case))
