"""How a person hears of what, outside of the inbox: read with the defaults filled in, saved by one writer."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import set_email
from casework.channels.sms import gateway
from casework.choices import PERSONAL_CHANNELS, Mode, Topic
from casework.errors import RuleBroken
from casework.models import Preference
from casework.outbox import DEFAULT_MODES, mode_for, modes_of

# A topic and a channel.
Cell = tuple[str, str]
CELLS: tuple[Cell, ...] = tuple((topic, channel) for topic in Topic for channel in PERSONAL_CHANNELS)


def modes_for(user: Any) -> dict[Cell, str]:
    """How the person hears of each topic through each channel, by choice or by default; one query."""
    chosen = modes_of([user.pk])
    return {cell: mode_for(chosen, user.pk, *cell) for cell in CELLS}


@transaction.atomic
def save_preferences(*, actor: Any, modes: Mapping[Cell, str], email: str) -> None:
    """Saves what the person chose and the own address, all or nothing; what equals the default needs no row.

    Cells left out stay as they are. Raises RuleBroken for a topic, channel or mode nobody knows, ValidationError for
    an address that is none.
    """
    if not set(modes) <= set(CELLS) or not set(modes.values()) <= set(Mode.values):
        raise RuleBroken(_("This cannot be chosen."))
    # Two pages saved at once are saved one after the other, never half of each.
    User.objects.select_for_update().get(pk=actor.pk)
    set_email(actor=actor, email=email)
    own = Preference.objects.filter(user_id=actor.pk)
    rows = []
    for (topic, channel), mode in modes.items():
        if mode == DEFAULT_MODES.get((topic, channel), Mode.OFF):
            own.filter(topic=topic, channel=channel).delete()
        else:
            rows.append(Preference(user_id=actor.pk, topic=topic, channel=channel, mode=mode))
    Preference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "topic", "channel"], update_fields=["mode"]
    )


def sends_text_messages() -> bool:
    """Whether this installation has a carrier; without one text messages are only noted in the log."""
    return gateway().is_carrier
