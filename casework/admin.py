"""The desk in the administration: everything can be looked up, nothing that has happened can be changed.

A case changes only by its steps, a timeline never; secret cases are not shown here at all.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from casework.models import (
    Attachment,
    Case,
    CaseEvent,
    CasePerson,
    ClosedTally,
    InboxItem,
    NumberSeries,
    Reminder,
    SavedFilter,
    StagedPhoto,
)
from casework.registry import kind_of, kinds, status_label
from casework.selectors import visible_cases
from casework.timeline import sentence


class LookUpMixin:
    """Looking only: no adding, changing or deleting, whatever the person's rights are."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LookUpAdmin(LookUpMixin, admin.ModelAdmin):
    show_full_result_count = False
    list_per_page = 50


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


class EventWords:
    """An event as the timeline says it."""

    @admin.display(description=_("event"))
    def words(self, event: CaseEvent) -> str:
        return sentence(event, kind_of(event.case.kind))


class EventInline(EventWords, LookUpMixin, admin.TabularInline):
    model = CaseEvent
    fk_name = "case"
    fields = ("seq", "at", "actor", "words")
    readonly_fields = fields
    ordering = ("-seq",)
    verbose_name_plural = _("timeline")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("actor", "case")


class BaseCaseAdmin(LookUpAdmin):
    """A case of any kind: found by number, headline, area or handler."""

    list_display = (
        "number",
        "title",
        "status_word",
        "area",
        "handler",
        "opened_at",
        "due_at",
        "closed_at",
    )
    list_filter: ClassVar[tuple[Any, ...]] = (StatusFilter, "handling_level", "urgency", "is_synthetic")
    search_fields: ClassVar[tuple[str, ...]] = ("number", "title", "area__name", "path")
    list_select_related: ClassVar[tuple[str, ...]] = ("area", "handler_user", "handler_org")
    ordering = ("-opened_at", "-pk")
    inlines = (EventInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(pk__in=visible_cases(request.user).values("pk"))

    @admin.display(description=_("status"), ordering="status")
    def status_word(self, case: Any) -> Any:
        return status_label(case.kind, case.status)

    @admin.display(description=_("handler"))
    def handler(self, case: Any) -> Any:
        return case.handler


@admin.register(Case)
class CaseAdmin(BaseCaseAdmin):
    list_filter = ("kind", *BaseCaseAdmin.list_filter)
    exclude = ("idempotency_key", "point")


@admin.register(CaseEvent)
class CaseEventAdmin(EventWords, OfCasesAdmin):
    list_display = ("case", "seq", "at", "actor", "words")
    fields = (*list_display, "facts")
    list_select_related = ("case", "actor")
    ordering = ("-at", "-pk")


@admin.register(Attachment)
class AttachmentAdmin(OfCasesAdmin):
    list_display = ("case", "kind", "width", "height", "uploaded_by", "uploaded_at")
    list_filter = ("kind",)
    list_select_related = ("case", "uploaded_by")
    exclude = ("file", "thumbnail")
    ordering = ("-uploaded_at", "-pk")


@admin.register(CasePerson)
class CasePersonAdmin(OfCasesAdmin):
    list_display = ("case", "user", "kind", "added_at")
    list_filter = ("kind",)
    list_select_related = ("case", "user")
    search_fields = ("case__number", "user__name")


@admin.register(Reminder)
class ReminderAdmin(LookUpAdmin):
    """The outbox: what waits, what was told, what was given up."""

    list_display = ("rule", "recipient", "case", "state", "attempts", "planned_at", "delivered_at")
    list_filter = ("state", "rule")
    list_select_related = ("recipient", "case")
    search_fields = ("recipient__name", "case__number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return of_visible_cases_or_none(super().get_queryset(request), request)


@admin.register(InboxItem)
class InboxItemAdmin(LookUpAdmin):
    list_display = ("recipient", "rule", "case", "created_at", "read_at")
    list_filter = ("rule", ("read_at", admin.EmptyFieldListFilter))
    list_select_related = ("recipient", "case")
    search_fields = ("recipient__name", "case__number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return of_visible_cases_or_none(super().get_queryset(request), request)


def of_visible_cases_or_none(rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """Rows of cases that may be seen, and rows of no case."""
    return rows.filter(case__isnull=True) | rows.filter(case__in=visible_cases(request.user))


@admin.register(ClosedTally)
class ClosedTallyAdmin(LookUpAdmin):
    list_display = ("day", "path", "kind", "handling_level", "status_word", "on_time", "count")
    list_filter = ("kind", "handling_level", "on_time")
    search_fields = ("path",)
    fields = list_display
    ordering = ("-day", "path")

    @admin.display(description=_("closing status"), ordering="status")
    def status_word(self, tally: ClosedTally) -> Any:
        return status_label(tally.kind, tally.status)


@admin.register(NumberSeries)
class NumberSeriesAdmin(LookUpAdmin):
    list_display = ("prefix", "year", "last")
    list_filter = ("year",)
    search_fields = ("prefix",)


@admin.register(SavedFilter)
class SavedFilterAdmin(LookUpAdmin):
    list_display = ("name", "user", "query")
    list_select_related = ("user",)
    search_fields = ("name", "user__name")


@admin.register(StagedPhoto)
class StagedPhotoAdmin(LookUpAdmin):
    """Pictures of forms not saved yet; the pictures themselves are their owner's alone."""

    list_display = ("owner", "width", "height", "staged_at")
    list_select_related = ("owner",)
    search_fields = ("owner__name",)
    exclude = ("file", "thumbnail")
