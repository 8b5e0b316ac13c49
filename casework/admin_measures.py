"""What was asked for and ordered on cases: extensions, suspensions, supervision, whistle calls. Looked up only."""

from typing import Any

from django.contrib import admin

from casework.admin_base import OfCasesAdmin
from casework.models import ExtensionRequest, Supervision, Suspension, WhistleCall


class MeasureAdmin(OfCasesAdmin):
    """A measure, named by its case."""

    list_filter: tuple[Any, ...] = ("state",)
    ordering: tuple[str, ...] = ("-pk",)

    def row_name(self, row: Any) -> str:
        return f"{row.case.number} · {row}"


@admin.register(ExtensionRequest)
class ExtensionRequestAdmin(MeasureAdmin):
    list_display = ("case", "workdays", "asked_by", "asked_at", "state", "decided_by", "decided_at")
    list_select_related = ("case", "asked_by", "decided_by")


@admin.register(Suspension)
class SuspensionAdmin(MeasureAdmin):
    list_display = (
        *("case", "review_on", "asked_by", "asked_at"),
        *("state", "decided_by", "decided_at", "ended_at"),
    )
    list_select_related = ("case", "asked_by", "decided_by")


@admin.register(Supervision)
class SupervisionAdmin(MeasureAdmin):
    list_display = ("number", "case", "leader", "issued_by", "issued_at", "answer_by", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), ("issued_by", admin.EmptyFieldListFilter))
    list_select_related = ("case", "leader", "issued_by")
    search_fields = ("number", "case__number", "case__title", "leader__name")


@admin.register(WhistleCall)
class WhistleCallAdmin(MeasureAdmin):
    list_display = (
        *("case", "organisation", "ground", "state", "called_by"),
        *("called_at", "respond_by", "reported_in_at", "rating"),
    )
    list_filter = ("state", "ground", "rating", ("organisation", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("case", "organisation", "called_by")
    search_fields = ("case__number", "case__title", "organisation__name")
