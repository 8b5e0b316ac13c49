"""Which entries of the frame are open to whom; the only place of this app that reads roles and duties."""

from typing import Any

from accounts.permissions import sees_every_area, serves_an_organisation
from grids.choices import Duty
from grids.scope import posts_of

# The figures of a whole community: its officers and whoever stands above it.
SUMMARY_DUTIES = frozenset(
    {Duty.COMMUNITY_OFFICER, Duty.COMMUNITY_SECRETARY, Duty.SUBDISTRICT_ADMIN, Duty.LEADER_VIEW}
)


def can_see_cases(user: Any) -> bool:
    """Single cases: through a post or an organisation; not leaders, who see figures, and not administrators."""
    return serves_an_organisation(user) or any(post.duty != Duty.LEADER_VIEW for post in posts_of(user))


def can_see_areas(user: Any) -> bool:
    """The tree of areas: anybody with a post, and the administrators."""
    return sees_every_area(user) or bool(posts_of(user))


def can_see_map(user: Any) -> bool:
    """The map of areas, with the cases one may see; leaders see the areas' lights."""
    return can_see_cases(user) or bool(posts_of(user))


def can_see_summary(user: Any) -> bool:
    """The figures of a community or of what lies above it."""
    return any(post.duty in SUMMARY_DUTIES for post in posts_of(user))


def can_open_admin(user: Any) -> bool:
    """The administration site."""
    return bool(user.is_staff)


def summary_paths(user: Any) -> tuple[str, ...]:
    """Codes of the areas whose figures the person answers for."""
    return tuple(dict.fromkeys(post.path for post in posts_of(user) if post.duty in SUMMARY_DUTIES))
