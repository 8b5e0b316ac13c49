"""What hangs on an area. While anything does, the area does not end by a date: a split or merge moves it along."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from grids.models import Area

# (area) -> in words what lives in it, or nothing. The apps above register theirs; grids knows none of them.
Tie = Callable[["Area"], str]
_ties: list[Tie] = []
NAMED = 5


def register_tie(tie: Tie) -> None:
    """Called once from an app's `ready()`."""
    if tie not in _ties:
        _ties.append(tie)


def check_end(area: "Area") -> None:
    """Raise ValidationError on `active_to` when the area gets an end and something would be left behind in it."""
    if area.active_to is None or area.pk is None or area.active_to == _locked_end(area):
        return
    hanging = [words for tie in (_children, _compounds, _posts, _hours, *_ties) if (words := tie(area))]
    if hanging:
        message = _("It cannot end yet: %(what)s. Split or merge it instead; that moves everything along.")
        raise ValidationError({"active_to": message % {"what": "; ".join(hanging)}})


def _locked_end(area: "Area") -> object:
    """The end as it was saved. Whoever lays something into the area waits until ours is saved."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT active_to FROM grids_area WHERE id = %s FOR UPDATE", [area.pk])
        row = cursor.fetchone()
    return row and row[0]


def _children(area: "Area") -> str:
    lasting = area.children.filter(Q(active_to__isnull=True) | Q(active_to__gt=area.active_to))
    return listed(_("areas in it: %(names)s"), lasting.defer("boundary"))


def _compounds(area: "Area") -> str:
    return listed(_("compounds: %(names)s"), area.compounds.defer("boundary"))


def _posts(area: "Area") -> str:
    lasting = area.assignments.filter(Q(to_on__isnull=True) | Q(to_on__gt=area.active_to))
    return listed(_("posts that go on: %(names)s"), [post.user for post in lasting.select_related("user")])


def _hours(area: "Area") -> str:
    return str(_("office hours of its own")) if area.office_hours.exists() else ""


def listed(words: str, things: Iterable[object]) -> str:
    """The names of things in a sentence with `%(names)s`, the first few of many; nothing when there are none."""
    names = [str(thing) for thing in things]
    if len(names) > NAMED:
        names = [*names[:NAMED], f"… ({len(names)})"]
    return words % {"names": ", ".join(names)} if names else ""
