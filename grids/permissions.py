"""Who may change areas, posts and the calendar. The only place of this app that reads roles and duties for a verb."""

from typing import TYPE_CHECKING, Any

from accounts.choices import Role
from accounts.permissions import sees_every_area
from grids.choices import CODE_LENGTH, Duty, Level
from grids.scope import holds, posts_of

if TYPE_CHECKING:
    from grids.models import Area

# They keep the division into grids: the community's secretary below the community, the subdistrict below itself.
KEEPERS = frozenset({Duty.COMMUNITY_SECRETARY.value, Duty.SUBDISTRICT_ADMIN.value})


def can_keep_areas(user: Any) -> bool:
    """Whether import and export of boundaries are offered at all."""
    return user.role == Role.SYSTEM_ADMIN or any(post.duty in KEEPERS for post in posts_of(user))


def can_change_area(user: Any, code: str) -> bool:
    """Outline, name and places of the area with this code."""
    return user.role == Role.SYSTEM_ADMIN or holds(user, KEEPERS, code)


def can_reshape(user: Any, area: "Area") -> bool:
    """Split or merge: decided one level above the area."""
    return area.parent_id is not None and can_change_area(user, area.code[: len(area.parent.code)])


def can_keep_calendar(user: Any) -> bool:
    """Workdays and days off hold for everybody: only who keeps the installation changes them."""
    return bool(user.role == Role.SYSTEM_ADMIN)


def can_see_coverage(user: Any) -> bool:
    """Whether everybody is covered is a question for those who answer for a community or more."""
    return sees_every_area(user) or any(
        len(post.path) <= CODE_LENGTH[Level.COMMUNITY] for post in posts_of(user)
    )
