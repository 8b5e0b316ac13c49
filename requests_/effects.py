"""What each step of a ticket does beside changing the status; one function a verb, named like it.

Each takes (ticket, data, actor, now) inside the transition's transaction, under the row's lock, and returns an
`Outcome`; it raises a `DomainError` when the rule does not hold. Nothing here writes the ticket itself.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.choices import LEVELS_UPWARDS, HandlingLevel, PersonKind
from casework.errors import InputMissing, RuleBroken
from casework.models import CasePerson
from casework.registry import Outcome
from requests_.choices import DeclineReason, Satisfaction, Solved, TicketStatus
from requests_.models import ContactAttempt, Ticket, parameter

Data = Mapping[str, Any]


def _handler(data: Data) -> tuple[dict[str, Any], str]:
    """The chosen handler as fields of the case and as a name for the timeline."""
    person, organisation = data["handler"]
    chosen = person or organisation
    return {"handler_user": person, "handler_org": organisation}, str(chosen)


def _no_handler() -> dict[str, Any]:
    return {"handler_user": None, "handler_org": None, "sign_due_at": None}


def accept(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """Starts the clock: a plain number of hours of the category."""
    due = now + timedelta(hours=ticket.category.handle_hours)
    level = HandlingLevel(data["handling_level"])
    return Outcome(
        fields={"urgency": data["urgency"], "handling_level": level, "limit_from": now, "due_at": due},
        facts={"level": level.value, "urgency": data["urgency"], "due_at": due.isoformat()},
    )


def settle_on_spot(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """Done on the spot; a sample is checked by another person, the rest passes at once."""
    checked = in_sample(ticket.number, parameter("spot_check_percent"))
    return Outcome(
        fields={
            "result": data["result"],
            "settled_on_spot": True,
            "finished_by": actor,
            "handler_user": actor,
            "handler_org": None,
            "limit_from": ticket.opened_at,
        },
        facts={"result": data["result"], "sampled": checked},
        then="" if checked else "pass_review",
    )


def in_sample(number: str, percent: int) -> bool:
    """Whether the ticket with this number belongs to the checked share; evenly spread and the same each time."""
    return int(number.rsplit("-", 1)[-1]) * 37 % 100 < percent


def decline(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    reason = DeclineReason(data["decline_reason"])
    return Outcome(
        fields={"decline_reason": reason}, facts={"reason": reason.value, "told_how": data["told_how"]}
    )


def merge(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """The main ticket must be an open one of the same community and not itself merged."""
    main: Ticket = data["main_ticket"]
    if main.pk == ticket.pk:
        raise RuleBroken(_("A ticket cannot be merged into itself."))
    if main.closed_at is not None:
        raise RuleBroken(_("%(number)s is closed; choose an open ticket.") % {"number": main.number})
    if main.community != ticket.community:
        raise RuleBroken(_("%(number)s belongs to another community.") % {"number": main.number})
    return Outcome(fields={"merged_into": main}, facts={"main": main.number})


def dispatch(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    fields, name = _handler(data)
    sign_due = now + timedelta(hours=ticket.category.sign_hours)
    return Outcome(
        fields=fields | {"dispatched_at": now, "sign_due_at": sign_due},
        facts={"handler": name, "sign_due_at": sign_due.isoformat()},
    )


def reassign(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    return dispatch(ticket, data, actor, now)


def sign(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    late = ticket.sign_due_at is not None and now > ticket.sign_due_at
    return Outcome(fields={"sign_due_at": None}, facts={"late": late})


def send_back(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    count = ticket.return_count + 1
    return Outcome(fields=_no_handler() | {"return_count": count}, facts={"count": count})


def escalate(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """One level up; the lower levels keep sight of it because its area stays."""
    place = LEVELS_UPWARDS.index(HandlingLevel(ticket.handling_level))
    if place + 1 >= len(LEVELS_UPWARDS):
        raise RuleBroken(_("There is no level above."))
    level = LEVELS_UPWARDS[place + 1]
    return Outcome(fields=_no_handler() | {"handling_level": level}, facts={"level": level.value})


def finish(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    if ticket.category.photo_needed and not data.get("photos"):
        raise InputMissing("photos", _("This category needs a photo of the result."))
    return Outcome(
        fields={"result": data["result"], "finished_by": actor},
        facts={"result": data["result"], "contacted": data["contacted"]},
    )


def pass_review(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """On to the callback when a resident waits for an answer, otherwise closed.

    The system passes only what was settled on the spot and not drawn into the sample.
    """
    if actor is None and not ticket.settled_on_spot:
        raise RuleBroken(_("The system passes only what was settled on the spot."))
    return Outcome(target=TicketStatus.TO_CALL_BACK if ticket.wants_callback else TicketStatus.CLOSED)


def callback(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """Solved and not dissatisfied closes it; otherwise it goes back to the handler."""
    solved, satisfaction = Solved(data["solved"]), Satisfaction(data["satisfaction"])
    ContactAttempt.objects.create(ticket=ticket, at=now, by=actor, reached=True)
    fields: dict[str, Any] = {"solved": solved, "satisfaction": satisfaction}
    facts: dict[str, Any] = {"solved": solved.value, "satisfaction": satisfaction.value}
    if solved == Solved.NO or satisfaction == Satisfaction.DISSATISFIED:
        count = ticket.dissatisfied_count + 1
        return Outcome(
            target=TicketStatus.HANDLING,
            fields=fields | {"dissatisfied_count": count, "finished_by": None},
            facts=facts | {"again": count},
        )
    return Outcome(target=TicketStatus.CLOSED, fields=fields, facts=facts)


def try_contact(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    ContactAttempt.objects.create(ticket=ticket, at=now, by=actor, note=data.get("note", ""))
    return Outcome(facts={"count": ticket.attempts.count()})


def close_unreached(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """At least three tries on at least two days (both editable)."""
    tries, days = parameter("callback_tries"), parameter("callback_days")
    made = [
        timezone.localtime(at).date()
        for at in ticket.attempts.filter(reached=False).values_list("at", flat=True)
    ]
    if len(made) < tries or len(set(made)) < days:
        raise RuleBroken(
            ngettext(
                "Needs %(tries)s tries on %(days)s day; so far %(made)s on %(made_days)s.",
                "Needs %(tries)s tries on %(days)s days; so far %(made)s on %(made_days)s.",
                days,
            )
            % {"tries": tries, "days": days, "made": len(made), "made_days": len(set(made))}
        )
    return Outcome(fields={"solved": Solved.NO_ANSWER, "satisfaction": Satisfaction.NO_ANSWER})


def reopen(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    days = parameter("reopen_days")
    if ticket.closed_at is None or now - ticket.closed_at > timedelta(days=days):
        raise RuleBroken(_("Can be reopened within %(days)s days of closing.") % {"days": days})
    due = now + timedelta(hours=ticket.category.handle_hours)
    return Outcome(
        fields=_no_handler()
        | {"limit_from": now, "due_at": due, "finished_by": None, "solved": "", "satisfaction": ""},
        facts={"due_at": due.isoformat()},
    )


def name_person(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """Another person may see the secret ticket from now on; naming somebody twice changes nothing."""
    CasePerson.objects.get_or_create(
        case_id=ticket.pk, user=data["person"], kind=PersonKind.NAMED, defaults={"added_at": now}
    )
    return Outcome(facts={"name": str(data["person"])})


EFFECTS = {
    effect.__name__: effect
    for effect in (
        accept,
        settle_on_spot,
        decline,
        merge,
        dispatch,
        reassign,
        sign,
        send_back,
        escalate,
        finish,
        pass_review,
        callback,
        try_contact,
        close_unreached,
        reopen,
        name_person,
    )
}
