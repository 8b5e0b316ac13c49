"""The one door through which a case changes: lock, check, effect, row, event, tally, reminders."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casework import clocks, tallies
from casework.errors import AlreadyDone, InputMissing, NotAllowed, NotOffered, StalePage
from casework.events import record_event
from casework.models import Case, CaseEvent, CasePerson, InboxItem, NumberSeries
from casework.news import plan_news
from casework.permissions import is_final
from casework.photos import attach_photos
from casework.registry import Kind, Outcome, kind_of
from casework.timeline import sentence
from casework.workflow import Transition, capacities_missing

SYSTEM_CAPACITIES = frozenset({"system"})
# What is written into the timeline and leaves a page that was loaded before as good as it was.
SAME_VERSION = ("note", "reveal", "recounted")
# The same note again within this time is the same form, sent from a page the browser went back to.
SENT_AGAIN_WITHIN = timedelta(hours=1)
# Inputs whose text goes into the event's facts as it was typed.
TEXT_INPUTS = ("opinion", "reason", "note", "demand", "answer", "outcome", "rating_note")


def next_number(*, prefix: str, now: datetime) -> str:
    """The next public number of the year, as T-2023-000123. Call it late: the series stays locked to the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {NumberSeries._meta.db_table} (prefix, year, last) VALUES (%s, %s, 1)
                ON CONFLICT (prefix, year) DO UPDATE SET last = {NumberSeries._meta.db_table}.last + 1
                RETURNING last""",  # noqa: S608  the table's name is ours
            [prefix, timezone.localtime(now).year],
        )
        return f"{prefix}-{timezone.localtime(now).year}-{cursor.fetchone()[0]:06d}"


def open_case(
    *,
    case: Any,
    prefix: str,
    actor: Any,
    now: datetime,
    photos: Sequence[Any] = (),
    facts: Mapping[str, Any] | None = None,
) -> CaseEvent:
    """Saves a new case (an unsaved instance of a registered kind) with its number, first event, limits and photos.

    The caller runs it inside a transaction. Raises IntegrityError when the idempotency key is taken.
    """
    kind = kind_of(case.kind)
    case.status, case.status_since, case.opened_at = kind.workflow.initial, now, now
    case.path = case.area.code
    case.number = next_number(prefix=prefix, now=now)
    case.save(force_insert=True)
    moved = clocks.begin(kind=kind, case=case, now=now)
    if moved.fields:
        for name, value in moved.fields.items():
            setattr(case, name, value)
        case.save(update_fields=sorted(moved.fields))
    event = record_event(
        case=case,
        verb="report",
        actor=actor,
        now=now,
        to_status=case.status,
        facts={**moved.facts, **(facts or {})},
        idempotency_key=case.idempotency_key,
    )
    attach_photos(case=case, event=event, photos=photos, actor=actor, now=now)
    plan_news(kind=kind, verb="report", case=case, event=event, actor=actor, now=now)
    return event


def locked_case(number: str) -> Any:
    """The case of its own kind, locked to the end of the transaction. Raises Case.DoesNotExist.

    `no_key`: rows that refer to the case, as reminders do, may be written meanwhile.
    """
    row = Case.objects.select_for_update(of=("self",), no_key=True).only("pk", "kind").get(number=number)
    return kind_of(row.kind).model.objects.for_step().get(pk=row.pk)


def apply_transition(
    *,
    number: str,
    verb: str,
    actor: Any,
    data: Mapping[str, Any] | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Any:
    """Takes one step: lock, table, permission, inputs, effect, row, event, tally, reminders; all or nothing.

    `actor` None is the system. `version` is the page's; another one means somebody was faster. Returns the case.
    Raises NotOffered (409) for an unknown verb or a status that does not offer it, StalePage (409), NotAllowed
    (403), InputMissing (400) and what the effect raises.
    """
    now = now or timezone.now()
    data = data or {}
    with transaction.atomic():
        case = locked_case(number)
        kind = kind_of(case.kind)
        step = kind.workflow.get(verb)
        if step is None:
            raise NotOffered(_("There is no such step."))
        check_step(kind=kind, step=step, case=case, actor=actor, version=version)
        for name in step.required:
            if data.get(name) in (None, "", [], ()):
                raise InputMissing(name, _("This field is required."))
        _take(kind=kind, step=step, case=case, actor=actor, data=data, now=now)
        _has_read(actor, case, now)
    return case


def check_step(*, kind: Kind, step: Transition, case: Any, actor: Any, version: int | None = None) -> None:
    """Raises StalePage, NotOffered or NotAllowed, in this order, when the step cannot be taken now.

    Pages ask before they show or read a form; only the asking under the row's lock decides.
    """
    check_version(case, version)
    if case.status not in step.sources:
        raise NotOffered(
            _("“%(step)s” is not possible while the case is “%(status)s”.")
            % {"step": step.label, "status": kind.workflow.statuses(case.status).label}
        )
    held = SYSTEM_CAPACITIES if actor is None else kind.capacities(actor, case)
    if capacities_missing(step, held):
        raise NotAllowed(_("“%(step)s” is for others to do.") % {"step": step.label})


def check_version(case: Any, version: int | None) -> None:
    """Raises StalePage naming who changed the case, and what, after the page with this version was loaded."""
    if version is None or version == case.version:
        return
    events = case.events.exclude(verb__in=SAME_VERSION).select_related("actor")
    event = events.order_by("-seq").first()
    raise StalePage(
        _("Meanwhile: %(who)s %(what)s. Look at the case as it is now and decide again.")
        % {"who": event.actor or _("the system"), "what": sentence(event, kind_of(case.kind))}
    )


def _take(
    *, kind: Kind, step: Transition, case: Any, actor: Any, data: Mapping[str, Any], now: datetime
) -> None:
    effect = kind.effects.get(step.verb)
    outcome = effect(case, data, actor, now) if effect else Outcome()
    before = case.status
    target = outcome.target or (step.targets[0] if step.targets else before)
    if step.targets and target not in step.targets:
        raise ValueError(f"{step.verb} may not lead to {target}")
    was_closed, is_closed = before in kind.workflow.closed, target in kind.workflow.closed
    if was_closed and not is_closed:
        tallies.take_back(case)  # before the fields change: the tally's row is found by them
    fields = dict(outcome.fields)
    if is_closed and not was_closed:
        fields |= kind.closing(case)
    for name, value in fields.items():
        setattr(case, name, value)
    changed = {*fields, "version"}
    case.version += 1
    if target != before:
        case.status, case.status_since = target, now
        changed |= {"status", "status_since"}
    if was_closed != is_closed:
        case.closed_at = now if is_closed else None
        changed.add("closed_at")
    moved = clocks.move(kind=kind, case=case, verb=step.verb, before=before, outcome=outcome, now=now)
    for name, value in moved.fields.items():
        setattr(case, name, value)
    if is_closed and not was_closed:
        tallies.count(case)
    case.save(update_fields=sorted({*changed, *moved.fields}))
    facts = {name: str(data[name]) for name in TEXT_INPUTS if data.get(name)}
    facts |= {**moved.facts, **outcome.facts}
    event = record_event(
        case=case, verb=step.verb, actor=actor, now=now, facts=facts, from_status=before, to_status=target
    )
    attach_photos(case=case, event=event, photos=data.get("photos") or (), actor=actor, now=now)
    plan_news(kind=kind, verb=step.verb, case=case, event=event, actor=actor, now=now)
    if outcome.then:
        following = kind.workflow.get(outcome.then)
        if following is None:
            raise ValueError(f"{step.verb} leads on to the unknown verb {outcome.then}")
        _take(kind=kind, step=following, case=case, actor=None, data={}, now=now)


def add_note(
    *, number: str, actor: Any, text: str, key: UUID, photos: Sequence[Any] = (), now: datetime | None = None
) -> Any:
    """A note in the timeline. The same form sent twice writes one (raises AlreadyDone the second time), also when
    the browser went back and gave it another key: the person's last note there, with the same text and pictures.

    Raises StalePage for a key that stands for something else, NotOffered when the case is final.
    """
    now = now or timezone.now()
    with transaction.atomic():
        case = locked_case(number)
        if written := CaseEvent.objects.filter(idempotency_key=key).first():
            if (written.case_id, written.verb, written.actor) == (case.pk, "note", actor):
                raise AlreadyDone(_("This note was saved already."))
            raise StalePage(_("This form was used for something else already. Look at it and send it again."))
        if _is_last_note(case, actor, text, len(photos), now):
            raise AlreadyDone(_("This note was saved already."))
        if is_final(case):
            raise NotOffered(_("It is at its end; nothing is added to it any more."))
        event = record_event(
            case=case, verb="note", actor=actor, now=now, facts={"text": text}, idempotency_key=key
        )
        attach_photos(case=case, event=event, photos=photos, actor=actor, now=now)
        plan_news(kind=kind_of(case.kind), verb="note", case=case, event=event, actor=actor, now=now)
        _has_read(actor, case, now)
    return case


def _is_last_note(case: Any, actor: Any, text: str, photos: int, now: datetime) -> bool:
    last = case.events.filter(verb="note", actor=actor).order_by("-seq").first()
    return (
        last is not None
        and last.facts.get("text") == text
        and now - last.at < SENT_AGAIN_WITHIN
        and last.attachments.count() == photos
    )


def _has_read(actor: Any, case: Any, now: datetime) -> None:
    """Whoever acts on a case has read what their inbox says of it."""
    if actor is not None:
        InboxItem.objects.filter(recipient=actor, case_id=case.pk).unread().update(read_at=now)


def record_reveal(*, number: str, actor: Any, reason: str, what: str, now: datetime | None = None) -> Any:
    """Writes who saw personal data of the case, what and why, before it is shown (domain page 7)."""
    now = now or timezone.now()
    with transaction.atomic():
        case = locked_case(number)
        record_event(case=case, verb="reveal", actor=actor, now=now, facts={"reason": reason, "what": what})
    return case


def set_watch(*, case: Case, user: Any, watching: bool) -> None:
    """The person hears of every event of the case, or no longer does. Watching gives no sight of it."""
    if watching:
        CasePerson.objects.get_or_create(case_id=case.pk, user=user, kind="watcher")
    else:
        CasePerson.objects.filter(case_id=case.pk, user=user, kind="watcher").delete()
