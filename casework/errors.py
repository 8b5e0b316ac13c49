"""What can go wrong when a case is changed; every message is fit for the person who reads it."""

from typing import Any

from core.errors import DomainError, NotAllowed, NotOffered, StalePage

__all__ = ["AlreadyDone", "InputMissing", "NotAllowed", "NotOffered", "RuleBroken", "StalePage"]


class RuleBroken(DomainError):
    """A rule of the step does not hold; the sentence names it."""

    status = 400


class InputMissing(DomainError):
    """A required input is empty; `field` names it."""

    status = 400

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(message, field=field)
        self.field = field


class AlreadyDone(DomainError):
    """The same form came twice; nothing was written the second time."""

    status = 200
