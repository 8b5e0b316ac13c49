"""The ticket as the desk knows it: workflow, effects, rights, words, and who hears of what."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from casework.choices import HandlingLevel, WhistleState
from casework.desks import people_at
from casework.models import Reminder
from casework.planning import NEWS
from casework.registry import Kind, KindFilter
from grids.choices import Duty
from grids.posts import holders
from requests_.answers import EXPORT_HEADINGS, exported
from requests_.callbacks import CALLBACK_EFFECTS, lines_of, still_needed
from requests_.choices import HANDLED_STATUSES, DeclineReason, PendingRequest, TicketStatus, TicketType
from requests_.correction import correct
from requests_.desks import TICKET_DESKS, TICKET_HANDLED_IN
from requests_.effects import EFFECTS
from requests_.forms import StepForm
from requests_.models import PREFIX, ProactiveTopic, Ticket
from requests_.permissions import can_reveal, capacities
from requests_.report_news import reporters_hear
from requests_.seen_repeats import count_seen, repeats_at_least
from requests_.selectors import category_choices
from requests_.time_effects import TIME_EFFECTS
from requests_.whistle_effects import WHISTLE_EFFECTS, end_calls, may_rate_now
from requests_.workflow import CLOCKS, TICKET_WORKFLOW

# Types and categories share one column of the limits.
TYPE_PREFIX = "type:"


def _declined(facts: Mapping[str, Any]) -> Any:
    if "decline_reason" not in facts:
        return _("declined it")
    return gettext("declined it: %(why)s") % {"why": DeclineReason(facts["decline_reason"]).label}


def _called_back(facts: Mapping[str, Any]) -> Any:
    if "other" in facts:
        if facts.get("by_hotline"):
            return _("entered what 12345 heard from the resident of %(other)s")
        return _("called the resident of %(other)s back")
    return _("entered what 12345 heard") if facts.get("by_hotline") else _("called the resident back")


def _not_reached(facts: Mapping[str, Any]) -> Any:
    if "other" in facts:
        return _("could not reach the resident of %(other)s (try %(count)s)")
    return _("could not reach the resident (try %(count)s)")


def _reopened(facts: Mapping[str, Any]) -> Any:
    if "area" in facts:
        return _("reopened it in %(area)s, its area since; to be done by %(due_at)s")
    return _("reopened it; to be done by %(due_at)s")


def _corrected(facts: Mapping[str, Any]) -> str:
    parts = []
    if "place" in facts:
        parts.append(gettext("corrected the place from “%(was_place)s” to “%(place)s”"))
    if "category" in facts:
        parts.append(gettext("corrected the category from “%(was_category)s” to “%(category)s”"))
    if "due_at" in facts:
        parts.append(gettext("to be done by %(due_at)s"))
    if "handler_outside" in facts:
        parts.append(gettext("%(handler_outside)s handles it on and does not serve this place"))
    return pgettext("between parts of a sentence", "; ").join(parts)


SENTENCES: Mapping[str, Any] = {
    "report": _("reported it"),
    "accept": _("accepted it; to be done by %(due_at)s"),
    "settle_on_spot": _("settled it on the spot"),
    "decline": _declined,
    "merge": _("merged it into %(main)s"),
    "merged_in": _("merged %(other)s into it"),
    "dispatch": _("dispatched it to %(handler)s"),
    "sign": _("signed for it"),
    "send_back": _("sent it back (time %(count)s)"),
    "reassign": _("reassigned it to %(handler)s"),
    "request_escalation": _("asked to escalate it"),
    "escalate": _("escalated it: %(level)s"),
    "record_contact": _("spoke to the resident for the first time"),
    "request_extension": _("asked for an extension of %(workdays)s workdays"),
    "approve_extension": _("approved the extension of %(workdays)s workdays; to be done by %(due_at)s"),
    "refuse_extension": _("refused the extension"),
    "propose_suspension": _("proposed to suspend it until %(review_on)s"),
    "suspend": _("suspended it; to be reviewed on %(review_on)s"),
    "refuse_suspension": _("refused the suspension"),
    "resume": _("resumed it; to be done by %(due_at)s"),
    "whistle": _("blew the whistle for %(names)s; they report in before %(respond_at)s"),
    "report_in": _("reported in for %(name)s"),
    "answer_whistle": _("%(name)s dealt with it on the spot"),
    "rate_whistle": _("rated %(name)s: %(rating)s"),
    "supervise": _("issued supervision sheet %(sheet)s: %(leader)s answers by %(answer_at)s"),
    "lift_supervision": _("lifted supervision %(sheet)s"),
    "finish": _("finished it"),
    "rework": _("returned it for rework"),
    "pass_review": _("passed the review"),
    "callback": _called_back,
    "try_contact": _not_reached,
    "close_unreached": _("closed it, the resident could not be reached"),
    "reopen": _reopened,
    "cancel": _("cancelled it"),
    "unlink_repeat": _("found that it repeats nothing"),
    "correct": _corrected,
    "archive": _("archived it"),
    "name_person": _("let %(name)s see it"),
}


# Steps after which it waits on a desk, and steps after which it lies with its handler.
NEXT_DESK = frozenset(
    {
        "report",
        "finish",
        "settle_on_spot",
        "send_back",
        "escalate",
        "reopen",
        "pass_review",
        "request_extension",
        "propose_suspension",
    }
)
TO_HANDLER = frozenset({"dispatch", "reassign", "rework", "callback", "merged_in"})


def to_tell(verb: str, ticket: Any, actor: Any) -> Iterable[int]:
    """Ids of the people who must act next: the handler, or those on whose desk it lies (requests_/desks.py)."""
    if verb == "callback" and ticket.status == TicketStatus.TO_CALL_BACK:
        return ()  # others are still to be called
    if verb in MEASURES:
        return MEASURES[verb](ticket, actor)
    if ticket.closed_at is not None:
        return ()
    if verb in TO_HANDLER:
        return handler_ids(ticket) or people_at(ticket)
    if verb == "correct":
        return _answering(ticket)
    if verb == "accept":
        return people_at(ticket) - _heard(ticket)
    if verb == "request_escalation":
        return holders((Duty.COMMUNITY_SECRETARY,), ticket.path) or holders(
            (Duty.SUBDISTRICT_ADMIN,), ticket.path
        )
    return people_at(ticket) if verb in NEXT_DESK else ()


def _answering(ticket: Any) -> set[int]:
    """After a correction: the handler, the desk on which it lies, and the grid's leader who has not heard of it yet."""
    handlers = set(handler_ids(ticket)) if ticket.status in TICKET_HANDLED_IN else set()
    at_grid = ticket.handling_level == HandlingLevel.GRID
    leaders = set(holders((Duty.GRID_LEADER,), ticket.path)) if at_grid else set()
    return handlers | people_at(ticket) | (leaders - _heard(ticket))


