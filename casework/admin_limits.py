"""Limits as data, escalation and the numbers of the rules are edited here; what runs on cases is looked up."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.admin_base import KindFilter, KindWords
from casework.admin_forms import EscalationForm, LimitForm, subject_names
from casework.choices import Standing
from casework.models import EscalationStep, Parameter, RecountOrder, ServiceLevel
from casework.registry import kinds
from casework.words import amount_words
from core.admin import LookUpAdmin


@admin.register(Parameter)
class ParameterAdmin(admin.ModelAdmin):
    """The keys are those the program asks for: none is added or deleted here."""

    list_display = ("name", "value", "basis")
    list_editable = ("value", "basis")
    list_filter = (("basis", admin.EmptyFieldListFilter),)
    search_fields = ("name", "key")
    readonly_fields = ("key", "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StandingFilter(admin.SimpleListFilter):
    """Limits that hold today, those to come, and those replaced."""

    title = _("in force")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Standing.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(standing=self.value()) if self.value() else queryset


class KindWordAdmin(KindWords, admin.ModelAdmin):
    """Whoever only looks reads the kind in words."""

    readonly_fields: ClassVar[tuple[str, ...]] = ("kind_word",)
    looked_at: ClassVar[Mapping[str, str]] = {"kind": "kind_word"}
    explanation: Any = ""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, Any]]:
        return [(None, {"fields": self.get_fields(request, obj), "description": self.explanation})]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        fields = self.form._meta.fields
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return [self.looked_at.get(name, name) for name in fields]


@admin.register(ServiceLevel)
class ServiceLevelAdmin(KindWordAdmin):
    """A change holds for what begins after it: a limit that runs keeps the rule it was counted by."""

    form = LimitForm
    list_filter = ("step", "urgency", "level", StandingFilter, "unit", KindFilter)
    search_fields = ("subject", "basis")
    ordering = ("kind", "step", "urgency", "subject", "level", "-valid_from")
    readonly_fields = ("kind_word", "subject_name")
    explanation = _(
        "A change holds for limits that begin after it; what runs keeps the limit it was given. "
        "For another limit from a certain day on, add a row with that day."
    )
    looked_at: ClassVar[Mapping[str, str]] = {"kind": "kind_word", "subject": "subject_name"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_standing(timezone.localdate())

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        return (limit_column(), "standing_word", "valid_from", "basis", "kind_word")

    @admin.display(description=_("in force"), ordering="standing")
    def standing_word(self, row: Any) -> Any:
        return Standing(row.standing).label

    @admin.display(description=_("category or type"))
    def subject_name(self, row: ServiceLevel) -> Any:
        return subject_names(row.kind).get(row.subject, row.subject) or gettext("Any")


def limit_column() -> Callable[[ServiceLevel], str]:
    """A column that says each limit as one reads it aloud; the names of the categories are read once for the list."""
    names = {kind.name: subject_names(kind.name) for kind in kinds()}

    @admin.display(description=_("limit"), ordering="step")
    def limit(row: ServiceLevel) -> str:
        anyone = gettext("Any")
        subject = names[row.kind].get(row.subject, row.subject) or anyone
        ranks = [
            row.get_urgency_display() if row.urgency else "",
            row.get_level_display() if row.level else "",
        ]
        which = " · ".join(filter(None, ranks)) or anyone
        return f"{row.get_step_display()} · {subject} · {which} · {amount_words(row.amount, row.unit)}"

    return limit


@admin.register(EscalationStep)
class EscalationStepAdmin(KindWordAdmin):
    form = EscalationForm
    list_display = ("step", "when", "tell", "basis", "kind_word")
    list_filter = ("step", "tell", KindFilter)
    search_fields = ("basis",)

    @admin.display(description=_("when"), ordering="after_workdays")
    def when(self, row: EscalationStep) -> str:
        if row.after_workdays == EscalationStep.DUE_SOON:
            return gettext("when it is due soon")
        if row.after_workdays == 0:
            return gettext("as soon as it is late")
        return gettext("%(n)s workdays late") % {"n": row.after_workdays}


@admin.register(RecountOrder)
class RecountOrderAdmin(LookUpAdmin):
    """Days of the calendar that changed, and how many deadlines moved with them."""

    list_display = ("__str__", "made_at", "done_at", "moved")
    list_filter = (("done_at", admin.EmptyFieldListFilter),)
    search_fields = ("first_on", "last_on")
