"""How the topics of reminders look and what they are called where there is little room."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.choices import Topic


@dataclass(frozen=True)
class Look:
    """A word, an icon beside it, and a sentence that says what belongs to the topic."""

    word: Any
    icon: str
    meaning: Any


LOOKS: Mapping[str, Look] = {
    Topic.TURN: Look(
        _("Turn"), "user-check", _("A case now waits for you, or one that you watch went on a step.")
    ),
    Topic.DUE_SOON: Look(_("Due soon"), "hourglass", _("A limit runs out within the next workday.")),
    Topic.LATE: Look(_("Late"), "clock-exclamation", _("A limit has passed, or nobody has signed yet.")),
    Topic.DECISION: Look(
        _("Decision"),
        "gavel",
        _("Extensions, suspensions, supervision sheets and whistle calls that concern you."),
    ),
    Topic.SYSTEM: Look(
        _("System"), "settings", _("What keeps the system right, such as a missing calendar.")
    ),
}
