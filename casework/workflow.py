"""What a workflow is: named transitions as data, read as a table. No ORM here."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Transition:
    """One step a person (or the system) may take.

    `sources` may be empty for the creating verb; `targets` empty means the status stays. `who` names capacities
    (see the kind's permissions module); `required` and `optional` name inputs (see its forms); the effect of the
    same name as the verb, if the kind has one, chooses among several targets and returns the changed fields.
    """

    verb: str
    label: Any
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    who: tuple[str, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    style: str = "secondary"
    hint: Any = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.required + self.optional


def _always(case: Any) -> bool:
    return True


@dataclass(frozen=True)
class Clock:
    """One limit of a kind, as data: when it runs, what ends it, whether it governs the light.

    It runs while the case is in one of `runs_in`. It begins when one of `starts_in` is entered (empty: any of
    `runs_in`) and does not run yet; with `anew` also when it runs. A verb of `done_by` is the doing. `limit_after`
    names the step whose limit is taken when that verb began it. `is_duty` off: a right that lapses, nobody is late.
    """

    step: str
    runs_in: tuple[str, ...]
    starts_in: tuple[str, ...] = ()
    anew: bool = False
    done_by: tuple[str, ...] = ()
    limit_after: Mapping[str, str] = field(default_factory=dict)
    is_main: bool = False
    is_duty: bool = True
    wanted: Callable[[Any], bool] = _always

    def starts(self, status: str, *, is_running: bool) -> bool:
        """Whether entering the status begins it."""
        return status in (self.starts_in or self.runs_in) and (self.anew or not is_running)


@dataclass(frozen=True)
class Workflow:
    """All statuses of a kind and the transitions between them.

    `closed`: statuses in which the case no longer counts as open. `terminal`: closed and without a way out.
    `paused`: open statuses in which every limit stands still.
    """

    statuses: type[Any]
    initial: str
    closed: frozenset[str]
    terminal: frozenset[str]
    transitions: tuple[Transition, ...]
    paused: frozenset[str] = frozenset()

    def get(self, verb: str) -> Transition | None:
        return next((t for t in self.transitions if t.verb == verb), None)

    def leaving(self, status: str) -> tuple[Transition, ...]:
        """The transitions that leave (or act in) this status, in the order of the table."""
        return tuple(t for t in self.transitions if status in t.sources)

    def offered(self, status: str, capacities: Collection[str]) -> tuple[Transition, ...]:
        """What somebody with these capacities may do in this status."""
        return tuple(t for t in self.leaving(status) if not capacities_missing(t, capacities))

    def flaws(self, effects: Collection[str]) -> Iterable[str]:
        """Sentences about what is wrong with the graph; none when it is sound."""
        known = {str(s) for s in self.statuses}
        verbs = [t.verb for t in self.transitions]
        for verb in sorted({v for v in verbs if verbs.count(v) > 1}):
            yield f"verb {verb} stands twice"
        for t in self.transitions:
            for status in sorted({*t.sources, *t.targets} - known):
                yield f"{t.verb}: unknown status {status}"
            if len(t.targets) > 1 and t.verb not in effects:
                yield f"{t.verb}: several targets and no effect to choose"
            if not t.who:
                yield f"{t.verb}: nobody may do it"
        reached = {self.initial}
        while True:
            grown = reached | {x for t in self.transitions if reached & set(t.sources) for x in t.targets}
            if grown == reached:
                break
            reached = grown
        for status in sorted(known - reached):
            yield f"status {status} cannot be reached"
        leaving = {s for t in self.transitions for s in t.sources if set(t.targets) - {s}}
        for status in sorted(known - leaving - self.terminal):
            yield f"status {status} is a dead end and not terminal"
        for status in sorted(self.terminal & leaving):
            yield f"terminal status {status} can be left"
        for status in sorted(self.terminal - self.closed):
            yield f"terminal status {status} is not closed"
        for status in sorted(self.paused & self.closed):
            yield f"paused status {status} is closed"
        for status in sorted({*self.closed, *self.paused} - known):
            yield f"unknown status {status} is called closed or paused"


def capacities_missing(transition: Transition, capacities: Collection[str]) -> bool:
    """Whether none of the capacities the transition asks for is held."""
    return not any(name in capacities for name in transition.who)
