"""The rates of a period, each with what it is taken of and what it says (docs/glossary.md).

Taken of the tickets that were handled and closed since the day of the summary; secret ones are in no figure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Share:
    """A part of a whole; the whole is always shown beside the percentage."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """Rounded; None of nothing."""
        return round(100 * self.part / self.whole) if self.whole else None


NOTHING = Share(0, 0)


@dataclass(frozen=True)
class Rate:
    """A share with its name, and in words what is divided by what."""

    name: Any
    share: Share
    meaning: Any


# Sort of limit (casework/tallies.py) → name of the rate, what is divided by what.
OF_LIMITS: Mapping[str, tuple[Any, Any]] = {
    "acceptance": (
        _("Rate of acceptance in time"),
        _("accepted within their limit ÷ with a limit for acceptance"),
    ),
    "signing": (
        _("Rate of signing in time"),
        _("signed for within the limit each time ÷ with a limit for signing"),
    ),
    "contact": (
        _("Response rate"),
        _("resident contacted within the limit ÷ with a limit for the first contact"),
    ),
    "handling": (
        _("Rate of handling in time"),
        _("handled within the first handling limit ÷ with a handling limit; settled on the spot has none"),
    ),
    "rework": (
        _("Rate of rework in time"),
        _("reworked within the limit each time ÷ with a limit for rework"),
    ),
}


def limit_rates(kept: Mapping[str, Share]) -> Iterator[Rate]:
    """The rates about time, in the order of a ticket's life."""
    for sort, (name, meaning) in OF_LIMITS.items():
        yield Rate(name, kept[sort], meaning)


# Question (requests_/answers.py) → name of the rate by the first and by the last answer, what is divided by what.
OF_ANSWERS: Mapping[str, tuple[Any, Any, Any]] = {
    "solved": (
        _("Rate of solving (first callback)"),
        _("Rate of solving (last callback)"),
        _("said it is solved ÷ reporters who said whether it is; partly solved is not solved"),
    ),
    "satisfied": (
        _("Rate of satisfaction (first callback)"),
        _("Rate of satisfaction (last callback)"),
        _("satisfied or fairly satisfied ÷ reporters who said whether they are"),
    ),
}
WHOLE_OF = {"solved": "answered", "satisfied": "rated"}


def answer_rates(answers: Mapping[str, int]) -> Iterator[Rate]:
    """Solved and satisfied, each by what people said the first and the last time they were asked."""
    for question, (first, last, meaning) in OF_ANSWERS.items():
        for which, name in (("first", first), ("last", last)):
            share = Share(answers[f"{which}_{question}"], answers[f"{which}_{WHOLE_OF[question]}"])
            yield Rate(name, share, meaning)
