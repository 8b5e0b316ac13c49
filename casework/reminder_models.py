"""The outbox and the inbox: Redis may be emptied at any time and nothing is lost or told twice."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.choices import ReminderState


class Reminder(models.Model):
    """One thing one person must hear once. `dedupe_key` is the promise of "once"."""

    dedupe_key = models.CharField(_("dedupe key"), max_length=120, unique=True)
    rule = models.CharField(_("rule"), max_length=30)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("recipient"), on_delete=models.CASCADE, related_name="+"
    )
    case = models.ForeignKey(
        "casework.Case",
        verbose_name=_("case"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    facts = models.JSONField(_("facts"), default=dict)
    is_urgent = models.BooleanField(_("urgent"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=ReminderState.choices, default=ReminderState.PLANNED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    planned_at = models.DateTimeField(_("planned at"))
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ("-planned_at", "-pk")
        indexes = [
            models.Index(
                fields=["planned_at", "id"],
                condition=Q(state__in=["planned", "claimed"]),
                name="casework_reminder_to_do",
            ),
        ]

    def __str__(self) -> str:
        return self.dedupe_key


class InboxItemQuerySet(models.QuerySet["InboxItem"]):
    def visible_to(self, user: Any) -> "InboxItemQuerySet":
        """The person's own entries, without those of cases they no longer see: a headline tells too much."""
        cases = apps.get_model("casework", "Case").objects.visible_to(user)
        return self.filter(Q(case__isnull=True) | Q(case__in=cases), recipient=user)

    def unread(self) -> "InboxItemQuerySet":
        return self.filter(read_at__isnull=True)


class InboxItem(models.Model):
    """One delivered reminder in one person's inbox."""

    reminder = models.OneToOneField(
        Reminder, verbose_name=_("reminder"), on_delete=models.CASCADE, related_name="inbox_item"
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("recipient"), on_delete=models.CASCADE, related_name="+"
    )
    rule = models.CharField(_("rule"), max_length=30)
    case = models.ForeignKey(
        "casework.Case",
        verbose_name=_("case"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    facts = models.JSONField(_("facts"), default=dict)
    created_at = models.DateTimeField(_("received at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = InboxItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("inbox entry")
        verbose_name_plural = _("inbox entries")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="casework_inbox_new"),
            models.Index(
                fields=["recipient"], condition=Q(read_at__isnull=True), name="casework_inbox_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.rule}"
