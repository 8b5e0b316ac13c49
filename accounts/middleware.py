"""Session limits, the forced change of a first password, and the second factor."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from accounts.permissions import needs_second_factor

GetResponse = Callable[[HttpRequest], HttpResponse]
STARTED, SEEN = "session_started_at", "session_seen_at"
# Set in the new, anonymous session, so that the sign-in page can say why.
LIMIT_REACHED = "signed_out_by_limit"
SENT_IN_VAIN = "sent_in_vain"
# How often the last-seen time is written, so that not every page writes the session.
SEEN_EVERY_SECONDS = 60
# What stays open to a person held at the door, beside the public pages.
GATE_FREE = frozenset({"accounts:sign_out", "accounts:verify", "accounts:set_up_device"})
FIRST_CHANGE = "accounts:change_password"


class SessionLimitMiddleware:
    """Ends a session that was idle too long or is too old, and says so on the sign-in page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            started = request.session.setdefault(STARTED, now)
            seen = request.session.get(SEEN, now)
            if (
                now - seen > settings.SESSION_IDLE_MINUTES * 60
                or now - started > settings.SESSION_ABSOLUTE_HOURS * 3600
            ):
                logout(request)
                request.session[LIMIT_REACHED] = True
            elif SEEN not in request.session or now - seen > SEEN_EVERY_SECONDS:
                request.session[SEEN] = now
        return self.get_response(request)


class SignInMiddleware(LoginRequiredMiddleware):
    """Everything asks for sign-in; a fragment asked for by htmx reloads its page instead of swallowing the form.

    Whoever sent a form is told that it was not saved, and comes back to the page of the form: the address it was sent
    to may show nothing.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        if request.headers.get("HX-Request") == "true":
            return HttpResponseClientRefresh()
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        request.session[SENT_IN_VAIN] = True
        page = request.headers.get("Referer", "")
        if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
            return redirect_to_login(reverse("portal:home"))
        return redirect_to_login(urlsplit(page)._replace(scheme="", netloc="").geturl())


class AccountGateMiddleware:
    """Holds a person at the door until the first password is changed and the second factor is shown."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        user = request.user
        match = request.resolver_match
        is_public = not getattr(view, "login_required", True)
        if not user.is_authenticated or is_public or match.view_name in GATE_FREE:
            return None
        if user.must_change_password:
            if match.view_name == FIRST_CHANGE:
                return None
            messages.info(request, _("Please set a password of your own before you begin."))
            return redirect(FIRST_CHANGE)
        if needs_second_factor(user) and not user.is_verified():
            return redirect("accounts:verify")
        return None
