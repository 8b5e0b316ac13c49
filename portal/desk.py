"""On whose desk a case lies: what the home page calls one's work, as one condition in SQL.

It names those who are told of a step (requests_.kinds.to_tell), as far as they can take the next one.
"""

from typing import Any

from django.db.models import Q

from casework.choices import HandlingLevel
from casework.scope import COLUMN_OF_LENGTH
from grids.choices import Duty
from grids.scope import posts_of
from requests_.choices import TicketStatus, TopicStatus
from requests_.permissions import RETURNS_TO_SECRETARY

WITH_HANDLER = (TicketStatus.TO_SIGN, TicketStatus.HANDLING, TopicStatus.IN_HAND)
TO_SORT = (TicketStatus.REPORTED, TicketStatus.TO_DISPATCH)
WAITING = (*TO_SORT, TicketStatus.TO_REVIEW)
SMALL = Q(ticket__category__is_small=True)
FOR_SECRETARY = Q(status=TicketStatus.TO_DISPATCH, ticket__return_count__gte=RETURNS_TO_SECRETARY)

# What lies with whom; each holds within the area of the post.
DESKS = {
    Duty.GRID_LEADER: Q(handling_level=HandlingLevel.GRID)
    & (
        Q(status=TicketStatus.REPORTED) & SMALL
        | Q(status__in=(TicketStatus.TO_DISPATCH, TicketStatus.TO_REVIEW))
    )
    & ~FOR_SECRETARY,
    Duty.COMMUNITY_OFFICER: Q(status=TicketStatus.TO_CALL_BACK)
    | Q(status__in=WAITING, handling_level=HandlingLevel.COMMUNITY) & ~FOR_SECRETARY
    | Q(status__in=WAITING, handling_level=HandlingLevel.GRID) & ~SMALL & ~FOR_SECRETARY,
    Duty.COMMUNITY_SECRETARY: FOR_SECRETARY
    & Q(handling_level__in=(HandlingLevel.GRID, HandlingLevel.COMMUNITY)),
    Duty.SUBDISTRICT_ADMIN: Q(
        status__in=WAITING, handling_level__in=(HandlingLevel.SUBDISTRICT, HandlingLevel.DISTRICT)
    ),
}
# The same of proactive topics: whoever leads one holds it as its handler.
TOPIC_DESKS = {
    Duty.COMMUNITY_OFFICER: Q(status=TopicStatus.TO_TAKE_UP),
    Duty.COMMUNITY_SECRETARY: Q(status__in=(TopicStatus.TO_TAKE_UP, TopicStatus.TO_REVIEW)),
}


def desk_filter(user: Any) -> Q:
    """Open cases that wait for this person: handled by them or their organisation, or asking for their decision."""
    handled = Q(handler_user=user)
    if user.organisation_id:
        handled |= Q(handler_org=user.organisation_id)
    waiting = Q(pk__in=[])
    for post in posts_of(user):
        here = Q(**{COLUMN_OF_LENGTH[len(post.path)]: post.path})
        if desk := DESKS.get(Duty(post.duty)):
            waiting |= Q(kind="ticket") & desk & here
        if desk := TOPIC_DESKS.get(Duty(post.duty)):
            waiting |= Q(kind="topic") & desk & here
    # Nobody reviews the own work.
    own_review = Q(status=TicketStatus.TO_REVIEW) & (handled | Q(ticket__finished_by=user))
    return Q(closed_at__isnull=True) & (handled & Q(status__in=WITH_HANDLER) | waiting & ~own_review)
