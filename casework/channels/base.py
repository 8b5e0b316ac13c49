"""What every channel shares: the letter, the two ways it can fail, and text that stays on its line."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from core.errors import DomainError

MAX_SUBJECT = 100
MAX_LINE = 300


class ChannelError(DomainError):
    """The letter was not taken. The reason is short and fit for an administrator.

    SECURITY: never build a reason from a library's exception or from the other side's answer; both may quote the
    address, and the address of a robot is its secret.
    """


class TryLater(ChannelError):
    """Nothing is wrong with the letter; the same attempt may succeed later.

    `after`: a rate limit, it costs the letter no try and says how long to wait; for nothing else.
    `is_of_one`: the server takes letters, only not for this recipient now; otherwise it takes none for a while.
    """

    status = 503

    def __init__(self, reason: Any, after: timedelta | None = None, *, is_of_one: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        self.is_of_one = is_of_one


class GiveUp(ChannelError):
    """The same attempt will fail again until somebody changes an address, a secret or a setting."""


@dataclass(frozen=True)
class Line:
    """One line of a letter; `url` is the http(s) address of the page it speaks of."""

    text: str
    url: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", one_line(self.text, MAX_LINE))
        if self.url and not _is_web_address(self.url):
            raise ValueError("the address of a line is not a plain http address")


@dataclass(frozen=True)
class Letter:
    """What is to be told. `key` is unique to the message and stays the same when it is sent again.

    `subject` says number and matter and is complete by itself (a text message holds nothing else). `urgent` marks it.
    `more` counts what belongs to it beside its lines; `rest_url` is the page that lists all of it.
    Nobody's name, phone or address belongs in a letter: it leaves the house.
    """

    key: str
    subject: str
    lines: tuple[Line, ...] = ()
    urgent: bool = False
    more: int = 0
    rest_url: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", one_line(self.subject, MAX_SUBJECT))

    @property
    def headline(self) -> str:
        """The subject, marked when urgent."""
        return _("Urgent: %(subject)s") % {"subject": self.subject} if self.urgent else self.subject


def one_line(text: str, limit: int) -> str:
    """The text on one line of at most `limit` characters, without control characters and marks of direction."""
    return Truncator(" ".join("".join(map(_harmless, str(text))).split())).chars(limit)


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    # Half a surrogate pair cannot be encoded; the joiner (U+200D) holds emoji together and turns nothing round.
    return "" if category == "Cs" or (category == "Cf" and character != "\u200d") else character


def _is_web_address(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https") and all("!" <= c <= "~" for c in url)
