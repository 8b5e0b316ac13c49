"""Sign-in and what a person sees and changes of the own account."""

import base64
from typing import Any

import django_otp
import qrcode
import qrcode.image.svg
from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView, TemplateView
from django.views.i18n import set_language as django_set_language
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from accounts import demo, services
from accounts.forms import ChangePasswordForm, SignInForm, TokenForm
from accounts.middleware import LIMIT_REACHED, SENT_IN_VAIN
from accounts.permissions import needs_second_factor
from core.errors import DomainError

SET_UP_KEY = "second_factor_key"


def set_language_cookie(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


class SignIn(LoginView):
    """Name and password. `next` leads only to pages of this site."""

    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_redirect_url(self) -> str:
        url = super().get_redirect_url()
        return "" if url.startswith(self.request.path) else url

    def form_valid(self, form: SignInForm) -> HttpResponse:
        response = super().form_valid(form)
        chosen = self.request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen in dict(settings.LANGUAGES):
            services.set_language(actor=form.get_user(), language=chosen)
        else:
            set_language_cookie(response, form.get_user().language)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            cast=[part for part in demo.CAST if part.shown] if settings.DEMO else (),
            demo_password=demo.PASSWORD,
            signed_out_by_limit=self.request.session.get(LIMIT_REACHED, False),
            sent_in_vain=self.request.session.get(SENT_IN_VAIN, False),
            idle_minutes=settings.SESSION_IDLE_MINUTES,
            **kwargs,
        )


class SignOut(LogoutView):
    """POST only; forgets the language too, for the next person at this machine."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any]
) -> HttpResponse:
    """What django-axes answers after too many wrong passwords."""
    cool_off = get_cool_off(request)
    minutes = max(1, round(cool_off.total_seconds() / 60)) if cool_off else 0
    return render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class ChangePassword(FormView):
    """A new password; required at the first sign-in. The person's other sessions end."""

    form_class = ChangePasswordForm
    template_name = "accounts/change_password.html"
    success_url = reverse_lazy("portal:home")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user, "request": self.request}

    def form_valid(self, form: ChangePasswordForm) -> HttpResponse:
        services.change_password(actor=form.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, _("Your password is changed. Other devices have been signed out."))
        return super().form_valid(form)


@method_decorator(never_cache, name="dispatch")
class Verify(FormView):
    """The second factor at sign-in."""

    form_class = TokenForm
    template_name = "accounts/verify.html"
    success_url = reverse_lazy("portal:home")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_verified() or not needs_second_factor(request.user):
            return redirect(self.success_url)
        if not django_otp.user_has_device(request.user):
            return redirect("accounts:set_up_device")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: TokenForm) -> HttpResponse:
        device = django_otp.match_token(self.request.user, form.cleaned_data["token"])
        if device is None:
            form.add_error("token", _("The code does not fit. Wait for the next one, then try again."))
            return self.form_invalid(form)
        django_otp.login(self.request, device)
        return super().form_valid(form)


@method_decorator(never_cache, name="dispatch")
class SetUpDevice(FormView):
    """An administrator binds an authenticator; the key waits in the session until a code proves it."""

    form_class = TokenForm
    template_name = "accounts/set_up_device.html"
    success_url = reverse_lazy("portal:home")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # SECURITY: whoever has a device must show it; a password alone never replaces it.
        if not needs_second_factor(request.user) or django_otp.user_has_device(request.user):
            return redirect("accounts:verify")
        request.session.setdefault(SET_UP_KEY, random_hex(20))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        device = TOTPDevice(user=self.request.user, key=self.request.session[SET_UP_KEY])
        picture = qrcode.make(device.config_url, image_factory=qrcode.image.svg.SvgPathImage).to_string()
        secret = base64.b32encode(device.bin_key).decode()
        return super().get_context_data(
            qr_source="data:image/svg+xml;base64," + base64.b64encode(picture).decode(),
            secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
            **kwargs,
        )

    def form_valid(self, form: TokenForm) -> HttpResponse:
        key, token = self.request.session[SET_UP_KEY], form.cleaned_data["token"]
        try:
            device = services.set_up_device(actor=self.request.user, key=key, token=token)
        except DomainError as error:
            form.add_error("token", str(error))
            return self.form_invalid(form)
        del self.request.session[SET_UP_KEY]
        django_otp.login(self.request, device)
        messages.success(self.request, _("The second factor is set up."))
        return super().form_valid(form)


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Chinese or English, kept in a cookie and, for a signed-in person, on the account."""
    response = django_set_language(request)
    language = request.POST.get("language")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        services.set_language(actor=request.user, language=language)
    return response


class Profile(TemplateView):
    """My own data, my posts, and on a phone the way to everything else."""

    template_name = "accounts/profile.html"
    extra_context = {"title": gettext_lazy("My profile")}
