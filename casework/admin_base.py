"""Pieces the tables of the desk share in the administration."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from casework.planning import OUTWARD
from casework.registry import kind_of, kinds, status_label
from casework.reminders import sentence
from casework.selectors import visible_cases
from casework.timeline import COMMON_SENTENCES, event_sentence
from core.admin import LookUpAdmin


class OfCasesAdmin(LookUpAdmin):
    """Rows that belong to a case, as far as the case may be seen."""

    search_fields: ClassVar[tuple[str, ...]] = ("case__number", "case__title")
    list_select_related: ClassVar[tuple[str, ...]] = ("case",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(case__in=visible_cases(request.user))


class StatusFilter(admin.SimpleListFilter):
    """The statuses of all kinds by their words."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(
            {value: label for kind in kinds() for value, label in kind.workflow.statuses.choices}.items()
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    """The kinds of case by their words."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.name, kind.label) for kind in kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class RuleFilter(admin.SimpleListFilter):
    """The reminder rules by the words they use outside the house."""

    title = _("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, re.sub(r"%\(\w+\)s", "…", str(words))) for name, words in OUTWARD.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(rule=self.value()) if self.value() else queryset


class VerbFilter(admin.SimpleListFilter):
    """What can happen to a case, by the name of the step or by its sentence."""

    title = _("event")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        names: dict[str, Any] = {}
        for kind in kinds():
            names |= {verb: event_sentence(verb, {}, kind) for verb in (*kind.sentences, *COMMON_SENTENCES)}
            names |= {step.verb: step.label for step in kind.workflow.transitions}
        return list(names.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


class StateWords:
    """Kind and status of a case or a tally in words."""

    @admin.display(description=_("kind"), ordering="kind")
    def kind_word(self, row: Any) -> Any:
        return kind_of(row.kind).label

    @admin.display(description=_("status"), ordering="status")
    def status_word(self, row: Any) -> Any:
        return status_label(row.kind, row.status)


class OfCasesOrNoneAdmin(LookUpAdmin):
    """Rows of cases that may be seen, and rows of no case."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.filter(case__isnull=True) | rows.filter(case__in=visible_cases(request.user))


class ToldAdmin(OfCasesOrNoneAdmin):
    """What somebody is told of a case, as the inbox says it."""

    list_select_related = ("recipient", "case")
    search_fields = ("recipient__name", "case__number")
    in_words: ClassVar[Mapping[str, str]] = {"rule": "words", "facts": "words"}

    def row_name(self, row: Any) -> str:
        return f"{row.recipient} · {self.words(row)}"

    @admin.display(description=_("what it says"), ordering="rule")
    def words(self, row: Any) -> str:
        return sentence(row)
