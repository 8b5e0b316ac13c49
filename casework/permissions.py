"""Rights over a case that do not depend on its kind; the only place of this app that reads roles."""

from typing import Any

from accounts.permissions import sees_every_area


def can_note(user: Any) -> bool:
    """Whoever sees a case by their work may write a note; administrators read only."""
    return not sees_every_area(user)
