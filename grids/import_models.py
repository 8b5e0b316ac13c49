"""Uploaded boundary files: kept while they wait for their confirmation, then the record of a source."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grids.choices import SourceCrs


class AreaImportQuerySet(models.QuerySet["AreaImport"]):
    def waiting(self, user: Any) -> "AreaImportQuerySet":
        """Uploads of this person that were previewed and not yet confirmed."""
        return self.filter(owner=user, confirmed_at__isnull=True)

    def last_crs(self, user: Any) -> str:
        """The coordinate system this person declared last; empty before the first upload."""
        last = self.filter(owner=user).order_by("-uploaded_at").values_list("source_crs", flat=True)
        return last.first() or ""


class AreaImport(models.Model):
    """One uploaded boundary file: kept from the preview to the confirmation, then the record of its source."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("imported by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: by command."),
    )
    file_name = models.CharField(_("file"), max_length=120)
    source_crs = models.CharField(_("coordinate system"), max_length=6, choices=SourceCrs.choices)
    repair = models.BooleanField(_("repair invalid outlines"), default=False)
    reading = models.JSONField(
        _("reading"),
        default=dict,
        blank=True,
        help_text=_("Which property of the file stands for what; empty: by their names."),
    )
    content = models.BinaryField(_("content"), help_text=_("Emptied when the import is confirmed."))
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    area_count = models.PositiveIntegerField(_("areas"), default=0)
    compound_count = models.PositiveIntegerField(_("compounds"), default=0)

    objects = AreaImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("boundary import")
        verbose_name_plural = _("boundary imports")
        ordering = ("-uploaded_at",)

    def __str__(self) -> str:
        return self.file_name
