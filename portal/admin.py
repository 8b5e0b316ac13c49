"""What the site remembers about itself, in the administration."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import LookUpAdmin
from portal.models import Heartbeat

QUEUES: Mapping[str, Any] = {
    "default": _("Everyday tasks"),
    "deliver": _("Deliveries"),
    "bulk": _("Long tasks"),
}


@admin.register(Heartbeat)
class HeartbeatAdmin(LookUpAdmin):
    """When a worker last took something from each queue; on one that stays silent nobody works."""

    list_display = ("queue", "at")
    list_filter = ("at",)
    search_fields = ("name",)
    ordering = ("name",)
    in_words: ClassVar[Mapping[str, str]] = {"name": "queue"}

    @admin.display(description=_("queue"), ordering="name")
    def queue(self, row: Heartbeat) -> Any:
        return QUEUES.get(row.name, row.name)

    def row_name(self, row: Heartbeat) -> str:
        return str(self.queue(row))
