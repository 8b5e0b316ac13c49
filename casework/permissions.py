"""Rights over a case that do not depend on its kind; the only place of this app that reads roles."""

from typing import Any

from casework.registry import kind_of
from grids.choices import Duty
from grids.scope import holds, posts_of

OFFICERS_UPWARDS = (Duty.COMMUNITY_OFFICER, Duty.COMMUNITY_SECRETARY, Duty.SUBDISTRICT_ADMIN)


def is_final(case: Any) -> bool:
    """Whether nothing is added to the case any more: it is archived, cancelled or otherwise at its end."""
    return case.status in kind_of(case.kind).workflow.terminal


def can_see_deliveries(user: Any, case: Any) -> bool:
    """Who was written to about a case: its community's officers and whoever stands above them."""
    return holds(user, OFFICERS_UPWARDS, case.path)


def works_in_an_area(user: Any) -> bool:
    """Whether cases come to this person by an area, not only by being dispatched to an organisation."""
    return any(post.duty != Duty.LEADER_VIEW for post in posts_of(user))


def is_handler(user: Any, case: Any) -> bool:
    """Whether the case stands with this person or with their organisation."""
    if case.handler_user_id:
        return bool(case.handler_user_id == user.pk)
    return bool(case.handler_org_id and case.handler_org_id == user.organisation_id)


def can_see_whistles(user: Any) -> bool:
    """The list of whistle calls: the offices of communities and whoever stands above them."""
    return any(post.duty in OFFICERS_UPWARDS for post in posts_of(user))
