"""What the steps of 吹哨报到 do (domain page 2.3). Each promises what requests_/effects.py says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casework.choices import Rating, WhistleGround, WhistleState
from casework.errors import RuleBroken
from casework.models import WhistleCall
from casework.registry import Outcome
from requests_.models import Ticket

Data = Mapping[str, Any]


def whistle(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """One call per department; a department whose call is not rated yet is not called again."""
    if data["respond_by"] <= now:
        raise RuleBroken(_("They report in after now."), field="respond_by")
    organisations = list(data["organisations"])
    for organisation in organisations:
        if str(organisation.pk) in ticket.whistles:
            raise RuleBroken(
                _("%(name)s was called already and is not rated yet.") % {"name": organisation},
                field="organisations",
            )
    ground = WhistleGround(data["ground"])
    WhistleCall.objects.bulk_create(
        WhistleCall(
            case_id=ticket.pk,
            organisation=organisation,
            ground=ground,
            demand=data["demand"],
            respond_by=data["respond_by"],
            called_by=actor,
            called_at=now,
        )
        for organisation in organisations
    )
    called = {str(organisation.pk): WhistleState.CALLED.value for organisation in organisations}
    return Outcome(
        fields={"whistles": {**ticket.whistles, **called}},
        facts={
            "names": "、".join(organisation.name for organisation in organisations),
            "respond_at": data["respond_by"].isoformat(),
        },
    )


def report_in(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    call = _own_call(ticket, actor, WhistleState.CALLED)
    call.state, call.reported_in_at, call.reported_in_by = WhistleState.REPORTED_IN, now, actor
    call.save(update_fields=["state", "reported_in_at", "reported_in_by"])
    return Outcome(
        fields={"whistles": _with(ticket, call)},
        facts={"name": call.organisation.name, "late": now > call.respond_by},
    )


def answer_whistle(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    call = _own_call(ticket, actor, WhistleState.REPORTED_IN)
    call.state, call.handled_at, call.outcome = WhistleState.HANDLED, now, data["outcome"]
    call.save(update_fields=["state", "handled_at", "outcome"])
    return Outcome(fields={"whistles": _with(ticket, call)}, facts={"name": call.organisation.name})


def rate_whistle(ticket: Ticket, data: Data, actor: Any, now: datetime) -> Outcome:
    """The caller's side rates, which ends the call. Who did not report in in time is rated as that, and only so."""
    call: WhistleCall = data["call"]
    rating = Rating(data["rating"])
    is_silent = call.state == WhistleState.CALLED
    if is_silent and now <= call.respond_by:
        raise RuleBroken(
            _("They may report in until %(moment)s.")
            % {"moment": date_format(timezone.localtime(call.respond_by), "DATETIME_FORMAT")},
            field="call",
        )
    if is_silent != (rating == Rating.ABSENT):
        said = (
            _("%(name)s has not reported in: rate it so, or wait for it.")
            if is_silent
            else _("%(name)s reported in.")
        )
        raise RuleBroken(said % {"name": call.organisation.name}, field="rating")
    call.state, call.rating = WhistleState.RATED, rating
    call.rating_note = data.get("rating_note", "")
    call.save(update_fields=["state", "rating", "rating_note"])
    others = {key: state for key, state in ticket.whistles.items() if key != str(call.organisation_id)}
    return Outcome(
        fields={"whistles": others}, facts={"name": call.organisation.name, "rating": call.rating.value}
    )


def open_calls(ticket: Ticket) -> str:
    """In words, the departments whose call is not over, each with its state; empty when every call is."""
    if not ticket.whistles:
        return ""
    calls = ticket.whistle_calls.exclude(state__in=(WhistleState.RATED, WhistleState.ENDED))
    words = [
        f"{call.organisation} {call.get_state_display()}" for call in calls.select_related("organisation")
    ]
    return pgettext("between names", ", ").join(words)


def may_rate_now(ticket: Ticket, now: datetime) -> bool:
    """Whether a call can be rated: it was dealt with, or the time to report in has passed."""
    return ticket.whistle_calls.to_rate(now).exists()


def end_calls(ticket: Ticket) -> dict[str, Any]:
    """Fields for a ticket that closes: calls that were not dealt with end, the others may still be rated."""
    if not ticket.whistles:
        return {}
    ticket.whistle_calls.end()
    return {"whistles": {key: s for key, s in ticket.whistles.items() if s == WhistleState.HANDLED}}


def _own_call(ticket: Ticket, actor: Any, state: WhistleState) -> WhistleCall:
    return ticket.whistle_calls.select_related("organisation").get(
        organisation=actor.organisation_id, state=state
    )


def _with(ticket: Ticket, call: WhistleCall) -> dict[str, str]:
    return {**ticket.whistles, str(call.organisation_id): WhistleState(call.state).value}


WHISTLE_EFFECTS = {effect.__name__: effect for effect in (whistle, report_in, answer_whistle, rate_whistle)}