def _heard(ticket: Any) -> set[int]:
    """Who was told of a step of it before."""
    return set(Reminder.objects.filter(case_id=ticket.pk, rule=NEWS).values_list("recipient_id", flat=True))


def _answerable(ticket: Any, actor: Any) -> Iterable[int]:
    """Under supervision: the named leader, the handler and the secretary."""
    leader = ticket.supervisions.values_list("leader_id", flat=True).first()
    return {leader, *handler_ids(ticket), *holders((Duty.COMMUNITY_SECRETARY,), ticket.path)} - {None}


def _called(ticket: Any, actor: Any) -> Iterable[int]:
    """People of the departments whose call waits for them."""
    waiting = [int(key) for key, state in ticket.whistles.items() if state == WhistleState.CALLED]
    return User.objects.acting_for(waiting).values_list("pk", flat=True)


def _callers(ticket: Any, actor: Any) -> Iterable[int]:
    return set(ticket.whistle_calls.exclude(state=WhistleState.RATED).values_list("called_by", flat=True))


def _with_handler(ticket: Any, actor: Any) -> Iterable[int]:
    return handler_ids(ticket)


MEASURES: Mapping[str, Any] = {
    "approve_extension": _with_handler,
    "refuse_extension": _with_handler,
    "suspend": _with_handler,
    "refuse_suspension": _with_handler,
    "resume": _with_handler,
    "supervise": _answerable,
    "lift_supervision": _answerable,
    "whistle": _called,
    "report_in": _callers,
    "answer_whistle": _callers,
}


