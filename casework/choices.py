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


class Unit(models.TextChoices):
    """In what a limit is counted; see casework/deadlines.py."""

    MINUTE = "minute", _("minutes")
    CALENDAR_HOUR = "calendar_hour", _("hours, day and night")
    WORKING_HOUR = "working_hour", _("office hours")
    WORKDAY = "workday", _("workdays")
    CALENDAR_DAY = "calendar_day", _("days")


class Step(models.TextChoices):
    """What a limit is for."""

    SIGN = "sign", _("Signing")
    FIRST_CONTACT = "first_contact", _("First contact")
    HANDLE = "handle", _("Handling")
    REWORK = "rework", _("Rework")
    REVIEW = "review", _("Review")
    CALLBACK = "callback", _("Callback")
    RETURN = "return", _("Sending back")


class Light(models.TextChoices):
    """Green in time, yellow due soon, red overdue, grey suspended, blue closed in time (casework/lights.py)."""

    GREEN = "green", _("In time")
    YELLOW = "yellow", _("Due soon")
    RED = "red", _("Overdue")
    GREY = "grey", _("Suspended")
    BLUE = "blue", _("Closed in time")
    NONE = "none", _("No limit")
