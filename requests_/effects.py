"""What each step of a ticket does beside changing the status; one function a verb, named like it.

Each takes (ticket, data, actor, now) inside the transition's transaction, under the row's lock, and returns an
`Outcome`; it raises a `DomainError` when the rule does not hold. Nothing here writes the ticket itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from casework.choices import LEVELS_UPWARDS, HandlingLevel, PersonKind, Step
from casework.errors import InputMissing, RuleBroken
from casework.events import record_event
from casework.limit_models import parameter
from casework.models import Case, CasePerson
from casework.news import plan_news
from casework.registry import Outcome, kind_of
from casework.rerouting import area_now
from grids.choices import Duty
from grids.posts import main_holder
from requests_ import answers
from requests_.choices import DeclineReason, TicketStatus
from requests_.models import Ticket
from requests_.selectors import is_awaited
from requests_.time_effects import drop_requests

Data = Mapping[str, Any]
FIRST_REPORT: Mapping[str, Any] = {"repeat_of": None, "repeat_number": 1}


def _handler(data: Data) -> tuple[dict[str, Any], str]:
    """The chosen handler as fields of the case and as a name for the timeline."""
    person, organisation = data["handler"]
    chosen = person or organisation
    return {"handler_user": person, "handler_org": organisation}, str(chosen)


def _no_handler() -> dict[str, Any]:
    return {"handler_user": None, "handler_org": None}


def accept(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """Level and urgency are settled; with them the handling limit begins (requests_/workflow.py, CLOCKS)."""
    level = HandlingLevel(data["handling_level"])
    return Outcome(
        fields={"urgency": data["urgency"], "handling_level": level},
        facts={"level": level.value, "urgency": data["urgency"]},
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
            "handled_at": now,
        },
        facts={"result": data["result"], "sampled": checked},
        then="" if checked else "pass_review",
    )


def in_sample(number: str, percent: int) -> bool:
    """Whether the ticket with this number belongs to the checked share; evenly spread and the same each time."""
    return int(number.rsplit("-", 1)[-1]) * 37 % 100 < percent


def _refuse_supervised(ticket: Ticket) -> None:
    """A sheet that was issued is answered before the ticket may end without having been handled."""
    if ticket.is_supervised:
        raise RuleBroken(_("It is under supervision; the supervision has to be lifted first."))


def decline(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    _refuse_supervised(ticket)
    reason = DeclineReason(data["decline_reason"])
    return Outcome(
        fields={"decline_reason": reason},
        facts={"decline_reason": reason.value, "told_how": data["told_how"]},
    )


def merge(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """The main ticket must be an open one of the same community, and secret if this one is. Whoever reported this one
    is called back about the main ticket, and so are those whose reports were merged into this one before. Who handles
    or watches the main ticket hears of it.
    """
    _refuse_supervised(ticket)
    if data["main_ticket"].pk == ticket.pk:
        raise RuleBroken(_("A ticket cannot be merged into itself."))
    main = _locked_now(data["main_ticket"])
    if main.closed_at is not None:
        raise RuleBroken(_("%(number)s is closed; choose an open ticket.") % {"number": main.number})
    if main.community != ticket.community:
        raise RuleBroken(_("%(number)s belongs to another community.") % {"number": main.number})
    if main.is_secret != ticket.is_secret:
        raise RuleBroken(_("A secret ticket is merged with secret ones only."))
    Ticket.objects.filter(merged_into=ticket).update(merged_into=main)
    Case.objects.filter(pk=main.pk).update(version=F("version") + 1)
    event = record_event(case=main, verb="merged_in", actor=actor, now=now, facts={"other": ticket.number})
    plan_news(kind=kind_of(main.kind), verb="merged_in", case=main, event=event, actor=actor, now=now)
    return Outcome(fields={"merged_into": main}, facts={"main": main.number})


def _locked_now(ticket: Ticket) -> Ticket:
    """The ticket as it is, locked beside the one in hand. Waiting for it could be waiting for one another."""
    try:
        with transaction.atomic():
            Case.objects.select_for_update(nowait=True, no_key=True, of=("self",)).get(pk=ticket.pk)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise RuleBroken(
            _("Somebody is changing %(number)s at this moment; send it again.") % {"number": ticket.number}
        ) from error
    return Ticket.objects.get(pk=ticket.pk)


def cancel(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """A misreport repeats nothing: its link to earlier reports ends."""
    _refuse_supervised(ticket)
    return Outcome(fields=FIRST_REPORT if ticket.repeat_of_id else {})


def dispatch(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    fields, name = _handler(data)
    return Outcome(fields=fields | {"dispatched_at": now}, facts={"handler": name})


def reassign(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    outcome = dispatch(ticket, data, actor, now)
    return replace(outcome, fields={**outcome.fields, **drop_requests(ticket, now)})


def send_back(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """Only until the limit given at the last dispatch, whatever happened since; counted, and as often as the
    parameter `returns_to_secretary` says it lies with the secretary, who decides who handles it (domain page 12.5).
    """
    limits = ticket.deadlines.filter(step=Step.RETURN).order_by("-pk")
    until = limits.values_list("due_at", flat=True).first()
    if until is not None and now > until:
        raise RuleBroken(
            _("It could be sent back until %(moment)s. Ask for an extension, or ask to escalate it.")
            % {"moment": date_format(timezone.localtime(until), "DATETIME_FORMAT")}
        )
    count = ticket.return_count + 1
    for_secretary = count >= parameter("returns_to_secretary")
    counted = {"return_count": count, "is_for_secretary": ticket.is_for_secretary or for_secretary}
    return Outcome(fields={**_no_handler(), **drop_requests(ticket, now), **counted}, facts={"count": count})


def escalate(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """One level up; the lower levels keep sight of it because its area stays. Who decides about a secret one above the
    community is let in on it.
    """
    place = LEVELS_UPWARDS.index(HandlingLevel(ticket.handling_level))
    if place + 1 >= len(LEVELS_UPWARDS):
        raise RuleBroken(_("There is no level above."))
    level = LEVELS_UPWARDS[place + 1]
    above = main_holder(Duty.SUBDISTRICT_ADMIN, ticket.path) if ticket.is_secret else None
    if above is not None and level == HandlingLevel.SUBDISTRICT:
        _let_in(ticket, above, now)
    return Outcome(
        fields={**_no_handler(), **drop_requests(ticket, now), "handling_level": level},
        facts={"level": level.value},
    )


def finish(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    if ticket.category.photo_needed and not data.get("photos"):
        raise InputMissing("photos", _("This category needs a photo of the result."))
    fields = {"result": data["result"], "finished_by": actor, "handled_at": now, **drop_requests(ticket, now)}
    facts = {"result": data["result"], "contacted": data["contacted"]}
    if data["contacted"] == "yes" and ticket.first_contact_at is None:
        return Outcome(fields=fields | {"first_contact_at": now}, facts=facts, done=(Step.FIRST_CONTACT,))
    return Outcome(fields=fields, facts=facts)


def rework(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    return Outcome(fields={"handled_at": None})


def record_contact(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """The resident was spoken to for the first time; what counts for the response rate is this moment."""
    return Outcome(fields={"first_contact_at": now})


def pass_review(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """On to the callback when a resident waits for an answer, otherwise closed.

    The system passes only what was settled on the spot and not drawn into the sample.
    """
    if actor is None and not ticket.settled_on_spot:
        raise RuleBroken(_("The system passes only what was settled on the spot."))
    if is_awaited(ticket):
        return Outcome(target=TicketStatus.TO_CALL_BACK)
    answers.count(ticket, now)
    return Outcome(target=TicketStatus.CLOSED)


def reopen(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """In the area that is in force where it lies, which may have been split or merged since it was closed."""
    days = parameter("reopen_days")
    if ticket.closed_at is None or now - ticket.closed_at > timedelta(days=days):
        raise RuleBroken(_("Can be reopened within %(days)s days of closing.") % {"days": days})
    answers.take_back(ticket)
    area = area_now(ticket)
    moved = {} if area.pk == ticket.area_id else {"area": area, "path": area.code}
    return Outcome(
        fields=_no_handler()
        | moved
        | {"handled_at": None, "finished_by": None, "solved": "", "satisfaction": ""},
        facts={"area": str(area)} if moved else {},
    )


def name_person(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """Another person may see the secret ticket from now on; naming somebody twice changes nothing."""
    _let_in(ticket, data["person"], now)
    return Outcome(facts={"name": str(data["person"])})


def _let_in(ticket: Ticket, person: Any, now: datetime) -> None:
    CasePerson.objects.get_or_create(
        case_id=ticket.pk, user=person, kind=PersonKind.NAMED, defaults={"added_at": now}
    )


def unlink_repeat(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """It was taken for a repeat wrongly and is the first report of its own matter."""
    return Outcome(fields=FIRST_REPORT)


EFFECTS = {
    effect.__name__: effect
    for effect in (
        accept,
        settle_on_spot,
        decline,
        merge,
        cancel,
        dispatch,
        reassign,
        send_back,
        escalate,
        finish,
        rework,
        record_contact,
        pass_review,
        reopen,
        name_person,
        unlink_repeat,
    )
}
