"""Words every kind of case shares."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HandlingLevel(models.TextChoices):
    """Where a case is handled: as low as possible (小事不出网格，大事不出社区)."""

    GRID = "grid", _("Grid level")
    COMMUNITY = "community", _("Community level")
    SUBDISTRICT = "subdistrict", _("Subdistrict level")
    DISTRICT = "district", _("District level")


LEVELS_UPWARDS = tuple(HandlingLevel)


class Urgency(models.TextChoices):
    NORMAL = "normal", _("Normal")
    URGENT = "urgent", _("Urgent")
    EMERGENCY = "emergency", _("Emergency")


class AttachmentKind(models.TextChoices):
    BEFORE = "before", _("Before")
    AFTER = "after", _("After")
    EVIDENCE = "evidence", _("Evidence")


class PersonKind(models.TextChoices):
    """Why a person is attached to a case beside its handler."""

    WATCHER = "watcher", _("Watches")
    NAMED = "named", _("May see the secret case")


class ReminderState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    CLAIMED = "claimed", _("Being delivered")
    DELIVERED = "delivered", _("Delivered")
    DEAD = "dead", _("Given up")


class Light(models.TextChoices):
    """Green in time, yellow when a fifth or less of the limit is left, red overdue, blue closed in time."""

    GREEN = "green", _("In time")
    YELLOW = "yellow", _("Due soon")
    RED = "red", _("Overdue")
    BLUE = "blue", _("Closed in time")
    NONE = "none", _("No limit")
