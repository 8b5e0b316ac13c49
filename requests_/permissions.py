"""Who may do what to a ticket or a topic: capacities computed from posts, the handling level and the handler.

The only place of this app that reads roles and duties. Source: domain page 12.5.
"""

from typing import Any

from accounts.permissions import takes_cases_on
from casework.choices import HandlingLevel, WhistleState
from casework.permissions import is_handler
from grids.choices import CODE_LENGTH, Duty, Level
from grids.scope import codes_served, community_codes, holds, posts_of
from requests_.choices import PendingRequest
from requests_.seen_repeats import seen_number

OFFICERS = (Duty.COMMUNITY_OFFICER, Duty.COMMUNITY_SECRETARY)
WITHIN_COMMUNITY = (HandlingLevel.GRID, HandlingLevel.COMMUNITY)
# The first extension is granted in the community, the second above it; there is no third (domain page 2.2).
EXTENSIONS = 2


def capacities(user: Any, ticket: Any) -> frozenset[str]:
    """The capacities this person has towards this ticket now.

    officer: community officer or secretary of its community; the subdistrict while it has neither.
    accepter: grid leader of its grid for small matters, officer.
    small_settler: grid worker or leader of its own grid, category marked small.
    dispatcher: grid leader (grid level), officer (up to community level), subdistrict; after several returns only
      secretary and subdistrict.
    reassigner: officer, subdistrict. escalator: grid leader (grid level), officer (grid level), secretary
      (community level), subdistrict (subdistrict level). escalation_requester: officer at community level.
    secret_keeper: officer of a secret ticket.
    contacter: handler or officer while the resident was not spoken to.
    extension_requester: handler while nothing waits and not all extensions are used up. extension_decider: the
      secretary for the first within the community, the subdistrict for any; never the handler.
    suspension_proposer: officer who is not the secretary. suspension_decider: the secretary within the community,
      the subdistrict for any and alone for what came from 12345; never the handler. resumer: officer, subdistrict.
    supervisor, whistler: secretary within the community, subdistrict; nobody calls a department to a secret ticket.
    corrector: officer, grid leader at grid level.
    repeat_unlinker: officer of a ticket that was linked to an earlier one, when they see an earlier one.
    called, reported_in: people of a department whose whistle call is in that state. whistle_rater: the caller's side.
    reviewer: grid leader at grid level, officer, subdistrict; never who handled or finished it.
    """
    path, level = ticket.path, ticket.handling_level
    leader = holds(user, (Duty.GRID_LEADER,), path)
    worker = holds(user, (Duty.GRID_WORKER,), path)
    secretary = holds(user, (Duty.COMMUNITY_SECRETARY,), path)
    subdistrict = holds(user, (Duty.SUBDISTRICT_ADMIN,), path)
    officer = holds(user, OFFICERS, path) or (subdistrict and _is_without_office(user, path))
    handler = is_handler(user, ticket)
    at_grid = level == HandlingLevel.GRID
    within_community = level in WITHIN_COMMUNITY
    small = ticket.category.is_small
    waits = ticket.pending_request
    commands = subdistrict or (secretary and within_community)
    called = ticket.whistles.get(str(user.organisation_id), "") if takes_cases_on(user) else ""
    grounds = {
        "handler": handler,
        "officer": officer,
        "accepter": officer or (leader and small),
        "small_settler": small and (leader or worker),
        "dispatcher": subdistrict
        or (within_community and (secretary if ticket.is_for_secretary else officer or (leader and at_grid))),
        "reassigner": subdistrict or (officer and within_community),
        "escalation_requester": officer and not secretary and level == HandlingLevel.COMMUNITY,
        "escalator": (at_grid and (leader or officer))
        or (level == HandlingLevel.COMMUNITY and secretary)
        or (level == HandlingLevel.SUBDISTRICT and subdistrict),
        "reviewer": (officer or subdistrict or (leader and at_grid))
        and not handler
        and ticket.finished_by_id != user.pk,
        "reopener": officer,
        "corrector": officer or (leader and at_grid),
        "secret_keeper": officer and ticket.is_secret,
        "contacter": (handler or officer) and ticket.wants_first_contact,
        "extension_requester": handler and not waits and ticket.extension_count < EXTENSIONS,
        "extension_decider": waits == PendingRequest.EXTENSION
        and not handler
        and (subdistrict or (secretary and within_community and ticket.extension_count == 0)),
        "suspension_proposer": officer and not secretary and not waits,
        "suspension_decider": waits == PendingRequest.SUSPENSION
        and not handler
        and (subdistrict or (secretary and within_community and not ticket.is_from_hotline)),
        "resumer": officer or subdistrict,
        "supervisor": commands and not ticket.is_supervised,
        "supervision_lifter": commands and ticket.is_supervised,
        "whistler": commands and not ticket.is_secret,
        "called": called == WhistleState.CALLED,
        "reported_in": called == WhistleState.REPORTED_IN,
        "whistle_rater": commands
        and not {WhistleState.HANDLED, WhistleState.CALLED}.isdisjoint(ticket.whistles.values()),
        "repeat_unlinker": officer and ticket.repeat_of_id is not None and seen_number(user, ticket) > 1,
    }
    return frozenset(name for name, granted in grounds.items() if granted)


def topic_capacities(user: Any, topic: Any) -> frozenset[str]:
    """The capacities this person has towards this proactive topic now.

    officer: community officer or secretary of its community, the subdistrict while it has neither. lead: who was
      named to lead it. dismisser: the secretary.
    reviewer: the secretary, or the subdistrict for what the secretary leads; never the lead.
    """
    secretary = holds(user, (Duty.COMMUNITY_SECRETARY,), topic.path)
    subdistrict = holds(user, (Duty.SUBDISTRICT_ADMIN,), topic.path)
    lead = topic.handler_user_id == user.pk
    grounds = {
        "officer": holds(user, OFFICERS, topic.path)
        or (subdistrict and _is_without_office(user, topic.path)),
        "lead": lead,
        "reviewer": (secretary or subdistrict) and not lead,
        "dismisser": secretary,
    }
    return frozenset(name for name, granted in grounds.items() if granted)


def _is_without_office(user: Any, path: str) -> bool:
    """Whether nobody holds a post in the office of the community: the subdistrict then acts in its place."""
    return path[: CODE_LENGTH[Level.COMMUNITY]] not in codes_served(user, OFFICERS)


def can_report(user: Any) -> bool:
    """Any staff with a post may report, a micro-grid worker too; figures-only leaders and organisations may not."""
    return any(post.duty != Duty.LEADER_VIEW for post in posts_of(user))


def can_report_in(user: Any, path: str) -> bool:
    """One reports anywhere in the communities one's posts lie in."""
    return can_report(user) and any(path.startswith(code) for code in community_codes(user))


def can_mark_secret(user: Any, path: str) -> bool:
    """Only the officer or secretary of the community decides that a ticket is secret."""
    return holds(user, OFFICERS, path)


def can_reveal(user: Any, ticket: Any) -> bool:
    """Who works on it sees the resident's whole contact, with a reason: handler, reporter, and the desks above it."""
    desks = (Duty.GRID_LEADER, *OFFICERS, Duty.SUBDISTRICT_ADMIN)
    return is_handler(user, ticket) or ticket.reporter_id == user.pk or holds(user, desks, ticket.path)
