"""Forms of sign-in, password and second factor."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.validators import MaxLengthValidator, RegexValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.validators import PASSWORD_MAX_LENGTH
from core.forms import StyledForm, StyledMixin


class SignInForm(StyledMixin, AuthenticationForm):
    """One sentence for an unknown name, a wrong password and an inactive account: nobody learns which names exist."""

    error_messages = {
        "invalid_login": _("Name or password is wrong. Check capitals and the input method, then try again."),
        "inactive": _("Name or password is wrong. Check capitals and the input method, then try again."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Django only tells the browser; longer text would reach the lock-out's columns.
        for name, limit in (
            ("username", User._meta.get_field("username").max_length),
            ("password", PASSWORD_MAX_LENGTH),
        ):
            self.fields[name].validators.append(MaxLengthValidator(limit))
            self.fields[name].widget.attrs["maxlength"] = limit


class ChangePasswordForm(StyledMixin, PasswordChangeForm):
    """The old password and the new one twice; the rules stand beside the field."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """SECURITY: asked as at sign-in: who found a signed-in device guesses no more often, and it is written down."""
        old = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=old) is None:
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old

    def clean(self) -> dict[str, Any]:
        # SECURITY: compared with the old password as it was typed, and only when that was right: a comparison with the
        # stored one would answer guesses in the field of the new one, without a limit.
        data: dict[str, Any] = super().clean()
        if data.get("old_password") and data["old_password"] == data.get("new_password1"):
            self.add_error("new_password1", _("The new password must differ from the old one."))
        return data


class TokenForm(StyledForm):
    """The six digits an authenticator shows."""

    token = forms.CharField(
        label=_("Six-digit code"),
        max_length=6,
        validators=[RegexValidator(r"^[0-9]{6}\Z", _("Enter the six digits the app shows."))],
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "pattern": "[0-9]{6}",
            }
        ),
    )
