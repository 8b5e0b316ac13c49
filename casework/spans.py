"""How long a limit is, in words: “3 workdays”."""

from typing import Any

from django.utils.translation import ngettext_lazy

from casework.choices import Unit

WORDS = {
    Unit.MINUTE: ngettext_lazy("%(n)d minute", "%(n)d minutes", "n"),
    Unit.CALENDAR_HOUR: ngettext_lazy("%(n)d hour, day and night", "%(n)d hours, day and night", "n"),
    Unit.WORKING_HOUR: ngettext_lazy("%(n)d office hour", "%(n)d office hours", "n"),
    Unit.WORKDAY: ngettext_lazy("%(n)d workday", "%(n)d workdays", "n"),
    Unit.CALENDAR_DAY: ngettext_lazy("%(n)d day", "%(n)d days", "n"),
}


def span(amount: int, unit: str) -> str:
    """An amount of a unit. ValueError for a unit nobody knows."""
    words: Any = WORDS[Unit(unit)]
    return str(words % {"n": amount})
