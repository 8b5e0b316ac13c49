"""Taking a step: the form as its own page or as a fragment, and every way a step can be refused."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casework.errors import InputMissing, NotAllowed, NotOffered, RuleBroken, StalePage
from casework.forms import refusal_status
from casework.registry import kind_of
from casework.selectors import visible_cases
from casework.services import apply_transition, check_step
from casework.views.page import case_page, find_case, find_step, new_note_form
from casework.workflow import Transition


@require_http_methods(["GET", "HEAD", "POST"])
def case_do(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """GET shows the form of the step, POST takes it. 404 unknown, 403 not yours, 409 no longer so, 400 refused.

    `?version=` of the page that led here: a form one goes back to after it was sent says what happened meanwhile.
    """
    is_taken = request.method == "POST"
    case = find_case(request, number, whole=not is_taken)
    step = find_step(case, verb)
    return _take(request, case, step) if is_taken else _show(request, case, step)


def _show(request: HttpRequest, case: Any, step: Transition) -> HttpResponse:
    try:
        check_step(
            kind=kind_of(case.kind), step=step, case=case, actor=request.user, version=_version(request.GET)
        )
    except StalePage as refusal:
        messages.info(request, str(refusal))
        return redirect("casework:case_detail", case.number)
    except NotOffered as refusal:
        messages.error(request, str(refusal))
        return case_page(request, case, status=409)
    form = kind_of(case.kind).form(step=step, case=case, user=request.user)
    if request.headers.get("HX-Request") == "true":
        return render(request, "casework/_step_form.html", {"case": case, "step": step, "form": form})
    return case_page(request, case, step=step, step_form=form)


def _take(request: HttpRequest, case: Any, step: Transition) -> HttpResponse:
    kind = kind_of(case.kind)
    form = kind.form(request.POST, request.FILES, step=step, case=case, user=request.user)
    try:
        check_step(kind=kind, step=step, case=case, actor=request.user, version=_version(request.POST))
        if not form.is_valid():
            case = find_case(request, case.number)
            return case_page(request, case, status=refusal_status(form), step=step, step_form=form)
        data = form.cleaned_data
        apply_transition(
            number=case.number, verb=step.verb, actor=request.user, data=data, version=data["version"]
        )
    except (StalePage, NotOffered) as refusal:
        return _refused(request, case.number, step, form, refusal)
    except (InputMissing, RuleBroken) as refusal:
        form.add_error(refusal.details.get("field"), str(refusal))
        case = find_case(request, case.number)
        return case_page(request, case, status=refusal.status, step=step, step_form=form)
    messages.success(request, _("Done: %(step)s.") % {"step": step.label})
    if not visible_cases(request.user).filter(pk=case.pk).exists():
        return redirect("casework:case_list")  # handed on to others: the person no longer sees it
    return redirect("casework:case_detail", case.number)


def _refused(
    request: HttpRequest, number: str, step: Transition, form: forms.Form, refusal: Exception
) -> HttpResponse:
    """The fresh page with what was typed: in the step's form while it is still possible, else in the note's."""
    form.is_valid()  # keeps the uploaded pictures
    case = find_case(request, number)
    kind = kind_of(case.kind)
    messages.error(request, str(refusal))
    try:
        check_step(kind=kind, step=step, case=case, actor=request.user)
    except (NotOffered, NotAllowed):
        return case_page(request, case, status=409, note_form=_kept_as_note(request, step, form))
    kept = _kept_data(request.POST, form, case)
    fresh = kind.form(kept, step=step, case=case, user=request.user)
    return case_page(request, case, status=409, step=step, step_form=fresh)


def _version(data: QueryDict) -> int | None:
    """The version of the page the form stood on; None when it is not a number (the form then refuses it)."""
    text = data.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _kept_data(data: QueryDict, form: forms.Form, case: Any) -> QueryDict:
    """What was sent, on the version of the fresh page, with the pictures as staged ones."""
    kept = data.copy()
    kept["version"] = str(case.version)
    if "photos" in form.fields:
        kept.setlist("photos_staged", [str(photo.key) for photo in form.fields["photos"].widget.staged])
    return kept


def _kept_as_note(request: HttpRequest, step: Transition, form: forms.Form) -> Any:
    """A note form with the texts that were typed for a step that is gone."""
    written = [
        request.POST.get(name, "").strip()
        for name in step.inputs
        if type(form.fields.get(name)) is forms.CharField
    ]
    text = "\n".join(part for part in written if part)
    if text:
        messages.info(request, _("Your text is kept below; you can save it as a note."))
    note = new_note_form(request.user, text)
    if "photos" in form.fields:
        note.fields["photos"].widget.staged = form.fields["photos"].widget.staged
    return note
