"""Pictures of a case, and those of forms that are not saved yet."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.choices import AttachmentKind

FOLDER = "cases"


def attachment_path(attachment: "Attachment", filename: str) -> str:
    """Random names in folders by month: nothing of the person or place is in a path."""
    return f"{FOLDER}/{timezone.localdate():%Y/%m}/{attachment.key}-{filename}"


class Attachment(models.Model):
    """A picture of a case, re-encoded by us: at most 2048 px, without EXIF, with a thumbnail."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(
        "casework.Case", verbose_name=_("case"), on_delete=models.PROTECT, related_name="attachments"
    )
    event = models.ForeignKey(
        "casework.CaseEvent",
        verbose_name=_("event"),
        on_delete=models.PROTECT,
        null=True,
        related_name="attachments",
    )
    kind = models.CharField(_("kind"), max_length=10, choices=AttachmentKind.choices)
    file = models.FileField(_("file"), upload_to=attachment_path, max_length=120)
    thumbnail = models.FileField(_("thumbnail"), upload_to=attachment_path, max_length=120)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("case", "pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"


class StagedPhoto(models.Model):
    """A picture uploaded with a form that was not saved yet, so that a refused form forgets nothing.

    Seen only by its owner; taken over by `attach_photos` or deleted after a day.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("uploaded by"), on_delete=models.CASCADE, related_name="+"
    )
    file = models.FileField(_("file"), upload_to=attachment_path, max_length=120)
    thumbnail = models.FileField(_("thumbnail"), upload_to=attachment_path, max_length=120)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    staged_at = models.DateTimeField(_("uploaded at"), default=timezone.now)

    class Meta:
        verbose_name = _("staged photo")
        verbose_name_plural = _("staged photos")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.key)
