"""Pieces the tables of the desk share in the administration."""

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from casework.planning import OUTWARD, outward_of
from casework.registry import kind_of, kinds


def rule_words(rule: str) -> str:
    """The words a reminder rule uses outside, without what they say of a case."""
    return re.sub(r"%\(\w+\)s", "…", outward_of(rule))


class KindFilter(admin.SimpleListFilter):
    """The kinds of case by their words."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.name, kind.label) for kind in kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class RuleFilter(admin.SimpleListFilter):
    """The reminder rules by the words they use outside."""

    title = _("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, rule_words(name)) for name in OUTWARD]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(rule=self.value()) if self.value() else queryset


class KindWords:
    """The kind of case in words."""

    @admin.display(description=_("kind"), ordering="kind")
    def kind_word(self, row: Any) -> Any:
        return kind_of(row.kind).label
