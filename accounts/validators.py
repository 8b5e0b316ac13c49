"""Password rules beyond Django's own (classified protection asks for mixed characters)."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# What the sign-in page takes; a longer password could be set and never be entered again.
PASSWORD_MAX_LENGTH = 128
# What is known of a person, and how much of a password must be something else.
KNOWN_OF_A_PERSON = ("username", "name", "phone", "employee_no", "email")
OWN_CHARACTERS = 6


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


class OwnNameValidator:
    """A name counts for nothing, however often it is repeated: enough must remain without it.

    Django's own check compares lengths, and a name written twice is not similar enough to itself.
    """

    def validate(self, password: str, user: Any = None) -> None:
        rest = _folded(password)
        for known in sorted(_known_of(user), key=len, reverse=True):
            rest = rest.replace(known, "")
        if rest != _folded(password) and sum(c.isalnum() for c in rest) < OWN_CHARACTERS:
            raise ValidationError(self.get_help_text(), code="password_own_name")

    def get_help_text(self) -> str:
        return _(
            "Not only your name, sign-in name, phone or number, however often: add at least %(n)s other characters."
        ) % {"n": OWN_CHARACTERS}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _known_of(user: Any) -> set[str]:
    """What is known of the person, whole and in its parts; pieces of one character are in any password."""
    whole = [_folded(str(getattr(user, field, None) or "")) for field in KNOWN_OF_A_PERSON]
    parts = [part for text in whole for part in re.split(r"\W+", text)]
    return {text for text in (*whole, *parts) if len(text) > 1}
