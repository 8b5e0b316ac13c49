"""Text messages: a small interface that an operator fills with the gateway of a carrier.

A gateway is a class without arguments, named by the setting SMS_GATEWAY; docs/operations.md shows one.
"""

import logging
import re
from abc import ABC, abstractmethod

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from casework.channels.base import GiveUp, Letter
from core.masking import mask_phone

logger = logging.getLogger(__name__)
# What a carrier counts as one message, in units of UTF-16: an emoji is two.
MAX_TEXT = 70
MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)
# Carriers read the first 【…】 as the signature; there may be no other.
NO_BRACKETS = str.maketrans("【】", "[]")


class SmsGateway(ABC):
    """The way to a carrier."""

    # Off for a gateway behind which there is no carrier: its messages are never called sent.
    is_carrier = True

    @abstractmethod
    def send(self, *, phone: str, text: str) -> None:
        """Hands the text over; returns when the carrier took it, otherwise raises `TryLater` or `GiveUp`.

        `phone` has eleven digits; `text` has at most seventy characters and begins with the signature.
        """


class LoggingSms(SmsGateway):
    """Sends nothing and says so in the log; for sites without a carrier."""

    is_carrier = False

    def send(self, *, phone: str, text: str) -> None:
        # SECURITY: neither the whole number nor the words reach the log.
        logger.info("text message of %d characters to %s not sent: no gateway", len(text), mask_phone(phone))


def gateway() -> SmsGateway:
    """The configured gateway."""
    made: SmsGateway = import_string(settings.SMS_GATEWAY)()
    return made


def send_sms(*, to: str, letter: Letter) -> bool:
    """Sends the subject of the letter to a mobile phone; False when there is no carrier and it was only noted.

    Raises `TryLater` or `GiveUp`.
    """
    found = MOBILE.fullmatch(re.sub(r"[\s-]", "", to))
    if found is None:
        raise GiveUp(_("This is not a mobile phone number."))
    way = gateway()
    way.send(phone=found[1], text=compose(letter))
    return way.is_carrier


def compose(letter: Letter) -> str:
    """Signature and headline, cut at what a carrier counts as one message."""
    text = f"【{settings.SMS_SIGNATURE}】{letter.headline.translate(NO_BRACKETS)}"
    if _units(text) <= MAX_TEXT:
        return text
    while _units(text) >= MAX_TEXT:
        text = text[:-1]
    return f"{text}…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
