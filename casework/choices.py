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

    ACCEPT = "accept", _("Acceptance")
    SIGN = "sign", _("Signing")
    FIRST_CONTACT = "first_contact", _("First contact")
    HANDLE = "handle", _("Handling")
    REWORK = "rework", _("Rework")
    REVIEW = "review", _("Review")
    CALLBACK = "callback", _("Callback")
    RETURN = "return", _("Sending back")


class Standing(models.TextChoices):
    """Whether a limit holds today."""

    IN_FORCE = "in_force", _("In force")
    TO_COME = "to_come", _("Not yet in force")
    REPLACED = "replaced", _("Replaced")


class Light(models.TextChoices):
    """Green in time, yellow due soon, red overdue, grey suspended, blue closed in time (casework/lights.py)."""

    GREEN = "green", _("In time")
    YELLOW = "yellow", _("Due soon")
    RED = "red", _("Overdue")
    GREY = "grey", _("Suspended")
    BLUE = "blue", _("Closed in time")
    NONE = "none", _("No limit")


class DeadlineResult(models.TextChoices):
    """How a limit ended; empty while it runs."""

    MET = "met", _("Done in time")
    MISSED = "missed", _("Done late")
    DROPPED = "dropped", _("No longer counts")


class RequestState(models.TextChoices):
    """An extension or a suspension that was asked for."""

    PENDING = "pending", _("Waits for a decision")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    ENDED = "ended", _("Ended")


class WhistleState(models.TextChoices):
    """A call of a department; what is neither answered nor dealt with ends when its case closes."""

    CALLED = "called", _("Called")
    REPORTED_IN = "reported_in", _("Reported in")
    HANDLED = "handled", _("Dealt with")
    RATED = "rated", _("Rated")
    ENDED = "ended", _("Ended with the case")


class WhistleGround(models.TextChoices):
    """The three legitimate cases of 吹哨报到 (domain page 2.3)."""

    RESIDENTS = "residents", _("A pressing matter of residents the subdistrict cannot settle")
    JOINT = "joint", _("Joint enforcement")
    EMERGENCY = "emergency", _("Emergency")


class Rating(models.TextChoices):
    """How the caller rates a department that was called."""

    GOOD = "good", _("Good")
    FAIR = "fair", _("Fair")
    POOR = "poor", _("Poor")
    ABSENT = "absent", _("Did not report in")


class Audience(models.TextChoices):
    """Who is told when something is late."""

    HANDLER = "handler", _("Handler")
    GRID_LEADER = "grid_leader", _("Grid leader")
    COMMUNITY_OFFICER = "community_officer", _("Community officer")
    COMMUNITY_SECRETARY = "community_secretary", _("Community secretary")
    SUBDISTRICT_ADMIN = "subdistrict_admin", _("Subdistrict administrator")
    # Who dispatches and reviews there: grid leader, community officer or subdistrict.
    DESK = "desk", _("Desk of the handling level")
    SHEET_LEADER = "sheet_leader", _("Leader named on the supervision sheet")


class Channel(models.TextChoices):
    """Ways out of the house; the inbox needs none of them."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")
    WECOM = "wecom", _("WeCom group robot")
    DINGTALK = "dingtalk", _("DingTalk group robot")


PERSONAL_CHANNELS = (Channel.EMAIL, Channel.SMS)
ROBOT_CHANNELS = (Channel.WECOM, Channel.DINGTALK)


class MessageState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    CLAIMED = "claimed", _("Being sent")
    SENT = "sent", _("Sent")
    NOTED = "noted", _("Only noted in the log")
    DROPPED = "dropped", _("No longer needed")
    DEAD = "dead", _("Given up")


class Topic(models.TextChoices):
    """What a reminder is about, as far as a person chooses how to hear of it."""

    TURN = "turn", _("My turn, and cases I watch")
    DUE_SOON = "due_soon", _("Due soon")
    LATE = "late", _("Late")
    DECISION = "decision", _("Decisions, supervision and whistle calls")
    SYSTEM = "system", _("Keeping the system")


class Mode(models.TextChoices):
    OFF = "off", _("Not")
    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("Once a day, in the morning")
