"""Words of a ticket (工单) and of a proactive topic (未诉先办专题)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TicketStatus(models.TextChoices):
    REPORTED = "reported", _("To be accepted")
    TO_DISPATCH = "to_dispatch", _("To be dispatched")
    TO_SIGN = "to_sign", _("To be signed for")
    HANDLING = "handling", _("Being handled")
    SUSPENDED = "suspended", _("Suspended")
    TO_REVIEW = "to_review", _("To be reviewed")
    TO_CALL_BACK = "to_call_back", _("To be called back")
    CLOSED = "closed", _("Closed")
    ARCHIVED = "archived", _("Archived")
    DECLINED = "declined", _("Declined")
    MERGED = "merged", _("Merged")
    CANCELLED = "cancelled", _("Cancelled")


CLOSED_STATUSES = frozenset(
    {
        TicketStatus.CLOSED.value,
        TicketStatus.ARCHIVED.value,
        TicketStatus.DECLINED.value,
        TicketStatus.MERGED.value,
        TicketStatus.CANCELLED.value,
    }
)
PAUSED_STATUSES = frozenset({TicketStatus.SUSPENDED.value})
TERMINAL_STATUSES = CLOSED_STATUSES - {TicketStatus.CLOSED.value}
# Closed after being handled; the other closed statuses are not counted as work done.
HANDLED_STATUSES = frozenset({TicketStatus.CLOSED.value, TicketStatus.ARCHIVED.value})


class TopicStatus(models.TextChoices):
    """The life of a proactive topic (未诉先办专题)."""

    TO_TAKE_UP = "to_take_up", _("To be taken up")
    IN_HAND = "in_hand", _("In hand")
    TO_REVIEW = "to_review", _("To be reviewed")
    CLOSED = "closed", _("Closed")
    DISMISSED = "dismissed", _("Dismissed")


TOPIC_CLOSED_STATUSES = frozenset({TopicStatus.CLOSED.value, TopicStatus.DISMISSED.value})


class TicketSource(models.TextChoices):
    PATROL = "patrol", _("Grid patrol")
    VISIT = "visit", _("Home visit")
    WALK_IN = "walk_in", _("Walk-in")
    HOTLINE = "hotline", _("12345 hotline")
    APP = "app", _("Mini-programme")
    LEADER = "leader", _("Leader's order")
    MEDIA = "media", _("Media")
    PETITION = "petition", _("Petition")


class TicketType(models.TextChoices):
    CONSULT = "consult", _("Consultation")
    HELP = "help", _("Request for help")
    COMPLAINT = "complaint", _("Complaint")
    WHISTLEBLOWING = "report", _("Report of a violation")
    SUGGESTION = "suggestion", _("Suggestion")


class DeclineReason(models.TextChoices):
    NOT_OURS = "not_ours", _("Not within the community's duties")
    IN_COURT = "in_court", _("In court, arbitration or review already")
    NO_FACTS = "no_facts", _("No facts to act on")
    ANSWERED = "answered", _("Answered at once")
    UNREASONABLE = "unreasonable", _("Against law or public order")


class Solved(models.TextChoices):
    YES = "yes", _("Solved")
    PARTLY = "partly", _("Partly solved")
    NO = "no", _("Not solved")
    NO_ANSWER = "no_answer", _("No answer")


class CalledBy(models.TextChoices):
    """Whose call to the resident a callback records."""

    COMMUNITY = "community", _("The community")
    HOTLINE = "hotline", _("12345")


class Satisfaction(models.TextChoices):
    SATISFIED = "satisfied", _("Satisfied")
    FAIRLY = "fairly", _("Fairly satisfied")
    DISSATISFIED = "dissatisfied", _("Dissatisfied")
    NO_ANSWER = "no_answer", _("No answer")


class PendingRequest(models.TextChoices):
    """What waits for a decision on a ticket; one at a time."""

    EXTENSION = "extension", _("Extension asked for")
    SUSPENSION = "suspension", _("Suspension proposed")
