"""Error pages in the site's look. They use no context processor and no database: both may be what failed."""

from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

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
    text = _(
        "Nothing was saved by this step. Try again in a moment; if it stays, tell the system administrator."
    )
    return _page(500, _("Something went wrong"), text)
