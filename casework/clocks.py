"""The limits that run on a case, moved by each step in its own transaction and under the row's lock.

Which limits a kind has is data (`Kind.clocks`), how long they are is data (`ServiceLevel`), when they run out is
arithmetic (casework/deadlines.py). The limit that governs the light stands on the case's row as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from casework.calendar_lock import hold_calendar
from casework.choices import DeadlineResult, Step
from casework.deadlines import Due, Limit, Period, due_of, extended, half_over, left_after, remaining, resumed
from casework.limits import limit_for, service_levels
from casework.models import Deadline, LimitPeriod, ServiceLevel
from casework.registry import Kind, Outcome
from casework.workflow import Clock
from grids.office_calendar import calendar_for
from grids.workdays import WorkCalendar

# Changing one of these, or of the kind's `subject_fields`, may make another limit hold; the path, another calendar.
GOVERNING_FIELDS = frozenset({"handling_level", "urgency", "path"})
NO_LIMIT: Mapping[str, Any] = {
    "due_at": None,
    "due_unit": "",
    "yellow_at": None,
    "due_is_provisional": False,
    "paused_at": None,
}


@dataclass(frozen=True)
class Moved:
    """Fields of the case's row that follow, and facts for the timeline."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def begin(*, kind: Kind, case: Any, now: datetime) -> Moved:
    """Begins the limits that run from the first status on; call it when the row of the new case is there."""
    if not any(case.status in clock.runs_in for clock in kind.clocks):
        return Moved()
    return move(kind=kind, case=case, verb="report", before="", outcome=Outcome(), now=now)


def move(*, kind: Kind, case: Any, verb: str, before: str, outcome: Outcome, now: datetime) -> Moved:
    """Ends, begins, stops and resumes the limits of a case that has just taken a step; call it before saving the row.

    The case already has its new status and fields.
    """
    if not kind.clocks:
        return Moved()
    return _Hand(kind=kind, case=case, verb=verb, before=before, outcome=outcome, now=now).move()


def due_now(deadline: Deadline, calendar: WorkCalendar) -> Due:
    """When the deadline runs out by the calendar as it is now; one missed before its clock stopped is never moved."""
    if deadline.missed_at is not None:
        return Due(deadline.missed_at, deadline.yellow_at, deadline.is_provisional)
    if deadline.left is None:
        limit = Limit(deadline.amount, deadline.unit, deadline.cut_off)
        due = due_of(limit, deadline.counted_from, calendar)
    else:
        due = resumed(deadline.left, deadline.unit, deadline.counted_from, calendar)
    if deadline.extra_workdays:
        due = extended(due.at, deadline.extra_workdays, deadline.counted_from, calendar)
    return due


def set_due(deadline: Deadline, due: Due, calendar: WorkCalendar) -> bool:
    """Takes over what was counted; whether the moment moved. A moved deadline tells its reminders again."""
    moved = bool(deadline.due_at != due.at)
    deadline.half_over_at = half_over(due.at, deadline.amount, deadline.unit, calendar)
    deadline.due_at, deadline.yellow_at, deadline.is_provisional = due.at, due.yellow_at, due.is_provisional
    if moved:
        deadline.told = Deadline.NOTHING_TOLD
    return moved


def row_fields(deadline: Deadline | None) -> dict[str, Any]:
    """What the limit that governs the light writes on the case's row; a stopped clock has no due time."""
    if deadline is None:
        return dict(NO_LIMIT)
    if deadline.paused_at is not None:
        return {**NO_LIMIT, "paused_at": deadline.paused_at}
    return {
        "due_at": deadline.due_at,
        "due_unit": deadline.unit,
        "yellow_at": deadline.yellow_at,
        "due_is_provisional": deadline.is_provisional,
        "paused_at": None,
    }


