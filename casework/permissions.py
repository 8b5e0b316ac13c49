"""Rights over a case that do not depend on its kind; the only place of this app that reads roles."""

from typing import Any

from accounts.permissions import sees_every_area
from grids.choices import Duty
from grids.scope import posts_of


def can_note(user: Any) -> bool:
    """Whoever sees a case by their work may write a note; administrators read only."""
    return not sees_every_area(user)


def works_in_an_area(user: Any) -> bool:
    """Whether cases come to this person by an area, not only by being dispatched to an organisation."""
    return any(post.duty != Duty.LEADER_VIEW for post in posts_of(user))
