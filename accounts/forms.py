"""Forms of sign-in, password and second factor."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.validators import MaxLengthValidator, RegexValidator
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

    def clean_new_password1(self) -> str:
        new = self.cleaned_data["new_password1"]
        if new and self.user.check_password(new):
            raise forms.ValidationError(_("The new password must differ from the old one."))
        return new


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
