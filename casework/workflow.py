"""What a workflow is: named transitions as data, read as a table. No ORM here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Workflow:
    """All statuses of a kind and the transitions between them.

    `closed`: statuses in which the case no longer counts as open. `terminal`: closed and without a way out.
    """

    statuses: type[Any]
    initial: str
    closed: frozenset[str]
    terminal: frozenset[str]
    transitions: tuple[Transition, ...]

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


def capacities_missing(transition: Transition, capacities: Collection[str]) -> bool:
    """Whether none of the capacities the transition asks for is held."""
    return not any(name in capacities for name in transition.who)
