"""Error pages in the site's look. They use no context processor and no database: both may be what failed."""

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core.patience import AWAY

RETRY_SECONDS = 30
TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def _page(status: int, title: str, text: str) -> HttpResponse:
    context = {"status": status, "title": title, "text": text}
    return HttpResponse(render_to_string("portal/error.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, TOO_BIG):
        return _page(
            413, _("Too much at once"), _("The form or its files are too large. Send fewer or smaller files.")
        )
    return _page(400, _("This request cannot be read"), _("Go back, check what you entered and try again."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = _("Your account may not do this. Ask the community office if you need it for your work.")
    return _page(403, _("Not allowed"), text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _(
        "The form was open too long or cookies are off. Go back, reload the page and send the form again."
    )
    return _page(403, _("The form has expired"), text)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = _("The address is wrong, or what it showed is outside your area.")
    return _page(404, _("Not found"), text)


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """Django calls it while the exception is in hand, wherever it came from, middleware included."""
    if isinstance(sys.exc_info()[1], AWAY):
        return service_unavailable(request)
    text = _(
        "Nothing was saved by this step. Try again in a moment; if it stays, tell the system administrator."
    )
    return _page(500, _("Something went wrong"), text)


def service_unavailable(request: HttpRequest) -> HttpResponse:
    """A server behind the site does not answer, or somebody else holds what this step needs for too long."""
    if request.method in ("GET", "HEAD"):
        text = _("The database does not answer at the moment. Wait a minute, then reload this page.")
    else:
        text = _(
            "The database does not answer at the moment; what you sent was probably not saved. Wait a minute, then"
            " reload this page to send it again, or go back: what you entered is still there."
        )
    if request.headers.get("HX-Request") == "true":
        # Shown in the place of the fragment that was asked for (htmx-config in base.html).
        fragment = format_html('<div class="alert alert-warning" role="alert">{}</div>', text)
        response = HttpResponse(fragment, status=503)
    else:
        response = _page(503, _("The site is busy"), text)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
