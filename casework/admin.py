"""The desk in the administration: everything can be looked up, nothing that has happened can be changed.

A case changes only by its steps, a timeline never; secret cases are not shown here at all.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework import admin_limits, admin_measures, admin_messages  # noqa: F401  they register their tables
from casework.admin_base import KindFilter, OfCasesAdmin, StateWords, StatusFilter, VerbFilter
from casework.models import (
    Attachment,
    Case,
    CaseEvent,
    CasePerson,
    ClosedTally,
    NumberSeries,
    SavedFilter,
    StagedPhoto,
)
from casework.registry import kind_of
from casework.selectors import visible_cases
from casework.tallies import COUNTERS
from casework.timeline import paragraphs, sentence
from core.admin import LookUpAdmin, LookUpMixin


class EventWords:
    """An event as the timeline says it."""

    @admin.display(description=_("event"))
    def words(self, event: CaseEvent) -> str:
        return sentence(event, kind_of(event.case.kind))

    @admin.display(description=_("texts written"))
    def said(self, event: CaseEvent) -> SafeString:
        return format_html_join("", "<p>{}</p>", ((text,) for text in paragraphs(event)))


class EventInline(EventWords, LookUpMixin, admin.TabularInline):
    model = CaseEvent
    fk_name = "case"
    fields = ("seq", "at", "actor", "words")
    readonly_fields = fields
    ordering = ("-seq",)
    verbose_name_plural = _("timeline")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("actor", "case")


class BaseCaseAdmin(StateWords, LookUpAdmin):
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
    in_words: ClassVar[Mapping[str, str]] = {"kind": "kind_word", "status": "status_word"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(pk__in=visible_cases(request.user).values("pk"))

    @admin.display(description=_("handler"))
    def handler(self, case: Any) -> Any:
        return case.handler


@admin.register(Case)
class CaseAdmin(BaseCaseAdmin):
    list_filter = (KindFilter, *BaseCaseAdmin.list_filter)
    exclude = ("idempotency_key", "point")


@admin.register(CaseEvent)
class CaseEventAdmin(EventWords, OfCasesAdmin):
    list_display = ("case", "seq", "at", "actor", "words")
    list_filter = (VerbFilter,)
    fields = (*list_display, "said")
    readonly_fields = ("words", "said")
    list_select_related = ("case", "actor")
    ordering = ("-pk",)  # of a log that only grows: the order of time, by an index

    def row_name(self, row: CaseEvent) -> str:
        return f"{row.case.number} · {self.words(row)}"


@admin.register(Attachment)
class AttachmentAdmin(OfCasesAdmin):
    list_display = ("case", "kind", "width", "height", "uploaded_by", "uploaded_at")
    list_filter = ("kind",)
    list_select_related = ("case", "uploaded_by")
    exclude = ("file", "thumbnail")
    ordering = ("-uploaded_at", "-pk")

    def row_name(self, row: Attachment) -> str:
        return f"{row.case.number} · {row.get_kind_display()}"


@admin.register(CasePerson)
class CasePersonAdmin(OfCasesAdmin):
    list_display = ("case", "user", "kind", "added_at")
    list_filter = ("kind",)
    list_select_related = ("case", "user")
    search_fields = ("case__number", "user__name")


@admin.register(ClosedTally)
class ClosedTallyAdmin(StateWords, LookUpAdmin):
    list_display = (
        "day",
        "path",
        "kind_word",
        "handling_level",
        "status_word",
        "count",
        "handling_due",
        "handling_kept",
    )
    list_filter = (KindFilter, "handling_level")
    search_fields = ("path",)
    fields = ("day", "path", "kind_word", "handling_level", "status_word", "count", *COUNTERS)
    readonly_fields = ("kind_word", "status_word")
    ordering = ("-day", "path")


@admin.register(NumberSeries)
class NumberSeriesAdmin(LookUpAdmin):
    list_display = ("prefix", "year", "last")
    list_filter = ("year",)
    search_fields = ("prefix",)


@admin.register(SavedFilter)
class SavedFilterAdmin(LookUpAdmin):
    list_display = ("name", "user", "cases")
    fields = list_display
    readonly_fields = ("cases",)
    list_filter = ("user__role",)
    list_select_related = ("user",)
    search_fields = ("name", "user__name")

    @admin.display(description=_("cases"))
    def cases(self, row: SavedFilter) -> SafeString:
        """What the filter finds for whoever looks."""
        url = f"{reverse('casework:case_list')}?{row.query}"
        return format_html('<a href="{}">{}</a>', url, gettext("Open in the work queue"))


@admin.register(StagedPhoto)
class StagedPhotoAdmin(LookUpAdmin):
    """Pictures of forms not saved yet; the pictures themselves are their owner's alone."""

    list_display = ("owner", "width", "height", "staged_at")
    list_filter = ("staged_at",)
    list_select_related = ("owner",)
    search_fields = ("owner__name",)
    exclude = ("file", "thumbnail")

    def row_name(self, row: StagedPhoto) -> str:
        return f"{row.owner} {date_format(localtime(row.staged_at), 'DATETIME_FORMAT')}"
