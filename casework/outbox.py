"""What leaves the house: planned with the inbox entry, held over the night, sent with retries, given up in the open.

A message is claimed for a while, sent, and marked. When the worker dies between sending and marking, or the other side
takes a message and does not say so, it goes out again: the two faults in which copies arrive (docs/operations.md). An
inbox entry never comes twice.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from casework.channels.base import GiveUp, TryLater
from casework.choices import Channel, MessageState, Mode, Topic
from casework.letters import channels_of, compose
from casework.limit_models import parameter
from casework.models import Message, MessageLine, Preference, Reminder
from casework.planning import topic_of
from casework.transport import send
from grids.office_calendar import HoursBook
from grids.workdays import ReminderHours

LEASE = timedelta(minutes=5)
BATCH = 10
MAX_ATTEMPTS = 8
# How long one run sends before the other tasks of its worker have their turn. Far below the lease: no claim of a run
# ends before the run does, however slow the other side is. Below a minute: the next sweep starts the next run.
TURN = timedelta(seconds=50)
# Too many in this time come as a list (parameter `single_messages`), and a next one of what is urgent after this time.
MANY_IN = timedelta(minutes=10)
URGENT_AGAIN = timedelta(minutes=1)
# How long the n-th failure waits for the next try.
BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
# How a person hears who has chosen nothing; what is urgent is not held back for a digest.
DEFAULT_MODES: dict[tuple[str, str], str] = {
    (Topic.DUE_SOON, Channel.EMAIL): Mode.DIGEST,
    (Topic.LATE, Channel.EMAIL): Mode.DIGEST,
    (Topic.DECISION, Channel.EMAIL): Mode.AT_ONCE,
    (Topic.SYSTEM, Channel.EMAIL): Mode.AT_ONCE,
}


def modes_of(users: Collection[int]) -> dict[tuple[int, str, str], str]:
    """What these people have chosen, by person, topic and channel."""
    rows = Preference.objects.filter(user__in=users)
    return {
        (user, topic, channel): mode
        for user, topic, channel, mode in rows.values_list("user_id", "topic", "channel", "mode")
    }


def mode_for(chosen: dict[tuple[int, str, str], str], user: int, topic: str, channel: str) -> str:
    return chosen.get((user, topic, channel)) or DEFAULT_MODES.get((topic, channel), Mode.OFF)


def plan_messages(ids: Collection[int], *, now: datetime) -> None:
    """The messages that follow from these reminders, by what their recipients have chosen. The caller's transaction."""
    reachable = Q(recipient__is_active=True) & (~Q(recipient__email="") | ~Q(recipient__phone=""))
    rows = Reminder.objects.filter(reachable, pk__in=ids).select_related("recipient", "case").order_by("pk")
    reminders = list(rows.defer("case__title"))
    if not reminders:
        return
    planned = set(MessageLine.objects.filter(reminder__in=ids).values_list("reminder", "message__channel"))
    chosen, book = modes_of({r.recipient_id for r in reminders}), HoursBook()
    singles, lists = list[Wanted](), list[Wanted]()
    for r in reminders:
        for channel in channels_of(r.recipient):
            mode = mode_for(chosen, r.recipient_id, topic_of(r.rule), channel)
            if mode == Mode.OFF or (r.pk, channel) in planned:
                continue
            hours = book.hours(r.case.path if r.case else "")
            if mode == Mode.DIGEST and not r.is_urgent:
                lists.append(Wanted(r, channel, hours.next_digest(now), hours))
            else:
                singles.append(Wanted(r, channel, now if r.is_urgent else hours.after_quiet(now), hours))
    few, many = _few_and_many(singles)
    _write([(w.reminder, _single(w.reminder, w.channel, w.at, now)) for w in few])
    _write(_open_lists([*lists, *many], now))


def _few_and_many(singles: Sequence["Wanted"]) -> tuple[list["Wanted"], list["Wanted"]]:
    """Apart: what goes out each by itself, and what comes as a list, because its recipient has too many of them in the
    ten minutes before they go out (parameter `single_messages`).
    """
    few, many = list[Wanted](), list[Wanted]()
    most = parameter("single_messages") if singles else 0
    for at in sorted({w.at for w in singles}):
        group = [w for w in singles if w.at == at]
        others = Message.objects.filter(
            recipient__in={w.reminder.recipient_id for w in group}, is_digest=False
        ).filter(send_after__gt=at - MANY_IN, send_after__lte=at)
        counts = Counter(others.values_list("recipient", "channel"))
        counts.update((w.reminder.recipient_id, w.channel) for w in group)
        for w in group:
            is_few = counts[w.reminder.recipient_id, w.channel] <= most
            (few if is_few else many).append(w if is_few else one_of_many(w))
    return few, many


def one_of_many(w: "Wanted") -> "OneOfMany":
    """The line of a list that may go out at once: its moment, rounded down by the clock."""
    span = OneOfMany.span_of(w.reminder)
    return OneOfMany(w.reminder, w.channel, w.at - (w.at - datetime.min.replace(tzinfo=UTC)) % span, w.hours)


