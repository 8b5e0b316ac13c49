"""The kinds of case, registered by the apps above in `AppConfig.ready()`: casework never imports them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from casework.workflow import Clock, Workflow
from grids.choices import Duty


@dataclass(frozen=True)
class Outcome:
    """What an effect decided: the new status (None: unchanged), changed fields, facts for the timeline.

    `then` names a verb the system takes at once in the same transaction. `done` names limits that this step fulfils
    beside those of its clock; `extend` puts the limit that governs the light off by workdays.
    """

    target: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    then: str = ""
    done: tuple[str, ...] = ()
    extend: int = 0


Effect = Callable[[Any, Mapping[str, Any], Any, datetime], Outcome]


@dataclass(frozen=True)
class KindFilter:
    """A filter of the queue that only one kind has; the desk shows it without knowing the kind.

    `choices()` gives (value, label) pairs or groups of them, the allow-list; `condition(user, value)` the cases meant.
    """

    name: str
    label: Any
    choices: Callable[[], list[Any]]
    condition: Callable[[Any, str], Q]


@dataclass(frozen=True)
class Desk:
    """One line of a kind's table of desks: open cases that wait there, and who holds the desk (casework/desks.py).

    Everybody with a duty of the first tier over the case's place; when nobody has one, the next tier. `also` may act as
    well and finds it among the work, without being told. `own` names people of the case for whom it never lies there:
    nobody reviews what they did themselves.
    """

    when: Q
    tiers: tuple[tuple[Duty, ...], ...]
    also: tuple[Duty, ...] = ()
    own: tuple[str, ...] = ()


def _no_facts(user: Any, case: Any) -> Mapping[str, Any]:
    return {}


def _no_words(case: Any, verbs: Collection[str], now: datetime) -> Mapping[str, str]:
    return {}


def _no_fields(case: Any) -> Mapping[str, Any]:
    return {}


def _no_contact(case: Any) -> str:
    return ""


def _no_subjects(case: Any) -> tuple[str, ...]:
    return ()


def _no_cells(ids: Collection[int]) -> Mapping[int, list[str]]:
    return {}


def _nothing() -> list[Any]:
    return []


def _no_marks(case: Any) -> tuple[str, ...]:
    return ()


def _as_they_are(user: Any, cases: Collection[Any]) -> None:
    return None


@dataclass(frozen=True)
class Told:
    """What the reporter of a case hears of a step, by a rule that has words; not told to `doer`, who took the step."""

    rule: str
    case: Any
    doer: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def _nothing_told(case: Any, event: Any) -> Iterable[Told]:
    return ()


def _nobody(user: Any, case: Any) -> bool:
    return False


@dataclass(frozen=True)
class Kind:
    """One kind of case and the functions the desk needs of it."""

    name: str
    label: Any
    model: type[Any]
    workflow: Workflow
    effects: Mapping[str, Effect]
    # (user, case) -> names of the capacities the person has towards this case now
    capacities: Callable[[Any, Any], frozenset[str]]
    # (transition, case, user, data, files) -> an unbound or bound form with the transition's inputs
    form: Callable[..., Any]
    # verb -> sentence template of the timeline, filled from the event's facts; or a function of them that chooses one
    sentences: Mapping[str, Any]
    # case -> users who must hear of the event (verb, case, actor) -> user ids
    to_tell: Callable[[str, Any, Any], Iterable[int]]
    facts_template: str
    sheet_template: str
    # status -> tone of its pill: wait, work, check, done, off or stop
    tones: Mapping[str, str]
    # on whose desk an open case lies that waits for no handler
    desks: tuple[Desk, ...] = ()
    # statuses in which it lies with its handler
    handled_in: tuple[str, ...] = ()
    # (case, event) -> what those who reported it, or what was merged into it, hear of a step
    reporters_hear: Callable[[Any, Any], Iterable[Told]] = _nothing_told
    # (case, verbs offered, now) -> those whose conditions do not hold yet, each with what is missing in words
    not_yet: Callable[[Any, Collection[str], datetime], Mapping[str, str]] = _no_words
    # verbs that ask for a decision or report one
    decisions: frozenset[str] = frozenset()
    # its limits as data; what they amount to stands in ServiceLevel
    clocks: tuple[Clock, ...] = ()
    # case -> codes a limit may be given for, the most telling first; and all of them as (code, name) or groups
    subjects: Callable[[Any], tuple[str, ...]] = _no_subjects
    subject_choices: Callable[[], list[Any]] = _nothing
    # fields of its own whose change may make another limit hold: what `subjects` reads
    subject_fields: frozenset[str] = frozenset()
    filters: tuple[KindFilter, ...] = ()
    # what its numbers begin with, as T-2023-000123
    prefix: str = ""
    # rows of facts on any printed sheet of the case, personal data masked
    sheet_rows_template: str = "casework/_sheet_rows.html"
    # case -> words beside its status that tell what waits on it, from the row alone
    marks: Callable[[Any], Iterable[Any]] = _no_marks
    # (user, cases) sets on each what `marks` tells this person; one query for all, before rows and pages are shown
    prepare: Callable[[Any, Collection[Any]], None] = _as_they_are
    # (user, case) -> what facts_template needs beside the case
    facts: Callable[[Any, Any], Mapping[str, Any]] = _no_facts
    # cells of its own in the exported queue: their headings, and of these cases a cell for each
    export_headings: tuple[Any, ...] = ()
    exported: Callable[[Collection[int]], Mapping[int, list[str]]] = _no_cells
    # case -> the whole contact of the resident behind it, shown only by a logged reveal; empty: there is none
    contact: Callable[[Any], str] = _no_contact
    # case -> what it is about in a message that leaves the house: its category, never a name or an address
    outward: Callable[[Any], str] = _no_contact
    # (case) -> fields that change because it closes; ends what is pointless then
    closing: Callable[[Any], Mapping[str, Any]] = _no_fields
    # (user, case) -> whether the contact may be shown to this person
    may_reveal: Callable[[Any, Any], bool] = _nobody


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def kinds() -> tuple[Kind, ...]:
    return tuple(_kinds.values())


def kind_of(name: str) -> Kind:
    """The registered kind; KeyError for a name nobody registered."""
    return _kinds[name]


def kind_of_number(number: str) -> Kind | None:
    """The kind whose numbers begin like this one; None when no kind says so."""
    prefix = number.partition("-")[0]
    return next((kind for kind in _kinds.values() if kind.prefix and kind.prefix == prefix), None)


def status_label(kind: str, status: str) -> Any:
    return _kinds[kind].workflow.statuses(status).label
