"""Errors of the domain: each carries a sentence fit for the user, views turn them into pages in one place."""

from typing import Any


class DomainError(Exception):
    """A rule refused the request. `str(error)` is the translated sentence; `status` the HTTP answer."""

    status = 400

    def __init__(self, message: Any, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The person may see the object but not do this to it."""

    status = 403


class NotOffered(DomainError):
    """The step does not exist in the object's present state."""

    status = 409


class StalePage(DomainError):
    """Somebody changed the object after the page was loaded."""

    status = 409
