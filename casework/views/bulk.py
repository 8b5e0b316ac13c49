"""Dispatching several cases at once: each in its own transaction, each with its own answer."""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casework.forms import refusal_status
from casework.selectors import Row, rows_for, visible_cases
from casework.services import apply_transition, check_version
from core.errors import DomainError

VERB, AT_MOST, RESULT = "dispatch", 50, "bulk_dispatch_result"
NUMBER = re.compile(r"[A-Z]+-[0-9]{4}-[0-9]+")


@dataclass(frozen=True)
class Result:
    """What became of one case."""

    row: Row
    problem: str


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_dispatch(request: HttpRequest) -> HttpResponse:
    """`number` once per case. GET shows the form with what can be dispatched, POST leads to a result per row.

    The form carries the version of each case as `version_<number>`: one that changed meanwhile is not dispatched.
    The result is a page of its own (`?result`), so that reloading it sends nothing again.
    """
    if request.method != "POST" and "result" in request.GET:
        return _result_page(request)
    chosen = visible_cases(request.user).filter(number__in=_numbers(request)).order_by("number")
    rows = rows_for(request.user, chosen, timezone.now())
    ready = [row for row in rows if row.offers(VERB)]
    if not rows or (not ready and request.method != "POST"):
        messages.info(request, _("Choose at least one case that waits to be dispatched."))
        return redirect("casework:case_list")
    bound = request.method == "POST"
    forms = {row.case.pk: _form(request, row, bound=bound) for row in (ready if bound else ready[:1])}
    form = _shown(list(forms.values()))
    if bound and (form is None or form.is_valid()):
        results = [Result(row, _dispatch(request, row, forms.get(row.case.pk))) for row in rows]
        return _answer(request, results)
    context = {
        "form": form,
        "rows": [(row, _version(request, row)) for row in ready],
        "skipped": [row for row in rows if row not in ready],
    }
    return render(
        request, "casework/bulk_dispatch.html", context, status=refusal_status(form) if form.errors else 200
    )


def _numbers(request: HttpRequest) -> list[str]:
    sent = request.POST if request.method == "POST" else request.GET
    return [number for number in sent.getlist("number") if NUMBER.fullmatch(number)][:AT_MOST]


def _version(request: HttpRequest, row: Row) -> int:
    """The version of the case that the form showed; none was shown counts as an old one."""
    if request.method != "POST":
        return int(row.case.version)
    sent = request.POST.get(f"version_{row.case.number}", "")
    return int(sent) if re.fullmatch("[0-9]{1,9}", sent) else 0


def _form(request: HttpRequest, row: Row, *, bound: bool) -> Any:
    """The step's form for one of the cases."""
    data = None
    if bound:
        data = request.POST.copy()
        data["version"] = str(_version(request, row))
    return row.kind.form(data, step=row.kind.workflow.get(VERB), case=row.case, user=request.user)


def _shown(forms: list[Any]) -> Any:
    """The form of the first case; or that of the first for which the chosen handler is asked about."""
    asked = (form for form in forms if form.is_bound and "outside_ok" in form.errors)
    return next(asked, forms[0] if forms else None)


def _dispatch(request: HttpRequest, row: Row, form: Any) -> str:
    """Dispatches one case; the reason when it was refused, else nothing."""
    try:
        check_version(row.case, _version(request, row))
        if not row.offers(VERB):
            return _("It does not wait to be dispatched by you.")
        if not form.is_valid():
            return " ".join(error for errors in form.errors.values() for error in errors)
        apply_transition(
            number=row.case.number,
            verb=VERB,
            actor=request.user,
            data=form.cleaned_data,
            version=form.cleaned_data["version"],
        )
    except DomainError as refusal:
        return str(refusal)
    return ""


def _answer(request: HttpRequest, results: list[Result]) -> HttpResponse:
    """Keeps the result in the session for the page that shows it."""
    request.session[RESULT] = {result.row.case.number: result.problem for result in results}
    return redirect(f"{request.path}?result")


def _result_page(request: HttpRequest) -> HttpResponse:
    problems = request.session.get(RESULT, {})
    cases = visible_cases(request.user).filter(number__in=problems).order_by("number")
    rows = rows_for(request.user, cases, timezone.now())
    if not rows:
        return redirect("casework:case_list")
    results = [Result(row, problems[row.case.number]) for row in rows]
    done = sum(not result.problem for result in results)
    context = {"results": results, "done": done, "refused": len(results) - done}
    return render(request, "casework/bulk_result.html", context)
