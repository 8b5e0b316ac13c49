"""What the steps about time do: extension, suspension, supervision. Each promises what requests_/effects.py says."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from casework.choices import RequestState, Step
from casework.clocks import due_now
from casework.deadlines import Limit, due_of
from casework.errors import RuleBroken
from casework.limit_models import parameter
from casework.limits import limit_for
from casework.models import Deadline, ExtensionRequest, Supervision, Suspension
from casework.registry import Outcome
from casework.services import next_number
from grids.choices import Duty
from grids.office_calendar import calendar_for
from grids.posts import main_holder
from requests_.choices import PendingRequest
from requests_.models import Ticket

Data = Mapping[str, Any]


def drop_requests(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Fields for a step that makes a waiting request pointless; the request itself is ended."""
    if not ticket.pending_request:
        return {}
    for requests in (ticket.extensions, ticket.suspensions):
        requests.filter(state=RequestState.PENDING).update(state=RequestState.ENDED, decided_at=now)
    return {"pending_request": ""}


def extension_until(ticket: Ticket) -> datetime | None:
    """Until when more time may be asked for: the limit, or the office's cut-off on its day; None without a limit."""
    deadline = _handling(ticket)
    if deadline is None:
        return None
    calendar = calendar_for(ticket.path)
    last_day = calendar.on_or_before(calendar.local(deadline.due_at).date())
    return min(deadline.due_at, calendar.at(last_day, calendar.office.cut_off))


def due_if_extended(ticket: Ticket) -> datetime | None:
    """When the ticket is due if the extension that waits is granted; None when none waits or no limit runs."""
    request = ticket.extensions.filter(state=RequestState.PENDING).first()
    deadline = _handling(ticket)
    if request is None or deadline is None:
        return None
    deadline.extra_workdays += request.workdays
    return due_now(deadline, calendar_for(ticket.path)).at


def _handling(ticket: Ticket) -> Deadline | None:
    deadline: Deadline | None = ticket.deadlines.running().filter(step=Step.HANDLE).first()
    return deadline


def request_extension(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """Before the limit runs out and before the office's cut-off on that day; at most so many workdays each."""
    workdays, most = int(data["workdays"]), parameter("extension_max_workdays")
    if not 1 <= workdays <= most:
        raise RuleBroken(_("An extension is 1 to %(most)s workdays long.") % {"most": most}, field="workdays")
    until = extension_until(ticket)
    if until is None:
        raise RuleBroken(_("No limit runs on this ticket."))
    if now > until:
        raise RuleBroken(
            _("An extension had to be asked for before %(moment)s.") % {"moment": _moment(until)}
        )
    ExtensionRequest.objects.create(
        case_id=ticket.pk, asked_by=actor, asked_at=now, workdays=workdays, reason=data["reason"]
    )
    return Outcome(fields={"pending_request": PendingRequest.EXTENSION}, facts={"workdays": workdays})


def approve_extension(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """The limit is put off by the workdays asked for, counted from where it lay."""
    request = _decide(ticket.extensions, RequestState.APPROVED, actor, now)
    return Outcome(
        fields={"pending_request": "", "extension_count": ticket.extension_count + 1},
        facts={"workdays": request.workdays},
        extend=request.workdays,
    )


def refuse_extension(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    _decide(ticket.extensions, RequestState.REFUSED, actor, now)
    return Outcome(fields={"pending_request": ""})


def propose_suspension(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """With a cause and a day on which it is looked at again, at most so many days ahead."""
    today, most = timezone.localtime(now).date(), parameter("suspension_max_days")
    if not today < data["review_on"] <= today + timedelta(days=most):
        raise RuleBroken(
            _("The review lies after today and at most %(most)s days ahead.") % {"most": most},
            field="review_on",
        )
    Suspension.objects.create(
        case_id=ticket.pk, asked_by=actor, asked_at=now, reason=data["reason"], review_on=data["review_on"]
    )
    return Outcome(
        fields={"pending_request": PendingRequest.SUSPENSION},
        facts={"review_on": data["review_on"].isoformat()},
    )


def suspend(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """The clock stops; what was left of it is kept (casework/clocks.py). The day of its review still lies ahead."""
    suspension = _decide(ticket.suspensions, RequestState.APPROVED, actor, now)
    if suspension.review_on <= timezone.localtime(now).date():
        raise RuleBroken(_("The day of the review has come; refuse it, and have another day proposed."))
    return Outcome(fields={"pending_request": ""}, facts={"review_on": suspension.review_on.isoformat()})


def refuse_suspension(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    _decide(ticket.suspensions, RequestState.REFUSED, actor, now)
    return Outcome(fields={"pending_request": ""})


def resume(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    ticket.suspensions.filter(state=RequestState.APPROVED).update(state=RequestState.ENDED, ended_at=now)
    return Outcome()


def supervise(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """Issues a sheet with a number, a named leader and a day. By the system: the secretary, by the limit for rework."""
    leader = data.get("leader") or _answerable(ticket)
    answer_by = data.get("answer_by") or _rework_due(ticket, now)
    if answer_by <= now:
        raise RuleBroken(_("The answer is due after now."), field="answer_by")
    sheet = Supervision.objects.create(
        case_id=ticket.pk,
        number=next_number(prefix="DB", now=now),
        issued_by=actor,
        issued_at=now,
        leader=leader,
        answer_by=answer_by,
        demand=data.get("demand") or _("The resident is dissatisfied again: settle it and explain."),
    )
    return Outcome(
        fields={"is_supervised": True},
        facts={"sheet": sheet.number, "leader": str(leader), "answer_at": answer_by.isoformat()},
    )


def lift_supervision(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    sheet = ticket.supervisions.get(lifted_at__isnull=True)
    sheet.lifted_at, sheet.lifted_by, sheet.answer = now, actor, data["answer"]
    sheet.save(update_fields=["lifted_at", "lifted_by", "answer"])
    return Outcome(fields={"is_supervised": False}, facts={"sheet": sheet.number})


def _decide(requests: Any, state: RequestState, actor: Any, now: datetime) -> Any:
    request = requests.get(state=RequestState.PENDING)
    request.state, request.decided_by, request.decided_at = state, actor, now
    request.save(update_fields=["state", "decided_by", "decided_at"])
    return request


def _answerable(ticket: Ticket) -> User:
    """The secretary; while the post is vacant, who is above it."""
    for duty in (Duty.COMMUNITY_SECRETARY, Duty.SUBDISTRICT_ADMIN):
        if leader := main_holder(duty, ticket.community):
            return leader
    raise RuleBroken(_("The community has no secretary who could answer for it."))


def _rework_due(ticket: Ticket, now: datetime) -> datetime:
    calendar = calendar_for(ticket.path)
    level = limit_for(ticket, Step.REWORK, on=calendar.local(now).date())
    if level is None:  # no limit for rework is kept: the next workday
        return calendar.closing(calendar.add_workdays(calendar.arrival_day(now), 1))
    return due_of(Limit(level.amount, level.unit, level.cut_off), now, calendar).at


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


TIME_EFFECTS = {
    effect.__name__: effect
    for effect in (
        request_extension,
        approve_extension,
        refuse_extension,
        propose_suspension,
        suspend,
        refuse_suspension,
        resume,
        supervise,
        lift_supervision,
    )
}
