"""回访: whom a ticket is called back about, what each of them said, and when it may end (domain page 12.5).

A main ticket is called back about by one line for each reporter: its own, and those of the reports merged into it. A
round begins when the ticket enters its callback; calls of an earlier round do not count in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.choices import Step
from casework.errors import InputMissing, RuleBroken
from casework.limit_models import parameter, parameters
from casework.registry import Outcome
from requests_ import answers
from requests_.choices import CalledBy, Satisfaction, Solved, TicketStatus
from requests_.models import Callback, Ticket

Data = Mapping[str, Any]
# From the worst answer to the best.
SOLVED = (Solved.NO, Solved.PARTLY, Solved.YES)
SATISFACTION = (Satisfaction.DISSATISFIED, Satisfaction.FAIRLY, Satisfaction.SATISFIED)


@dataclass(frozen=True)
class Line:
    """One reporter: the report, the answer of this round, and the days of its calls that nobody answered."""

    report: Ticket
    answer: Callback | None
    missed: tuple[date, ...]

    def is_tried(self, tries: int, days: int) -> bool:
        """Whether it was called in vain as often, on as many days, as the rule asks."""
        return len(self.missed) >= tries and len(set(self.missed)) >= days


def lines_of(ticket: Ticket) -> list[Line]:
    """A line for each reporter who waits for an answer, in the order of their reports; two queries."""
    merged = Ticket.objects.filter(merged_into=ticket).order_by("opened_at", "pk")
    reports = [report for report in (ticket, *merged) if report.wants_callback] or [ticket]
    calls: list[Callback] = []
    for call in ticket.callbacks.filter(at__gte=ticket.status_since).order_by("pk"):
        calls = [] if call.is_negative else [*calls, call]  # it ended its round, perhaps at this very moment
    return [_line(report, [call for call in calls if call.report_id == report.pk]) for report in reports]


def _line(report: Ticket, calls: Sequence[Callback]) -> Line:
    answered = [call for call in calls if call.reached]
    missed = tuple(timezone.localtime(call.at).date() for call in calls if not call.reached)
    return Line(report, answered[-1] if answered else None, missed)


def waiting(lines: Sequence[Line]) -> list[Line]:
    """Those who did not answer yet."""
    return [line for line in lines if line.answer is None]


def _chosen(lines: Sequence[Line], data: Data) -> Line:
    """The line the call was about: the only one that waits unless one is named. Raises InputMissing, RuleBroken."""
    open_lines, number = waiting(lines), data.get("report")
    if not number:
        if len(open_lines) != 1:
            raise InputMissing("report", _("Choose whom you called."))
        return open_lines[0]
    for line in open_lines:
        if line.report.number == number:
            return line
    raise RuleBroken(_("%(number)s does not wait for a callback.") % {"number": number}, field="report")


def callback(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """What one reporter said. The last of them closes the ticket. Not solved or dissatisfied goes back to the handler
    at once, and is supervised when it happened as often as the parameter `dissatisfied_supervised` says.

    What 12345 heard by its own call is no contact the community made.
    """
    lines = lines_of(ticket)
    line = _chosen(lines, data)
    report, solved, satisfaction = line.report, Solved(data["solved"]), Satisfaction(data["satisfaction"])
    by_hotline = data.get("called_by") == CalledBy.HOTLINE
    if by_hotline and not report.is_from_hotline:
        raise RuleBroken(_("12345 calls only about what it sent."), field="called_by")
    call = Callback.objects.create(
        ticket=ticket,
        report=report,
        at=now,
        by=actor,
        by_hotline=by_hotline,
        reached=True,
        solved=solved,
        satisfaction=satisfaction,
    )
    facts: dict[str, Any] = {
        "solved": solved.value,
        "satisfaction": satisfaction.value,
        **_about(ticket, report),
    }
    fields: dict[str, Any] = {}
    done: tuple[str, ...] = ()
    if by_hotline:
        facts["by_hotline"] = True
    elif report.pk == ticket.pk:
        done = (Step.FIRST_CONTACT,)
        if ticket.first_contact_at is None:
            fields["first_contact_at"] = now
    if call.is_negative:
        count = ticket.dissatisfied_count + 1
        to_supervise = not ticket.is_supervised and count >= parameter("dissatisfied_supervised")
        back = {"dissatisfied_count": count, "finished_by": None, "handled_at": None}
        return Outcome(
            target=TicketStatus.HANDLING,
            fields=fields | {"solved": solved, "satisfaction": satisfaction} | back,
            facts=facts | {"again": count},
            then="supervise" if to_supervise else "",
            done=(*done, Step.CALLBACK),
        )
    others = [other for other in lines if other.report.pk != report.pk]
    if not _are_over(others):
        return Outcome(target=TicketStatus.TO_CALL_BACK, fields=fields, facts=facts, done=done)
    answers.count(ticket, now)
    said = [*(other.answer for other in others if other.answer), call]
    return Outcome(
        target=TicketStatus.CLOSED, fields=fields | _worst(said), facts=facts, done=(*done, Step.CALLBACK)
    )


def try_contact(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """A call to one reporter that nobody answered."""
    line = _chosen(lines_of(ticket), data)
    Callback.objects.create(ticket=ticket, report=line.report, at=now, by=actor, note=data.get("note", ""))
    return Outcome(facts={"count": len(line.missed) + 1, **_about(ticket, line.report)})


def close_unreached(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """When everybody answered or was tried at least three times on at least two days (both editable) in this round."""
    lines = lines_of(ticket)
    tries, days = parameters("callback_tries", "callback_days")
    for line in waiting(lines):
        if not line.is_tried(tries, days):
            raise RuleBroken(_still_needed(line, tries, days, is_only=len(lines) == 1))
    answers.count(ticket, now)
    return Outcome(fields=_worst([line.answer for line in lines if line.answer]))


def still_needed(ticket: Ticket) -> str:
    """In words, the calls that are missing before it may be closed as not reached; empty when none is."""
    lines = lines_of(ticket)
    tries, days = parameters("callback_tries", "callback_days")
    missing = [line for line in waiting(lines) if not line.is_tried(tries, days)]
    return _still_needed(missing[0], tries, days, is_only=len(lines) == 1) if missing else ""


def _still_needed(line: Line, tries: int, days: int, *, is_only: bool) -> str:
    words = ngettext(
        "Needs %(tries)s tries on %(days)s day; so far %(made)s on %(made_days)s.",
        "Needs %(tries)s tries on %(days)s days; so far %(made)s on %(made_days)s.",
        days,
    ) % {"tries": tries, "days": days, "made": len(line.missed), "made_days": len(set(line.missed))}
    return words if is_only else f"{line.report.number}: {words}"


def _are_over(lines: Sequence[Line]) -> bool:
    """Whether each of them answered or was tried as the rule says."""
    open_lines = waiting(lines)
    if not open_lines:
        return True
    tries, days = parameters("callback_tries", "callback_days")
    return all(line.is_tried(tries, days) for line in open_lines)


def _about(ticket: Ticket, report: Ticket) -> dict[str, Any]:
    return {} if report.pk == ticket.pk else {"other": report.number}


def _worst(said: Sequence[Callback]) -> dict[str, Any]:
    """What stands on the ticket when several answered: the worst answer to each question."""
    solved, satisfaction = {call.solved for call in said}, {call.satisfaction for call in said}
    return {
        "solved": next((value for value in SOLVED if value in solved), Solved.NO_ANSWER),
        "satisfaction": next(
            (value for value in SATISFACTION if value in satisfaction), Satisfaction.NO_ANSWER
        ),
    }


CALLBACK_EFFECTS = {effect.__name__: effect for effect in (callback, try_contact, close_unreached)}
