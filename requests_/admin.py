"""Tickets in the administration: categories and numbers are edited here, tickets are only looked up."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from casework.admin import BaseCaseAdmin
from casework.selectors import visible_cases
from core.admin import HiddenColumnsMixin, LookUpAdmin
from requests_.models import AnswerTally, Callback, Category, ProactiveTopic, Ticket


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = (
        "name",
        "parent",
        "is_small",
        "photo_needed",
        "default_level",
        "order",
        "is_active",
    )
    list_editable = (
        "is_small",
        "photo_needed",
        "default_level",
        "order",
        "is_active",
    )
    list_filter = (("parent", admin.RelatedOnlyFieldListFilter), "is_small", "is_active")
    list_select_related = ("parent",)
    search_fields = ("name", "code", "parent__name")
    autocomplete_fields = ("parent",)
    fieldsets = (
        (None, {"fields": ("parent", "code", "name", "boundary_note", "order", "is_active")}),
        (_("Handling"), {"fields": ("is_small", "is_mixed", "photo_needed", "default_level", "basis")}),
    )


@admin.register(Ticket)
class TicketAdmin(HiddenColumnsMixin, BaseCaseAdmin):
    list_display = ("number", "title", "category", "status_word", "area", "handler", "opened_at", "due_at")
    list_filter = (
        *BaseCaseAdmin.list_filter,
        "source",
        "type",
        ("category", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = (*BaseCaseAdmin.search_fields, "external_number")
    list_select_related = (*BaseCaseAdmin.list_select_related, "category__parent")
    # SECURITY: the resident's contact is shown masked; the whole of it only by a logged reveal on the case page.
    hidden = ("caller_name", "caller_phone", "caller_digits")
    exclude = ("idempotency_key", "point", "repeat_of", "repeat_number", *hidden, "case_ptr")
    readonly_fields = ("resident",)

    @admin.display(description=_("resident"))
    def resident(self, ticket: Ticket) -> str:
        return ticket.masked_caller


@admin.register(ProactiveTopic)
class ProactiveTopicAdmin(BaseCaseAdmin):
    list_display = ("number", "title", "category", "status_word", "area", "handler", "opened_at", "due_at")
    list_filter = (*BaseCaseAdmin.list_filter, ("category", admin.RelatedOnlyFieldListFilter))
    list_select_related = (*BaseCaseAdmin.list_select_related, "category__parent")
    exclude = ("idempotency_key", "point", "place_key", "case_ptr")


@admin.register(Callback)
class CallbackAdmin(LookUpAdmin):
    list_display = ("ticket", "report", "at", "by", "by_hotline", "reached", "solved", "satisfaction")
    list_filter = ("reached", "by_hotline", "solved", "satisfaction")
    list_select_related = ("ticket", "report", "by")
    search_fields = ("ticket__number", "by__name")
    ordering = ("-at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(ticket__in=visible_cases(request.user).values("pk"))


@admin.register(AnswerTally)
class AnswerTallyAdmin(LookUpAdmin):
    list_display = ("day", "path", "first_answered", "first_solved", "last_answered", "last_solved")
    list_filter = (("day", admin.DateFieldListFilter),)
    search_fields = ("path",)
    ordering = ("-day", "path")
