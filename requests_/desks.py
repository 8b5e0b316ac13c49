"""On whose desk a ticket or a topic lies, as tables (domain page 12.5); read by casework/desks.py.

Where nobody holds the first post the next one takes its place, up to the subdistrict and back to the community office:
no open case lies with nobody.
"""

from django.db.models import Q

from casework.choices import HandlingLevel
from casework.desks import has_nobody
from casework.registry import Desk
from grids.choices import Duty
from requests_.choices import PendingRequest, TicketSource, TopicStatus
from requests_.choices import TicketStatus as S
from requests_.permissions import WITHIN_COMMUNITY

LEADER, OFFICER = Duty.GRID_LEADER, Duty.COMMUNITY_OFFICER
SECRETARY, STREET = Duty.COMMUNITY_SECRETARY, Duty.SUBDISTRICT_ADMIN
# Who holds a desk, and who when nobody does.
BY_OFFICE = ((OFFICER,), (SECRETARY,), (STREET,))
BY_LEADER = ((LEADER,), *BY_OFFICE)
BY_BOTH = ((LEADER, OFFICER), (SECRETARY,), (STREET,))
BY_SECRETARY = ((SECRETARY,), (STREET,), (OFFICER,))
BY_STREET = ((STREET,), (SECRETARY,), (OFFICER,))
# A secret ticket lies with those of the office who see it.
BY_ALL_OF_THE_OFFICE = ((OFFICER, SECRETARY), (STREET,))

HANDLER = ("handler_user", "handler_org")
# Nobody reviews what they handled or finished, or grants themselves more time.
DOER = (*HANDLER, "ticket__finished_by")

OPEN_TO_ALL, SECRET = Q(is_secret=False), Q(is_secret=True)
SMALL = Q(ticket__category__is_small=True)
WITHIN = Q(handling_level__in=WITHIN_COMMUNITY)
AT_GRID, AT_COMMUNITY = (Q(handling_level=level) for level in (HandlingLevel.GRID, HandlingLevel.COMMUNITY))
FOR_SECRETARY = Q(ticket__is_for_secretary=True) & WITHIN
# What a grid leader did is reviewed by the office too.
DONE_BY_LEADER = Q(ticket__finished_by__role=LEADER)
FROM_HOTLINE = Q(ticket__source=TicketSource.HOTLINE) | ~Q(ticket__external_number="")
EXTENSION = Q(status=S.HANDLING, ticket__pending_request=PendingRequest.EXTENSION)
SUSPENSION = Q(status=S.HANDLING, ticket__pending_request=PendingRequest.SUSPENSION)
REPORTED, TO_DISPATCH, TO_REVIEW, TO_CALL_BACK = (
    Q(status=status) for status in (S.REPORTED, S.TO_DISPATCH, S.TO_REVIEW, S.TO_CALL_BACK)
)
FIRST_EXTENSION = EXTENSION & WITHIN & Q(ticket__extension_count=0)
OWN_SUSPENSION = SUSPENSION & WITHIN & ~FROM_HOTLINE

TICKET_DESKS = (
    # Whatever its level, the community accepts it; small matters of a grid its leader.
    Desk(REPORTED & AT_GRID & SMALL & OPEN_TO_ALL, BY_LEADER),
    Desk(REPORTED & ~(AT_GRID & SMALL) & OPEN_TO_ALL, BY_OFFICE),
    Desk(REPORTED & SECRET, BY_ALL_OF_THE_OFFICE),
    # Sent back often, the secretary decides who handles it.
    Desk(TO_DISPATCH & FOR_SECRETARY, BY_SECRETARY),
    Desk(TO_DISPATCH & ~FOR_SECRETARY & AT_GRID & SMALL & OPEN_TO_ALL, BY_LEADER),
    Desk(TO_DISPATCH & ~FOR_SECRETARY & AT_GRID & ~SMALL & OPEN_TO_ALL, BY_BOTH),
    Desk(TO_DISPATCH & ~FOR_SECRETARY & AT_COMMUNITY & OPEN_TO_ALL, BY_OFFICE),
    Desk(TO_DISPATCH & ~FOR_SECRETARY & WITHIN & SECRET, BY_ALL_OF_THE_OFFICE),
    Desk(TO_DISPATCH & ~WITHIN, BY_STREET),
    # Whose handler no longer acts is given to somebody else.
    Desk(Q(status__in=(S.TO_SIGN, S.HANDLING)) & has_nobody() & WITHIN, BY_OFFICE),
    Desk(Q(status__in=(S.TO_SIGN, S.HANDLING)) & has_nobody() & ~WITHIN, BY_STREET),
    # The first extension and what 12345 did not send are the secretary's within the community; the subdistrict may too.
    Desk(FIRST_EXTENSION, BY_SECRETARY, also=(STREET,), own=HANDLER),
    Desk(EXTENSION & ~FIRST_EXTENSION, BY_STREET, own=HANDLER),
    Desk(OWN_SUSPENSION, BY_SECRETARY, also=(STREET,), own=HANDLER),
    Desk(SUSPENSION & ~OWN_SUSPENSION, BY_STREET, own=HANDLER),
    Desk(TO_REVIEW & AT_GRID & SMALL & ~DONE_BY_LEADER & OPEN_TO_ALL, BY_LEADER, own=DOER),
    Desk(TO_REVIEW & AT_GRID & (~SMALL | DONE_BY_LEADER) & OPEN_TO_ALL, BY_BOTH, own=DOER),
    Desk(TO_REVIEW & AT_COMMUNITY & OPEN_TO_ALL, BY_OFFICE, own=DOER),
    Desk(TO_REVIEW & WITHIN & SECRET, BY_ALL_OF_THE_OFFICE, own=DOER),
    Desk(TO_REVIEW & ~WITHIN, BY_STREET, own=DOER),
    # Whatever its level, the community calls back.
    Desk(TO_CALL_BACK & OPEN_TO_ALL, BY_OFFICE),
    Desk(TO_CALL_BACK & SECRET, BY_ALL_OF_THE_OFFICE),
)
TICKET_HANDLED_IN = (S.TO_SIGN, S.HANDLING)

TOPIC_DESKS = (
    Desk(Q(status=TopicStatus.TO_TAKE_UP), BY_ALL_OF_THE_OFFICE),
    Desk(Q(status=TopicStatus.IN_HAND) & has_nobody(), BY_SECRETARY),
    Desk(Q(status=TopicStatus.TO_REVIEW), BY_SECRETARY, own=("handler_user",)),
)
TOPIC_HANDLED_IN = (TopicStatus.IN_HAND,)