def handler_ids(ticket: Any) -> list[int]:
    """The handler, or everybody of the handling organisation."""
    if ticket.handler_user_id:
        return [ticket.handler_user_id]
    return list(User.objects.acting_for([ticket.handler_org_id]).values_list("pk", flat=True))


def not_yet(ticket: Any, verbs: Collection[str], now: datetime) -> Mapping[str, str]:
    """Closing as not reached before it was called often enough; rating before anybody can be rated."""
    later: dict[str, str] = {}
    if "close_unreached" in verbs and (missing := still_needed(ticket)):
        later["close_unreached"] = missing
    if "rate_whistle" in verbs and not may_rate_now(ticket, now):
        later["rate_whistle"] = ""
    return later


TONES: Mapping[str, str] = {
    TicketStatus.REPORTED: "wait",
    TicketStatus.TO_DISPATCH: "wait",
    TicketStatus.TO_SIGN: "wait",
    TicketStatus.HANDLING: "work",
    TicketStatus.SUSPENDED: "off",
    TicketStatus.TO_REVIEW: "check",
    TicketStatus.TO_CALL_BACK: "check",
    TicketStatus.CLOSED: "done",
    TicketStatus.ARCHIVED: "off",
    TicketStatus.DECLINED: "stop",
    TicketStatus.MERGED: "off",
    TicketStatus.CANCELLED: "off",
}
CATEGORY_FILTER = KindFilter(
    name="category",
    label=_("Category"),
    choices=category_choices,
    condition=lambda user, code: Q(ticket__category__code=code) | Q(proactivetopic__category__code=code),
)
REPEATS_FILTER = KindFilter(
    name="repeats",
    label=_("Repeats"),
    choices=lambda: [("2", _("Reported before")), ("3", _("Third time or more"))],
    condition=lambda user, least: Q(pk__in=repeats_at_least(user, int(least))),
)

# Closed after being handled; what was declined, merged or cancelled is no work done.
HANDLED_FILTER = KindFilter(
    name="handled",
    label=_("Handled"),
    choices=lambda: [("yes", _("Handled")), ("no", _("Not handled"))],
    condition=lambda user, value: (
        Q(status__in=HANDLED_STATUSES) if value == "yes" else ~Q(status__in=HANDLED_STATUSES)
    ),
)
DECISION_FILTER = KindFilter(
    name="decision",
    label=_("Waits for a decision"),
    choices=lambda: [("any", _("Extension or suspension")), *PendingRequest.choices],
    condition=lambda user, value: (
        Q(ticket__pending_request__in=PendingRequest.values)
        if value == "any"
        else Q(ticket__pending_request=value)
    ),
)


# Statuses in which a ticket may have been called back about; it also may when somebody was dissatisfied.
CALLED_BACK = frozenset({TicketStatus.TO_CALL_BACK, *HANDLED_STATUSES})


def times(number: int) -> str:
    """Which report of its matter this is: 第 3 次反映."""
    return gettext("Report no. %(n)s") % {"n": number}


def marks(ticket: Any) -> list[Any]:
    """That it was reported before, and what waits on it: a decision, departments that were called and not rated yet."""
    waits: list[Any] = [times(ticket.seen_number)] if ticket.seen_number > 1 else []
    if ticket.pending_request:
        waits.append(PendingRequest(ticket.pending_request).label)
    if called := len(ticket.whistles):
        words = ngettext("%(n)d department called", "%(n)d departments called", called)
        waits.append(words % {"n": called})
    return waits


