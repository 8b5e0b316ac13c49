"""Letters by e-mail: plain text, one recipient each, over whatever EMAIL_URL names."""

import contextlib
import hashlib
import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from casework.channels.base import ChannelError, GiveUp, Letter, TryLater

# Replies about our signing in, not about the letter.
LOGIN_REFUSED = (530, 534, 535, 538)


def send_email(*, to: str, letter: Letter) -> None:
    """Hands the letter to the mail server. Raises `TryLater` or `GiveUp`.

    A server that is silent for EMAIL_TIMEOUT seconds may still have taken the letter; sent again it has the same
    Message-ID, by which mail programs recognise the copy.
    """
    try:
        validate_email(to)
    except ValidationError:
        raise GiveUp(_("This is not an e-mail address.")) from None
    failure: ChannelError
    connection = get_connection()
    try:
        connection.open()
        connection.send_messages([_message(to, letter)])
        return
    except smtplib.SMTPRecipientsRefused as error:
        failure = _by_code(next(iter(error.recipients.values()))[0], is_of_one=True)
    except smtplib.SMTPResponseException as error:
        failure = _by_code(error.smtp_code)
    except (smtplib.SMTPServerDisconnected, TimeoutError):
        failure = TryLater(_("The mail server broke off or did not answer in time."))
    except smtplib.SMTPException:
        # What is left: the server lacks what the settings ask for, such as signing in or UTF-8 addresses.
        failure = GiveUp(_("The mail server does not offer what the settings ask for."))
    except OSError:
        failure = TryLater(_("The mail server cannot be reached, or not securely."))
    except ValueError:
        failure = GiveUp(_("This is not an e-mail address."))
    finally:
        # A farewell that fails makes no unsent letter of a sent one.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.close()
    # SECURITY: raised here and not in an `except`, so that no traceback carries the server's words with the address.
    raise failure


def message_id(key: str) -> str:
    """The Message-ID of the letter with this key: always the same, and nothing of the key can be read from it."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _message(to: str, letter: Letter) -> EmailMessage:
    # Header injection: Letter keeps subject and lines on one line each, validate_email knows no line break, the key
    # is hashed, and Django refuses line breaks in headers.
    headers = {
        "Message-ID": message_id(letter.key),
        # Out-of-office programs do not answer to this.
        "Auto-Submitted": "auto-generated",
    }
    if letter.urgent:
        headers["Importance"] = "high"
    body = "\n\n".join("\n".join(filter(None, (line.text, line.url))) for line in letter.lines)
    return EmailMessage(subject=letter.headline, body=f"{body}\n", to=[to], headers=headers)


def _by_code(code: int, *, is_of_one: bool = False) -> ChannelError:
    if code in LOGIN_REFUSED:
        return GiveUp(_("The mail server does not accept our user name and password."))
    if code >= 500:
        return GiveUp(_("The mail server refuses this address or letter for good."))
    return TryLater(_("The mail server refuses the letter for the time being."), is_of_one=is_of_one)
