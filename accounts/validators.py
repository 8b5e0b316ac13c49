"""Password rules beyond Django's own (classified protection asks for mixed characters)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# What the sign-in page takes; a longer password could be set and never be entered again.
PASSWORD_MAX_LENGTH = 128


class MaximumLengthValidator:
    """No longer than the sign-in page takes."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > PASSWORD_MAX_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return _("Use at most %(n)s characters.") % {"n": PASSWORD_MAX_LENGTH}


class MixedCharactersValidator:
    """At least one letter and one digit or sign."""

    def validate(self, password: str, user: Any = None) -> None:
        if not any(c.isalpha() for c in password) or not any(not c.isalpha() for c in password):
            raise ValidationError(self.get_help_text(), code="password_not_mixed")

    def get_help_text(self) -> str:
        return _("Use letters together with digits or signs.")
