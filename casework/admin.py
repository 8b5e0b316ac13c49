"""The desk's own tables in the administration: numbers, pictures not saved yet, and who took cases out as a file.

Cases and what hangs on them are in no table here: the three administrators see none by their role
(docs/decisions/0016-administrators.md).
"""

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.timezone import localtime

from casework import admin_limits, admin_messages  # noqa: F401  they register their tables
from casework.models import ExportRecord, NumberSeries, StagedPhoto
from core.admin import LookUpAdmin


@admin.register(NumberSeries)
class NumberSeriesAdmin(LookUpAdmin):
    list_display = ("prefix", "year", "last")
    list_filter = ("year",)
    search_fields = ("prefix",)


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


@admin.register(ExportRecord)
class ExportRecordAdmin(LookUpAdmin):
    """The auditor's: who took how many cases out, by which filter and when."""

    list_display = ("at", "user", "count", "chosen")
    list_filter = ("at", ("user", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("user__name", "user__username", "chosen")
    date_hierarchy = "at"

    def row_name(self, row: ExportRecord) -> str:
        return f"{row.user} {date_format(localtime(row.at), 'DATETIME_FORMAT')}"