def page_facts(user: Any, ticket: Any) -> Mapping[str, Any]:
    """For the case page, as far as the person sees them: what it was merged into and what into it, the other reports
    of its matter in their order with their numbers, which report this one is, and the topic it belongs to.
    """
    first = ticket.repeat_of_id or ticket.pk
    others = Ticket.objects.visible_to(user).exclude(pk=ticket.pk)
    others = others.filter(
        Q(merged_into=ticket.pk) | Q(pk__in=(first, ticket.merged_into_id)) | Q(repeat_of=first)
    )
    rows = list(others.order_by("repeat_number", "opened_at"))
    topic = ProactiveTopic.objects.visible_to(user).filter(pk=ticket.topic_id) if ticket.topic_id else ()
    matter = [other for other in rows if first in (other.pk, other.repeat_of_id)]
    return {
        "main": next((other for other in rows if other.pk == ticket.merged_into_id), None),
        "merged": [other for other in rows if other.merged_into_id == ticket.pk],
        "repeats": [(other, times(_place(other, [*matter, ticket]))) for other in matter],
        "number": times(_place(ticket, matter)) if ticket.repeat_of_id and matter else "",
        "topic": next(iter(topic), None),
        "callback_lines": lines_of(ticket) if ticket.status == TicketStatus.TO_CALL_BACK else [],
        "calls": ticket.callbacks.select_related("by", "report").order_by("at", "pk")
        if ticket.status in CALLED_BACK or ticket.dissatisfied_count
        else [],
    }


def _place(ticket: Ticket, matter: Iterable[Ticket]) -> int:
    """Which one of these reports of a matter it is, counted from the first."""
    return 1 + sum(other.repeat_number < ticket.repeat_number for other in matter)


def contact(ticket: Any) -> str:
    return " ".join(x for x in (ticket.caller_name, ticket.caller_phone) if x)


def subjects(ticket: Any) -> tuple[str, ...]:
    """Codes a limit may be given for: the category, then the type."""
    return (ticket.category.code, f"{TYPE_PREFIX}{ticket.type}")


def subject_choices() -> list[Any]:
    """All of them for the administration, in groups."""
    types = [(f"{TYPE_PREFIX}{value}", label) for value, label in TicketType.choices]
    return [(_("Types"), types), *category_choices()]


TICKET = Kind(
    name="ticket",
    label=_("Ticket"),
    model=Ticket,
    workflow=TICKET_WORKFLOW,
    effects=EFFECTS | CALLBACK_EFFECTS | TIME_EFFECTS | WHISTLE_EFFECTS | {"correct": correct},
    capacities=capacities,
    form=StepForm,
    sentences=SENTENCES,
    to_tell=to_tell,
    facts_template="requests/_ticket_facts.html",
    sheet_template="requests/ticket_sheet.html",
    tones=TONES,
    not_yet=not_yet,
    desks=TICKET_DESKS,
    handled_in=TICKET_HANDLED_IN,
    decisions=frozenset({*MEASURES, "request_extension", "propose_suspension", "request_escalation"}),
    clocks=CLOCKS,
    subjects=subjects,
    subject_choices=subject_choices,
    subject_fields=frozenset({"category", "type"}),
    filters=(CATEGORY_FILTER, REPEATS_FILTER, HANDLED_FILTER, DECISION_FILTER),
    marks=marks,
    prepare=count_seen,
    prefix=PREFIX,
    sheet_rows_template="requests/_sheet_rows.html",
    facts=page_facts,
    export_headings=EXPORT_HEADINGS,
    exported=exported,
    contact=contact,
    outward=lambda ticket: ticket.category.name,
    may_reveal=can_reveal,
    closing=end_calls,
    reporters_hear=reporters_hear,
)