@dataclass
class _Hand:
    """One step's work on the clocks of one case."""

    kind: Kind
    case: Any
    verb: str
    before: str
    outcome: Outcome
    now: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    new: list[Deadline] = field(default_factory=list)
    changed: dict[int, Deadline] = field(default_factory=dict)
    stopped: list[LimitPeriod] = field(default_factory=list)

    @cached_property
    def calendar(self) -> WorkCalendar:
        hold_calendar()
        return calendar_for(self.case.path)

    @cached_property
    def levels(self) -> list[ServiceLevel]:
        return service_levels(self.kind.name)

    @cached_property
    def running(self) -> dict[str, Deadline]:
        return {row.step: row for row in Deadline.objects.running().filter(case_id=self.case.pk)}

    @cached_property
    def leads_there(self) -> bool:
        """Whether the step leads into a status, be it the one the case was in: what begins anew there does."""
        step = self.kind.workflow.get(self.verb)
        return step is not None and self.case.status in step.targets

    def move(self) -> Moved:
        paused = self.kind.workflow.paused
        was_paused, is_paused = self.before in paused, self.case.status in paused
        if was_paused and not is_paused:
            self._each(self._resume)
        for clock in self.kind.clocks:
            self._move_one(clock)
        if is_paused and not was_paused:
            self._each(self._pause)
        for row in self.changed.values():
            row.save()
        Deadline.objects.bulk_create(self.new)
        LimitPeriod.objects.bulk_create(self.stopped)
        return Moved(self._row(), self.facts)

    def _each(self, function: Callable[[Deadline], None]) -> None:
        for row in self.running.values():
            function(row)

    def _move_one(self, clock: Clock) -> None:
        status, row = self.case.status, self.running.get(clock.step)
        entered = status != self.before or self.leads_there
        done = self.verb in clock.done_by or clock.step in self.outcome.done
        runs = status in clock.runs_in and clock.wanted(self.case)
        begins = entered and runs and clock.starts(status, is_running=row is not None)
        if row is not None and (done or begins or not runs):
            self._end(clock, row, done=done)
            row = None
        if begins:
            self._begin(clock)
        elif row is not None and clock.is_main:
            self._adjust(clock, row)

    def _begin(self, clock: Clock) -> None:
        on = self.calendar.local(self.now).date()
        step = clock.limit_after.get(self.verb, clock.step)
        level = limit_for(self.case, step, on=on, levels=self.levels)
        if level is None:
            return
        row = Deadline(
            case_id=self.case.pk,
            step=clock.step,
            is_main=clock.is_main,
            limit_step=step,
            amount=level.amount,
            unit=level.unit,
            cut_off=level.cut_off,
            counted_from=self.now,
        )
        set_due(row, due_now(row, self.calendar), self.calendar)
        self.running[clock.step] = row
        self.new.append(row)
        self._say(clock, row)

    def _end(self, clock: Clock, row: Deadline, *, done: bool) -> None:
        passed = row.missed_at is not None or (row.paused_at is None and self.now > row.due_at)
        is_late = clock.is_duty and passed
        row.ended_at = self.now
        row.result = (
            DeadlineResult.MISSED if is_late else DeadlineResult.MET if done else DeadlineResult.DROPPED
        )
        row.paused_at = None
        self.changed[row.pk] = row
        del self.running[clock.step]
        if done and clock.step == Step.SIGN:
            self.facts["late"] = is_late

    def _adjust(self, clock: Clock, row: Deadline) -> None:
        """An extension, or another limit because level, urgency, subject or place changed."""
        if self.outcome.extend:
            row.extra_workdays += self.outcome.extend
        elif not self._counted_anew(row):
            return
        self.changed[row.pk] = row
        if row.paused_at is None:
            set_due(row, due_now(row, self.calendar), self.calendar)
            self._say(clock, row)

    def _counted_anew(self, row: Deadline) -> bool:
        """Whether another limit, or another office's calendar, holds now; it is counted from the same beginning.

        The time used before a stop stays used (`left_after`). What was missed before its clock stopped stays missed.
        """
        changed = set(self.outcome.fields)
        if row.missed_at is not None or not changed & (GOVERNING_FIELDS | self.kind.subject_fields):
            return False
        periods = _periods(row)
        began_at = periods[0].began_at if periods else row.counted_from
        on = self.calendar.local(began_at).date()
        level = limit_for(self.case, row.limit_step, on=on, levels=self.levels)
        is_other = level is not None and (level.amount, level.unit) != (row.amount, row.unit)
        if not is_other and "path" not in changed:
            return False
        if level is not None:
            row.amount, row.unit, row.cut_off = level.amount, level.unit, level.cut_off
        limit = Limit(row.amount, row.unit, row.cut_off)
        row.left = left_after(limit, periods, self.calendar) if periods else None
        return True

    def _pause(self, row: Deadline) -> None:
        row.paused_at = self.now
        if self.now > row.due_at:
            row.missed_at = row.due_at
        else:
            row.left = remaining(row.due_at, self.now, row.unit, self.calendar)
            self.stopped.append(
                LimitPeriod(
                    deadline=row,
                    began_at=row.counted_from,
                    stopped_at=self.now,
                    extra_workdays=row.extra_workdays,
                )
            )
        if row.pk:
            self.changed[row.pk] = row

    def _resume(self, row: Deadline) -> None:
        """The rest runs from now; what was missed before goes on being late since then."""
        row.paused_at = None
        if row.missed_at is None:
            row.counted_from, row.extra_workdays = self.now, 0
            set_due(row, due_now(row, self.calendar), self.calendar)
        self.changed[row.pk] = row
        if row.is_main:
            self.facts["due_at"] = row.due_at.isoformat()

    def _say(self, clock: Clock, row: Deadline) -> None:
        if clock.is_main:
            self.facts["due_at"] = row.due_at.isoformat()
            if row.is_provisional:
                self.facts["due_is_provisional"] = True
        elif clock.step == Step.SIGN:
            self.facts["sign_due_at"] = row.due_at.isoformat()

    def _row(self) -> dict[str, Any]:
        if self.case.closed_at is not None:
            return {**NO_LIMIT, **self._handling_due()}
        return row_fields(next((row for row in self.running.values() if row.is_main), None))

    def _handling_due(self) -> dict[str, Any]:
        """Of a closed case the handling limit stays on the row: it is what the ledger asks for.

        The first one that was missed, since doing it again in time makes it no earlier; else the last.
        """
        if self.before in self.kind.workflow.closed:
            return {"due_at": self.case.due_at, "due_unit": self.case.due_unit}
        ended = Deadline.objects.filter(case_id=self.case.pk, step=Step.HANDLE).order_by("pk")
        limits = list(ended.values("due_at", "unit", "result"))
        missed = [limit for limit in limits if limit["result"] == DeadlineResult.MISSED]
        for limit in (*missed, *limits[::-1]):
            return {"due_at": limit["due_at"], "due_unit": limit["unit"]}
        return {}


def _periods(row: Deadline) -> list[Period]:
    """The periods in which the limit ran until its clock was stopped, oldest first; none when it never was."""
    if row.left is None:
        return []
    rows = row.periods.values_list("began_at", "stopped_at", "extra_workdays")
    return [Period(*values) for values in rows.order_by("began_at", "pk")]
