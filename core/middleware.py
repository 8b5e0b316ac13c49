"""Guards at the door: text PostgreSQL cannot hold, keys that are none, and domain errors that no view caught."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core.errors import DomainError


class CookieGuardMiddleware:
    """Forgets cookies that hold NUL, as a quoted one may; stands before all that look anything up by a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # SECURITY: PostgreSQL raises on NUL; without this a crafted session cookie is a 500.
        for name in [name for name, value in request.COOKIES.items() if "\x00" in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)


class InputGuardMiddleware:
    """Answers 400 with a page when the query string holds NUL, which no database column accepts.

    Form fields refuse NUL themselves, with the message beside the field; addresses and filters have no form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # SECURITY: PostgreSQL raises on NUL; without this a crafted link is a 500.
        if "\x00" in request.path or any("\x00" in v for vs in request.GET.lists() for v in [vs[0], *vs[1]]):
            return error_page(
                request, status=400, message=_("The address holds characters that cannot be used.")
            )
        return self.get_response(request)


class DomainErrorMiddleware:
    """Turns a `DomainError` that reached the top into a page with its sentence and status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return error_page(request, status=exception.status, message=str(exception))
        return None


class AdminInputMiddleware:
    """Answers 400 where Django's administration hands a forged key or year on, and the layer below raises."""

    NOT_A_VALUE = re.compile("expected a number but got|int too large to convert")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match = request.resolver_match
        if (
            match is None
            or match.app_name != "admin"
            or not isinstance(exception, ValueError | OverflowError)
        ):
            return None
        if not self.NOT_A_VALUE.search(str(exception)):
            return None
        message = _("The form or the address holds a value that cannot be used.")
        return error_page(request, status=400, message=message)


def error_page(request: HttpRequest, *, status: int, message: str) -> HttpResponse:
    """The one page for refusals."""
    return render(request, "portal/error_message.html", {"status": status, "message": message}, status=status)