def _single(r: Reminder, channel: str, send_after: datetime, now: datetime) -> Message:
    return Message(
        dedupe_key=f"{channel}:{r.dedupe_key}",
        channel=channel,
        recipient_id=r.recipient_id,
        is_urgent=r.is_urgent,
        planned_at=now,
        send_after=send_after,
    )


@dataclass(frozen=True)
class Wanted:
    """A reminder that is told at a moment, by the hours of its place; as a line of a list that of the morning."""

    reminder: Reminder
    channel: str
    at: datetime
    hours: ReminderHours

    @property
    def key(self) -> str:
        return f"digest:{self.channel}:{self.reminder.recipient_id}:{self.at:%Y-%m-%d}"

    def message(self, now: datetime) -> Message:
        return Message(
            dedupe_key=self.key,
            channel=self.channel,
            recipient_id=self.reminder.recipient_id,
            is_digest=True,
            planned_at=now,
            send_after=self.at,
        )

    def later(self) -> "Wanted":
        """For the next list, when this one is being sent already."""
        return replace(self, at=self.hours.next_digest(self.at))


class OneOfMany(Wanted):
    """One of too many to go out each by itself: a line of a list at once, and of the next list when that is gone.

    One list a minute of what is urgent, one in ten minutes of the rest.
    """

    @staticmethod
    def span_of(reminder: Reminder) -> timedelta:
        return URGENT_AGAIN if reminder.is_urgent else MANY_IN

    @property
    def key(self) -> str:
        urgent = "urgent" if self.reminder.is_urgent else "calm"
        return f"many:{self.channel}:{self.reminder.recipient_id}:{urgent}:{self.at:%Y-%m-%d %H:%M%z}"

    def message(self, now: datetime) -> Message:
        message = super().message(now)
        message.is_urgent = self.reminder.is_urgent
        return message

    def later(self) -> "Wanted":
        at = self.at + self.span_of(self.reminder)
        return replace(self, at=at if self.reminder.is_urgent else self.hours.after_quiet(at))


def _open_lists(wanted: list[Wanted], now: datetime) -> list[tuple[Reminder, Message]]:
    """The list each reminder goes into; one that is being sent already leaves the line to the next one."""
    pairs = []
    while wanted:
        made = {w.key: w.message(now) for w in wanted}
        # In one order: two workers that plan for the same people would otherwise wait for each other.
        Message.objects.bulk_create((made[key] for key in sorted(made)), ignore_conflicts=True)
        waiting = Message.objects.select_for_update().filter(
            dedupe_key__in=made, state=MessageState.PLANNED, attempts=0
        )
        open_ones = {message.dedupe_key: message for message in waiting.order_by("pk")}
        pairs += [(w.reminder, open_ones[w.key]) for w in wanted if w.key in open_ones]
        wanted = [w.later() for w in wanted if w.key not in open_ones]
    return pairs


