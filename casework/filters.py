"""The filters of the work queue. Every key and value is on an allow-list; the rows are scoped before they come here.

`area` takes the code of any area, from district to micro-grid, so every figure elsewhere can open its rows with
`?area=620102017005&light=red`. Without `status` only open cases are shown (`any` shows all, `done` the closed ones).
"""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.choices import HandlingLevel, Light
from casework.desks import left_by_handler
from casework.lights import light_filter, light_parts
from casework.models import Case
from casework.registry import KindFilter, kinds
from casework.scope import COLUMN_OF_LENGTH
from casework.searching import in_number_or_headline
from casework.selectors import area_choices
from core.forms import StyledForm
from core.keyset import Keyset, Part

OPEN, DONE, ANY = "", "done", "any"
# Handled no higher than the community: 大事不出社区 as a filter.
WITHIN = "within"
LIGHT = "light"
FIRST_YEAR, LAST_YEAR = 2000, 2100
SORTS = {
    "new": (_("Newest first"), ("-opened_at", "-pk")),
    # Without a due time (no limit yet, suspended) a case stands behind the others: core/keyset.py.
    "due": (_("Most urgent first, suspended last"), ("due_at", "pk")),
    "waiting": (_("Longest in this status first"), ("status_since", "pk")),
    LIGHT: (_("By light: overdue, due soon, in time, suspended"), ()),
}
SUPERVISED = [("yes", _("Under supervision")), ("no", _("Not under supervision"))]
SECRETS = [("no", _("Without secret ones")), ("yes", _("Secret ones only"))]
HANDLERS = [
    ("me", _("Me")),
    ("organisation", _("My organisation")),
    ("none", _("Nobody handles it")),
    ("left", _("Its handler left")),
]


def _statuses() -> list[tuple[str, Any]]:
    found = {str(value): label for kind in kinds() for value, label in kind.workflow.statuses.choices}
    return [(ANY, _("Open and closed")), (DONE, _("All closed")), *found.items()]


def _kinds() -> list[tuple[str, Any]]:
    return [(kind.name, kind.label) for kind in kinds()]


def _lights() -> list[tuple[str, Any]]:
    return [(light.value, light.label) for light in Light if light != Light.NONE]


def _levels() -> list[tuple[str, Any]]:
    return [*HandlingLevel.choices, (WITHIN, _("Grid or community level"))]


def _day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _midnight(day: date) -> datetime:
    """The beginning of a local day."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _check_day(day: date) -> None:
    """Days far from ours are slips of the keyboard, and dates end in the year 9999."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(
            _("Choose a day between %(first)s and %(last)s."), params={"first": FIRST_YEAR, "last": LAST_YEAR}
        )


