"""The list of whistle calls (吹哨): who was called by whom, when they came, what they answered, how they were rated."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, F, Q, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from casework.choices import Rating, WhistleState
from casework.models import WhistleCall
from casework.selectors import visible_cases
from core.forms import StyledForm
from core.tabular import csv_file

LATE = Q(reported_in_at__gt=F("respond_by"))
MOST = 5000


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class WhistleFilter(StyledForm):
    """What the list is narrowed to; everything may be empty."""

    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.filter(takes_cases=True),
        label=gettext_lazy("Department"),
        required=False,
        empty_label=gettext_lazy("All"),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All")), *WhistleState.choices],
    )
    rating = forms.ChoiceField(
        label=gettext_lazy("Rating"), required=False, choices=[("", gettext_lazy("All")), *Rating.choices]
    )
    since = forms.DateField(label=gettext_lazy("Called from"), required=False, widget=_day())
    until = forms.DateField(label=gettext_lazy("Called until"), required=False, widget=_day())

    def chosen(self, calls: QuerySet[WhistleCall]) -> QuerySet[WhistleCall]:
        """The calls that are meant; none for a wrong filter."""
        if not self.is_valid():
            return calls.none()
        data = self.cleaned_data
        for name in ("organisation", "state", "rating"):
            if data[name]:
                calls = calls.filter(**{name: data[name]})
        if data["since"]:
            calls = calls.filter(called_at__date__gte=data["since"])
        if data["until"]:
            calls = calls.filter(called_at__date__lte=data["until"])
        return calls


def calls_for(user: Any) -> QuerySet[WhistleCall]:
    """Calls to cases the person sees."""
    return WhistleCall.objects.filter(case__in=visible_cases(user).values("pk"))


def by_department(calls: QuerySet[WhistleCall], now: datetime) -> list[dict[str, Any]]:
    """The figures of each department among these calls."""
    rows = (
        calls.order_by()
        .values("organisation__name")
        .annotate(
            called=Count("pk"),
            in_time=Count("pk", filter=Q(reported_in_at__lte=F("respond_by"))),
            late=Count("pk", filter=LATE),
            silent=Count("pk", filter=Q(reported_in_at__isnull=True, respond_by__lt=now)),
            good=Count("pk", filter=Q(rating=Rating.GOOD)),
            fair=Count("pk", filter=Q(rating=Rating.FAIR)),
            poor=Count("pk", filter=Q(rating=Rating.POOR)),
        )
    )
    return [dict(row) for row in rows.order_by("organisation__name")]


def whistle_file(calls: Iterable[WhistleCall]) -> bytes:
    """CSV with a line for each call, times in the office's zone."""
    headings = [
        _("Number"), _("Department"), _("Called by"), _("Called at"), _("Report in before"), _("Reported in at"),
        _("Dealt with at"), _("Outcome"), _("State"), _("Rating"), _("Why"),
    ]  # fmt: skip
    return csv_file([headings, *(_cells(call) for call in calls)])


def _cells(call: WhistleCall) -> list[str]:
    return [
        call.case.number,
        str(call.organisation),
        str(call.called_by),
        _minute(call.called_at),
        _minute(call.respond_by),
        _minute(call.reported_in_at),
        _minute(call.handled_at),
        call.outcome,
        str(call.get_state_display()),
        str(call.get_rating_display()) if call.rating else "",
        call.rating_note,
    ]


def _minute(moment: datetime | None) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
