"""Guards of each request: hidden or unstorable text, keys that are none, domain errors that no view caught."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.texts import clean_text


class CookieGuardMiddleware:
    """Forgets cookies that hold NUL, as a quoted one may; stands before all that look anything up by a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # SECURITY: PostgreSQL raises on NUL; without this a crafted session cookie is a 500.
        for name in [name for name, value in request.COOKIES.items() if "\x00" in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)


class NoStoreMiddleware:
    """No browser and no proxy keeps a page or a picture unless its view says so; static files never come here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class BodyLimitMiddleware:
    """Refuses a body that is too large for its address, by its declared length and before any of it is read.

    The limits are settings.BODY_LIMITS. A body without a length is empty to Django.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # SECURITY: stands before whatever reads the body, the check of the form's token among them.
        length = _declared_length(request)
        if length <= settings.SIGNED_OUT_MAX_BYTES:
            return self.get_response(request)
        if not request.user.is_authenticated:
            message = _("You are not signed in, and what was sent is too large to be read. Sign in first.")
            return error_page(request, status=413, message=message)
        limit = settings.BODY_LIMITS.get(_view_name(request), settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        if length <= limit:
            return self.get_response(request)
        message = _(
            "What was sent is larger than this page takes (%(limit)s MB). Send less text or fewer files."
        )
        return error_page(request, status=413, message=message % {"limit": limit // 1024**2})


def _declared_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _view_name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


class InputGuardMiddleware:
    """Every text a person sends passes here: what nobody sees is dropped (`core.texts`), in addresses and in forms.

    Answers 400 with a page when the address holds NUL, which no database column accepts. Form fields refuse NUL
    themselves, with the message beside the field; addresses and filters have no form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # SECURITY: PostgreSQL raises on NUL; without this a crafted link is a 500.
        if "\x00" in request.path or any("\x00" in v for vs in request.GET.lists() for v in [vs[0], *vs[1]]):
            return error_page(
                request, status=400, message=_("The address holds characters that cannot be used.")
            )
        request.GET = _cleaned(request.GET)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Forms are read after the guard against forged ones has looked at them."""
        if request.method == "POST":
            request.POST = _cleaned(request.POST)


def _cleaned(sent: QueryDict) -> QueryDict:
    """The same with each text cleaned; a text with NUL is left for its field to refuse."""
    clean = QueryDict(mutable=True, encoding=sent.encoding)
    for name, values in sent.lists():
        clean.setlist(name, [value if "\x00" in value else clean_text(value) for value in values])
    clean._mutable = False
    return clean


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