def _write(pairs: Sequence[tuple[Reminder, Message]]) -> None:
    """Saves new messages, and a line for each reminder; what is known already is left as it is."""
    new = {message.dedupe_key: message for _r, message in pairs if message.pk is None}
    if new:
        Message.objects.bulk_create(new.values(), ignore_conflicts=True)
    keys = [message.dedupe_key for _r, message in pairs]
    ids = dict(Message.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", "pk"))
    MessageLine.objects.bulk_create(
        (
            MessageLine(
                message_id=ids[message.dedupe_key], reminder=r, case_id=r.case_id, rule=r.rule, facts=r.facts
            )
            for r, message in pairs
        ),
        ignore_conflicts=True,
    )


def claim_messages(channel: str, *, now: datetime, limit: int = BATCH) -> list[Message]:
    """Takes up to `limit` messages of a channel for five minutes; no other worker gets the same ones.

    One whose claim ran out is taken again, alone: if it is what kills its worker, it takes no others along. After
    eight attempts it is given up.
    """
    Message.objects.filter(
        channel=channel, state=MessageState.CLAIMED, lease_until__lt=now, attempts__gte=MAX_ATTEMPTS
    ).update(
        state=MessageState.DEAD,
        lease_until=None,
        last_error=_("Each time the process that sent it broke off."),
    )
    with transaction.atomic():
        due = _to_do(now).filter(channel=channel).select_for_update(skip_locked=True)
        found = list(due.order_by("send_after", "pk")[:limit])
        rows = [message for message in found if message.state == MessageState.PLANNED] or found[:1]
        Message.objects.filter(pk__in=[m.pk for m in rows]).update(
            state=MessageState.CLAIMED, lease_until=now + LEASE, attempts=F("attempts") + 1
        )
    for message in rows:
        message.attempts += 1
        message.lease_until = now + LEASE
    return rows


def _at_night(messages: Sequence[Message], now: datetime) -> dict[int, datetime]:
    """By message when its quiet hours end, for those that are not urgent and whose turn would fall into them."""
    calm = [message.pk for message in messages if not message.is_urgent]
    if not calm:
        return {}
    first = MessageLine.objects.filter(message=OuterRef("pk"), case__isnull=False).order_by("pk")
    place = Coalesce("robot__area__code", Subquery(first.values("case__path")[:1]), Value(""))
    book, ends = HoursBook(), dict[int, datetime]()
    for pk, path in Message.objects.filter(pk__in=calm).values_list("pk", place):
        hours = book.hours(path)
        for moment in (now + TURN, now):
            if (end := hours.after_quiet(moment)) != moment:
                ends[pk] = end
    return ends


def send_claimed(messages: Sequence[Message], *, now: datetime, until: float) -> int:
    """Sends claimed messages one by one and writes down what became of each; returns how many are done.

    What is not urgent waits for the end of the quiet hours, however late it comes to be sent. After `until` (by the
    monotonic clock) no further one is begun. A server that does not answer, or has taken as many as it takes in a
    minute, is not asked again: all that is due to it waits, and goes out in its order.
    """
    sent, at_night = 0, _at_night(messages, now)
    waits: dict[int | str, datetime] = {}
    for message in messages:
        target = message.robot_id or message.channel
        if message.pk in at_night:
            _put_back(message, at_night[message.pk])
            continue
        if target in waits:
            _put_back(message, waits[target])
            continue
        if monotonic() >= until:
            _put_back(message, message.send_after)
            continue
        composed = compose(message, now=now)
        if composed.letter is None:
            _mark(message, state=MessageState.DROPPED, last_error=composed.reason[:200])
            continue
        try:
            left = send(message, composed.letter, now=now)
        except TryLater as trouble:
            if trouble.after is not None:  # a rate limit: nobody's fault, no try lost
                _put_back(message, now + trouble.after, reason=str(trouble))
            else:
                _try_again(message, str(trouble), now=now)
            if not trouble.is_of_one:
                waits[target] = now + (trouble.after or BACKOFF[0])
                _postpone(message, now, waits[target])
        except GiveUp as trouble:
            _mark(message, state=MessageState.DEAD, last_error=str(trouble)[:200])
        else:
            state = MessageState.SENT if left else MessageState.NOTED
            sent += _mark(message, state=state, sent_at=now if left else None, last_error="")
            MessageLine.objects.filter(pk__in=composed.left_out).update(is_left_out=True)
    return sent


def send_due(channel: str, *, now: datetime, turn: timedelta = TURN) -> int:
    """Claims and sends until nothing of the channel is due or the turn is over; returns how many are done."""
    sent, until = 0, monotonic() + turn.total_seconds()
    while monotonic() < until and (messages := claim_messages(channel, now=now)):
        sent += send_claimed(messages, now=now, until=until)
    return sent


def _to_do(now: datetime) -> QuerySet[Message]:
    """What may be sent now: planned, or claimed by a worker that did not end its claim in time."""
    return Message.objects.filter(
        Q(state=MessageState.PLANNED) | Q(state=MessageState.CLAIMED, lease_until__lt=now),
        send_after__lte=now,
    )


def channels_due(*, now: datetime, idle_only: bool = False) -> list[str]:
    """Channels that have something to send now; with `idle_only` not those through which a worker is sending."""
    due = _to_do(now)
    if idle_only:
        busy = Message.objects.filter(state=MessageState.CLAIMED, lease_until__gte=now, send_after__lte=now)
        due = due.exclude(channel__in=busy.values("channel"))
    return list(due.order_by("channel").values_list("channel", flat=True).distinct())


def resend(messages: Any, *, now: datetime) -> int:
    """Puts given-up messages back into the outbox, with all their tries; returns how many."""
    changed: int = messages.filter(state=MessageState.DEAD).update(
        state=MessageState.PLANNED, attempts=0, send_after=now, lease_until=None, last_error=""
    )
    return changed


def _mark(message: Message, **fields: Any) -> int:
    """Writes the end of a claim that is still ours; another worker's claim is left alone."""
    ours = Message.objects.filter(pk=message.pk, state=MessageState.CLAIMED, lease_until=message.lease_until)
    return ours.update(lease_until=None, **fields)


def _put_back(message: Message, send_after: datetime, *, reason: str = "") -> None:
    _mark(
        message,
        state=MessageState.PLANNED,
        attempts=message.attempts - 1,
        send_after=send_after,
        last_error=reason[:200],
    )


def _postpone(message: Message, now: datetime, until: datetime) -> None:
    """Whatever else is due to the same server waits too, in one statement."""
    due = _to_do(now).filter(channel=message.channel, robot=message.robot_id, state=MessageState.PLANNED)
    with transaction.atomic():
        free = due.select_for_update(skip_locked=True).values("pk")
        Message.objects.filter(pk__in=free).update(send_after=until)


def _try_again(message: Message, reason: str, *, now: datetime) -> None:
    if message.attempts >= MAX_ATTEMPTS:
        _mark(message, state=MessageState.DEAD, last_error=reason[:200])
        return
    wait = BACKOFF[min(message.attempts, len(BACKOFF)) - 1]
    _mark(message, state=MessageState.PLANNED, send_after=now + wait, last_error=reason[:200])
