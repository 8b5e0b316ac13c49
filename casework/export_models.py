"""Who took cases out of the system as a file."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ExportRecord(models.Model):
    """One file of cases that a person took: by which filter and how many. Rows are only added."""

    at = models.DateTimeField(_("exported at"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="export_records",
    )
    chosen = models.TextField(
        _("filter"), blank=True, help_text=_("In words; empty: all open cases in sight.")
    )
    count = models.PositiveIntegerField(_("cases"))

    class Meta:
        verbose_name = _("export of cases")
        verbose_name_plural = _("exports of cases")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.user} {self.at:%Y-%m-%d %H:%M}"
