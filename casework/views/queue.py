"""The work queue: one list of every kind of case in scope, with filters a person may keep."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from casework.exporting import queue_file, record_export
from casework.filters import CaseFilter
from casework.forms import FilterNameForm, SavedFilterForm
from casework.limit_models import parameter
from casework.permissions import works_in_an_area
from casework.saved_filters import forget_filter, save_filter
from casework.selectors import rows_for, saved_filters_of, visible_cases
from core.errors import DomainError
from core.keyset import Page

PER_PAGE = 50


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """`?status&light&area&…&sort&after`; an unknown value answers 400 with the reason beside its field."""
    now = timezone.now()
    chosen = CaseFilter(request.GET, queryset=visible_cases(request.user), user=request.user)
    is_valid = chosen.is_valid()
    page = Page()
    if is_valid:
        page = chosen.keyset(PER_PAGE).page(request.GET.get("after"))
    rows = rows_for(request.user, page.rows, now)
    context = {
        "filter": chosen,
        "page": page,
        "rows": rows,
        "now": now,
        "query": f"{chosen.query}&" if chosen.query else "",
        "saved": [(saved, saved.query == chosen.query) for saved in saved_filters_of(request.user)],
        "save_form": SavedFilterForm(initial={"query": chosen.query}),
        "may_begin": works_in_an_area(request.user),
        "may_dispatch": any(row.offers("dispatch") for row in rows),
    }
    return render(request, "casework/case_list.html", context, status=200 if is_valid else 400)


@require_POST
def case_export(request: HttpRequest) -> HttpResponse:
    """The filtered queue as CSV, written down; with an unknown value or with too many rows, back to the list and its
    words. The filter stands in the address, as in the list's; it is a POST because it writes.
    """
    now = timezone.now()
    chosen = CaseFilter(request.GET, queryset=visible_cases(request.user), user=request.user)
    back = redirect(f"{reverse('casework:case_list')}?{chosen.query}")
    if not chosen.is_valid():
        return back
    most = parameter("queue_export_rows")
    page = chosen.keyset(most).page(None)
    if page.after:
        messages.error(
            request,
            _("A file holds up to %(n)s cases; narrow the filter, for example by date.") % {"n": most},
        )
        return back
    record_export(actor=request.user, chosen=chosen.chosen, count=len(page.rows), now=now)
    name = f"cases-{timezone.localtime(now):%Y%m%d-%H%M}.csv"
    return HttpResponse(
        queue_file(request.user, page.rows, now=now),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def filter_save(request: HttpRequest) -> HttpResponse:
    """Keeps the filter under a name. Only keys and values of the queue's own filter are kept."""
    form = SavedFilterForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect("casework:case_list")
    chosen = CaseFilter(
        QueryDict(form.cleaned_data["query"]), queryset=visible_cases(request.user), user=request.user
    )
    if not chosen.is_valid():
        messages.error(request, _("This filter cannot be kept; choose its values again."))
        return redirect("casework:case_list")
    try:
        saved = save_filter(user=request.user, name=form.cleaned_data["name"], query=chosen.query)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("casework:case_list")
    messages.success(request, _("The filter “%(name)s” is saved.") % {"name": saved.name})
    return redirect(f"{reverse('casework:case_list')}?{saved.query}")


@require_POST
def filter_delete(request: HttpRequest) -> HttpResponse:
    """Forgets one's own saved filter named `name`."""
    form = FilterNameForm(request.POST)
    if not form.is_valid() or not forget_filter(user=request.user, name=form.cleaned_data["name"]):
        raise Http404
    messages.success(request, _("The filter is deleted."))
    return redirect("casework:case_list")
