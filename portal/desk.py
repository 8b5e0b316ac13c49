"""On whose desk a case lies: what the home page calls one's work, as one condition in SQL.

It names those who are told of a step (requests_.kinds.to_tell), as far as they can take the next one.
"""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.choices import Role
from accounts.permissions import takes_cases_on
from casework.choices import HandlingLevel, WhistleState
from casework.models import Supervision, Suspension, WhistleCall
from casework.scope import COLUMN_OF_LENGTH
from grids.choices import Duty
from grids.scope import posts_of
from requests_.choices import PendingRequest, TicketSource, TicketStatus, TopicStatus
from requests_.permissions import WITHIN_COMMUNITY

WITH_HANDLER = (TicketStatus.TO_SIGN, TicketStatus.HANDLING, TopicStatus.IN_HAND)
TO_SORT = (TicketStatus.REPORTED, TicketStatus.TO_DISPATCH)
WAITING = (*TO_SORT, TicketStatus.TO_REVIEW)
SMALL = Q(ticket__category__is_small=True)
WITHIN = Q(handling_level__in=WITHIN_COMMUNITY)
AT_GRID = Q(handling_level=HandlingLevel.GRID)
# What a grid leader did is reviewed by the office too.
BY_LEADER = Q(status=TicketStatus.TO_REVIEW, ticket__finished_by__role=Role.GRID_LEADER)
FROM_HOTLINE = Q(ticket__source=TicketSource.HOTLINE) | ~Q(ticket__external_number="")
# A secret ticket lies with those of the office who see it.
SECRET = Q(is_secret=True) & (
    Q(status__in=(TicketStatus.REPORTED, TicketStatus.TO_CALL_BACK)) | Q(status__in=WAITING) & WITHIN
)
# What waits for a decision, as requests_/permissions.py gives it: the first extension and what 12345 did not send to
# the secretary within the community, any to the subdistrict.
EXTENSION = Q(status=TicketStatus.HANDLING, ticket__pending_request=PendingRequest.EXTENSION)
SUSPENSION = Q(status=TicketStatus.HANDLING, ticket__pending_request=PendingRequest.SUSPENSION)
FOR_SECRETARY = Q(status=TicketStatus.TO_DISPATCH, ticket__is_for_secretary=True)

# What lies with whom; each holds within the area of the post.
DESKS = {
    Duty.GRID_LEADER: AT_GRID
    & (
        Q(status=TicketStatus.REPORTED) & SMALL
        | Q(status__in=(TicketStatus.TO_DISPATCH, TicketStatus.TO_REVIEW))
    )
    & ~FOR_SECRETARY,
    Duty.COMMUNITY_OFFICER: Q(status=TicketStatus.TO_CALL_BACK)
    | Q(status=TicketStatus.REPORTED) & ~AT_GRID
    | Q(status__in=WAITING, handling_level=HandlingLevel.COMMUNITY) & ~FOR_SECRETARY
    | Q(status__in=WAITING) & AT_GRID & (~SMALL | BY_LEADER) & ~FOR_SECRETARY
    | SECRET & ~FOR_SECRETARY,
    Duty.COMMUNITY_SECRETARY: WITHIN
    & (FOR_SECRETARY | EXTENSION & Q(ticket__extension_count=0) | SUSPENSION & ~FROM_HOTLINE)
    | SECRET,
    Duty.SUBDISTRICT_ADMIN: Q(status__in=(TicketStatus.TO_DISPATCH, TicketStatus.TO_REVIEW)) & ~WITHIN
    | EXTENSION
    | SUSPENSION,
}
# The same of proactive topics: whoever leads one holds it as its handler.
TOPIC_DESKS = {
    Duty.COMMUNITY_OFFICER: Q(status=TopicStatus.TO_TAKE_UP),
    Duty.COMMUNITY_SECRETARY: Q(status__in=(TopicStatus.TO_TAKE_UP, TopicStatus.TO_REVIEW)),
}
# A suspended case is looked at again by the office of the community.
REVIEWERS = (Duty.COMMUNITY_OFFICER, Duty.COMMUNITY_SECRETARY)
# Who may be named on a supervision sheet (requests_/selectors.py).
LEADERS = (*REVIEWERS, Duty.SUBDISTRICT_ADMIN)
# Whoever blew the whistle rates the department, as far as they still command the case.
CALLERS = {Duty.COMMUNITY_SECRETARY: WITHIN, Duty.SUBDISTRICT_ADMIN: Q()}


def desk_filter(user: Any, now: datetime | None = None) -> Q:
    """Open cases that wait for this person: handled by them or their organisation, or asking for their decision.

    Every alternative names an area, a handler or keys, so that each is found by an index of open cases.
    """
    handled = Q(handler_user=user)
    if user.organisation_id:
        handled |= Q(handler_org=user.organisation_id)
    today = timezone.localtime(now).date()
    waiting = Q(pk__in=[])
    for post in posts_of(user):
        duty, here = Duty(post.duty), Q(**{COLUMN_OF_LENGTH[len(post.path)]: post.path})
        waiting |= Q(kind="ticket") & _desk(user, duty, today) & here
        if topics := TOPIC_DESKS.get(duty):
            waiting |= Q(kind="topic") & topics & here
    # Nobody reviews the own work or grants oneself more time.
    own = Q(status=TicketStatus.TO_REVIEW) & (handled | Q(ticket__finished_by=user)) | EXTENSION & handled
    at_work = handled & Q(status__in=WITH_HANDLER) | waiting & ~own | Q(pk__in=_called(user))
    return Q(closed_at__isnull=True) & at_work


def _desk(user: Any, duty: Duty, today: date) -> Q:
    """What lies with the holder of a post, and what lies there with this person by name."""
    desk = DESKS.get(duty, Q(pk__in=[]))
    if duty in REVIEWERS:
        due = Suspension.objects.in_force().filter(review_on__lte=today)
        desk |= Q(status=TicketStatus.SUSPENDED, pk__in=due.values("case_id"))
    if duty in LEADERS:
        sheets = Supervision.objects.filter(lifted_at__isnull=True, leader=user)
        desk |= Q(is_supervised=True, pk__in=sheets.values("case_id"))
    if duty in CALLERS:
        answered = WhistleCall.objects.filter(state=WhistleState.HANDLED, called_by=user)
        desk |= CALLERS[duty] & Q(pk__in=answered.values("case_id"))
    return desk


def _called(user: Any) -> list[int]:
    """Keys of the cases whose whistle called the person's department, until it has dealt with them."""
    if not takes_cases_on(user):
        return []
    calls = WhistleCall.objects.filter(
        organisation=user.organisation_id, state__in=(WhistleState.CALLED, WhistleState.REPORTED_IN)
    )
    return list(calls.values_list("case_id", flat=True))
