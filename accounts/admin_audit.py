"""What administrators did in the administration: the auditor's page, looked at and never changed."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from core.admin import LookUpAdmin


@admin.register(LogEntry)
class ActionAdmin(LookUpAdmin):
    """Who added, changed or removed what, and when. Only auditors have the right to it (accounts.backends)."""

    list_display = ("action_time", "user", "action_flag", "table", "object_repr", "what")
    list_filter = (
        "action_flag",
        ("user", admin.RelatedOnlyFieldListFilter),
        ("content_type", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("user", "content_type")
    search_fields = ("user__name", "user__username", "object_repr", "change_message")
    date_hierarchy = "action_time"
    ordering = ("-action_time", "-pk")
    fields = list_display
    readonly_fields = ("action_time", "table", "what")

    @admin.display(description=_("table"), ordering="content_type")
    def table(self, entry: LogEntry) -> str:
        return str(entry.content_type.name) if entry.content_type else "–"

    @admin.display(description=_("what was changed"))
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message()

    def row_name(self, entry: Any) -> str:
        return f"{entry.user} {date_format(localtime(entry.action_time), 'DATETIME_FORMAT')}"
