"""What leaves the house: messages by e-mail, text message and group robot, and how people want to hear."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from casework.choices import PERSONAL_CHANNELS, ROBOT_CHANNELS, Channel, MessageState, Mode, Topic
from grids.models import Area

TONES = {
    MessageState.PLANNED: "wait",
    MessageState.CLAIMED: "work",
    MessageState.SENT: "done",
    MessageState.NOTED: "off",
    MessageState.DROPPED: "off",
    MessageState.DEAD: "stop",
}


def _of(channels: tuple[Channel, ...]) -> list[tuple[str, object]]:
    return [(channel.value, channel.label) for channel in channels]


class Robot(models.Model):
    """A group robot that writes into the chat of an area's workers; what it says names no person and no address."""

    name = models.CharField(_("name"), max_length=40)
    channel = models.CharField(_("kind"), max_length=10, choices=_of(ROBOT_CHANNELS))
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="+")
    # SECURITY: whoever knows the address may write into the chat; the administration shows its host only.
    url = models.URLField(_("webhook address"), max_length=300)
    secret = models.CharField(_("signing secret"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("group robot")
        verbose_name_plural = _("group robots")
        ordering = ("area__code", "name")
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="casework_robot_name_unique")]

    def __str__(self) -> str:
        return f"{self.name} · {self.area}"


class Preference(models.Model):
    """How one person wants to hear of one topic through one channel; without a row the default holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    topic = models.CharField(_("topic"), max_length=10, choices=Topic.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=_of(PERSONAL_CHANNELS))
    mode = models.CharField(_("how"), max_length=8, choices=Mode.choices)

    class Meta:
        verbose_name = _("reminder preference")
        verbose_name_plural = _("reminder preferences")
        ordering = ("user", "topic", "channel")
        constraints = [
            models.UniqueConstraint(fields=["user", "topic", "channel"], name="casework_preference_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_topic_display()} {self.get_channel_display()}"


class Message(models.Model):
    """One message to one person or one robot: one or more lines, planned once, sent at least once.

    `dedupe_key` is the promise of one message per matter, or of one digest per day.
    """

    dedupe_key = models.CharField(_("dedupe key"), max_length=160, unique=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recipient"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    robot = models.ForeignKey(
        Robot,
        verbose_name=_("group robot"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    is_digest = models.BooleanField(_("digest"), default=False)
    is_urgent = models.BooleanField(_("urgent"), default=False)
    planned_at = models.DateTimeField(_("planned at"))
    send_after = models.DateTimeField(_("not before"))
    state = models.CharField(
        _("state"), max_length=8, choices=MessageState.choices, default=MessageState.PLANNED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-planned_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="casework_message_to_somebody",
                condition=Q(recipient__isnull=True, robot__isnull=False)
                | Q(recipient__isnull=False, robot__isnull=True),
            )
        ]
        indexes = [
            models.Index(
                fields=["channel", "send_after", "id"],
                condition=Q(state__in=["planned", "claimed"]),
                name="casework_message_to_do",
            ),
            models.Index(fields=["state", "-planned_at"], name="casework_message_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {localtime(self.planned_at):%Y-%m-%d %H:%M}"


class MessageLine(models.Model):
    """One line of a message: a reminder, or a case that a robot's list names."""

    message = models.ForeignKey(
        Message, verbose_name=_("message"), on_delete=models.CASCADE, related_name="lines"
    )
    reminder = models.ForeignKey(
        "casework.Reminder",
        verbose_name=_("reminder"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    case = models.ForeignKey(
        "casework.Case",
        verbose_name=_("case"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="message_lines",
    )
    rule = models.CharField(_("rule"), max_length=30)
    facts = models.JSONField(_("facts"), default=dict)
    # Only of a message that was sent: what it planned to say and did not (casework/validity.py).
    is_left_out = models.BooleanField(_("left out when sent"), default=False)

    class Meta:
        verbose_name = _("line of a message")
        verbose_name_plural = _("lines of messages")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["message", "reminder"], name="casework_message_line_once")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.facts.get('number', '')}".rstrip()
