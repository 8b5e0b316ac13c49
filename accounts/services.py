"""What people change about their own account."""

from binascii import unhexlify

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from core.errors import DomainError, NotAllowed

# A code is good for one step of 30 s before and after, for clocks that drift.
TOLERANCE_STEPS = 1


def set_language(*, actor: User, language: str) -> None:
    """Remembers the language for the person's next sign-in."""
    if actor.language != language:
        actor.language = language
        actor.save(update_fields=["language"])


def change_password(*, actor: User, password: str) -> None:
    """Saves a checked new password. Every other session of the person ends: their hash no longer fits."""
    actor.set_password(password)
    actor.must_change_password = False
    actor.save(update_fields=["password", "must_change_password"])


@transaction.atomic
def set_up_device(*, actor: User, key: str, token: str) -> TOTPDevice:
    """Binds an authenticator to the person after it proved itself with one code.

    `key` is hexadecimal. Raises NotAllowed when the person has a device already, DomainError for a wrong code.
    """
    # SECURITY: the row lock keeps two set-ups from both succeeding; a stolen password must not add a device.
    User.objects.select_for_update().get(pk=actor.pk)
    if TOTPDevice.objects.filter(user=actor, confirmed=True).exists():
        raise NotAllowed(_("A second factor is set up already. A security administrator can remove it."))
    totp = TOTP(unhexlify(key))
    if not totp.verify(int(token), tolerance=TOLERANCE_STEPS):
        raise DomainError(_("The code does not fit. Wait for the next one and check the phone's clock."))
    device = TOTPDevice(
        user=actor,
        name=gettext("Authenticator"),
        key=key,
        confirmed=True,
        tolerance=TOLERANCE_STEPS,
        last_t=totp.t(),
    )
    device.full_clean()
    device.save()
    return device