def _day_filter(label: Any, method: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(label=label, method=method, widget=_day_input(), validators=[_check_day])


class KindChoiceFilter(django_filters.ChoiceFilter):
    """A filter a kind has registered."""

    def __init__(self, source: KindFilter, user: Any) -> None:
        super().__init__(label=source.label, choices=source.choices, empty_label=_("All"))
        self.condition, self.user = source.condition, user

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(self.condition(self.user, value)) if value else qs


class QueueForm(StyledForm):
    """Checks that belong to several filters."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end = data.get("since"), data.get("until")
        if start and end and start > end:
            raise ValidationError({"until": _("The last day lies before the first.")})
        return data


class CaseFilter(django_filters.FilterSet):
    """The filter bar of the queue."""

    MAIN = ("text", "status", "light", "area", "sort")

    text = django_filters.CharFilter(
        label=_("Number or headline"),
        method="by_text",
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"), method="by_status", choices=_statuses, empty_label=_("All open")
    )
    light = django_filters.ChoiceFilter(
        label=_("Light"), method="by_light", choices=_lights, empty_label=_("All")
    )
    area = django_filters.CharFilter(
        label=_("Area"),
        method="by_area",
        validators=[
            RegexValidator(r"^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}|[0-9]{17})\Z", _("Choose an area."))
        ],
        widget=forms.Select,
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=_kinds, empty_label=_("All"))
    level = django_filters.ChoiceFilter(
        label=_("Handling level"), method="by_level", choices=_levels, empty_label=_("All")
    )
    handler = django_filters.ChoiceFilter(
        label=_("Handler"), method="by_handler", choices=HANDLERS, empty_label=_("All")
    )
    supervised = django_filters.ChoiceFilter(
        label=_("Supervision"), method="by_supervision", choices=SUPERVISED, empty_label=_("All")
    )
    secret = django_filters.ChoiceFilter(
        label=_("Secrecy"), method="by_secrecy", choices=SECRETS, empty_label=_("All")
    )
    handler_name = django_filters.CharFilter(
        label=_("Handler's name"), method="by_handler_name", max_length=40
    )
    reporter = django_filters.ChoiceFilter(
        label=_("Reported by"), method="by_reporter", choices=[("me", _("Me"))], empty_label=_("All")
    )
    since = _day_filter(_("Reported from"), "by_since")
    until = _day_filter(_("Reported until"), "by_until")
    closed_since = _day_filter(_("Closed from"), "by_closed")
    sort = django_filters.ChoiceFilter(
        label=_("Order"),
        method="unchanged",
        choices=[(key, label) for key, (label, _order) in SORTS.items()],
        empty_label=None,
    )

    class Meta:
        model = Case
        fields: list[str] = []
        form = QueueForm

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Any], user: Any) -> None:
        super().__init__(data, queryset=queryset)
        self.user = user
        for extra in (extra for kind in kinds() for extra in kind.filters):
            self.filters[extra.name] = KindChoiceFilter(extra, user)
        self.form.fields["area"].widget.choices = [("", _("All")), *area_choices(user, data.get("area", ""))]

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        data = self.form.cleaned_data
        if data["status"] == OPEN and data["light"] != Light.BLUE:
            queryset = queryset.filter(closed_at__isnull=True)
        return super().filter_queryset(queryset)

    @property
    def more(self) -> list[Any]:
        """The fields that fold away: all but the ones asked most, and the kind while there is only one."""
        hidden = {*self.MAIN, *(["kind"] if len(kinds()) < 2 else [])}
        return [field for field in self.form if field.name not in hidden]

    @property
    def is_wide(self) -> bool:
        """Whether one of the folded fields is in use or wrong."""
        return any(self.data.get(field.name) or field.errors for field in self.more)

    @property
    def chosen(self) -> list[str]:
        """What is filtered by, in words; empty without a filter."""
        words = []
        for field in self.form:
            value = self.data.get(field.name)
            if value:
                named = [option.choice_label for option in field.subwidgets if option.data.get("selected")]
                words.append(f"{field.label} {str(named[0]).strip() if named else value}")
        return words

    @property
    def query(self) -> str:
        """The filter as a query string, without what is empty or unknown: what a saved filter keeps."""
        kept = QueryDict(mutable=True)
        for name in self.filters:
            if self.data.get(name):
                kept[name] = self.data[name]
        return kept.urlencode()

    def keyset(self, per_page: int) -> Keyset:
        """The filtered cases in the chosen order, by pages; call it for a valid filter."""
        chosen = self.form.cleaned_data["sort"] or "new"
        if chosen == LIGHT:
            return Keyset(self.qs, parts=self._light_parts(), per_page=per_page)
        return Keyset(self.qs, order=SORTS[chosen][1], per_page=per_page)

    def _light_parts(self) -> list[Part]:
        """Only the lights the filter leaves: looking for the others would read all there is and find nothing."""
        status, light = self.form.cleaned_data["status"], self.form.cleaned_data["light"]
        parts = light_parts(timezone.now())
        if light:
            return [parts[Light(light)]]
        closed = {DONE} | {name for kind in kinds() for name in kind.workflow.closed}
        may_be_closed, may_be_open = status in closed | {ANY}, status not in closed
        return [part for key, part in parts.items() if (may_be_closed if key == Light.BLUE else may_be_open)]

    def by_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(in_number_or_headline(value))

    def by_status(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == DONE:
            return queryset.filter(closed_at__isnull=False)
        return queryset if value == ANY else queryset.filter(status=value)

    def by_light(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(light_filter(value, timezone.now()))

    def by_area(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(**{COLUMN_OF_LENGTH[len(value)]: value})

    def by_level(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        levels = (HandlingLevel.GRID, HandlingLevel.COMMUNITY) if value == WITHIN else (value,)
        return queryset.filter(handling_level__in=levels)

    def by_supervision(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(is_supervised=value == "yes")

    def by_secrecy(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(is_secret=value == "yes")

    def by_handler(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "me":
            return queryset.filter(handler_user=self.user)
        if value == "organisation":
            return queryset.filter(handler_org=self.user.organisation_id or 0)
        if value == "left":
            return queryset.filter(left_by_handler())
        return queryset.filter(Q(handler_user__isnull=True, handler_org__isnull=True) | left_by_handler())

    def by_handler_name(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(Q(handler_user__name__contains=value) | Q(handler_org__name__contains=value))

    def by_reporter(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(reporter=self.user)

    def by_since(self, queryset: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return queryset.filter(opened_at__gte=_midnight(value))

    def by_until(self, queryset: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return queryset.filter(opened_at__lt=_midnight(value + timedelta(days=1)))

    def by_closed(self, queryset: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return queryset.filter(closed_at__gte=_midnight(value))

    def unchanged(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset
