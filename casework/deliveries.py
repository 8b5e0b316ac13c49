"""What was told about a case and to whom: inbox entries and messages that left the house, as its page lists them."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, CharField, DateTimeField, F, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from casework.choices import Channel, MessageState
from casework.message_models import TONES
from casework.models import InboxItem, MessageLine
from casework.permissions import can_see_deliveries

# How many of the newest a page lists.
MOST = 50
INBOX = "inbox"


@dataclass(frozen=True)
class Delivery:
    """One entry of an inbox, or one message that names the case. `done_at`: when it was read, or sent."""

    pk: int
    way: str
    name: str
    is_digest: bool
    state: str
    at: datetime
    not_before: datetime | None
    done_at: datetime | None
    error: str

    @property
    def is_inbox(self) -> bool:
        return self.way == INBOX

    @property
    def way_words(self) -> Any:
        return _("Inbox") if self.is_inbox else Channel(self.way).label

    @property
    def state_words(self) -> Any:
        if self.is_inbox:
            return _("Read") if self.done_at else _("Not read yet")
        return MessageState(self.state).label

    @property
    def tone(self) -> str:
        """The tone of the pill that says what became of it."""
        if self.is_inbox:
            return "done" if self.done_at else "wait"
        return TONES[MessageState(self.state)]

    @property
    def is_waiting(self) -> bool:
        return self.state in (MessageState.PLANNED, MessageState.CLAIMED)

    @property
    def reason(self) -> str:
        """Why it did not go out, once that is settled."""
        return "" if self.is_waiting else self.error


@dataclass(frozen=True)
class Deliveries:
    """The newest, and whether there are more."""

    newest: list[Delivery]
    has_more: bool = False


def deliveries_of(user: Any, case: Any) -> Deliveries:
    """What was told about a case, newest first, for who may know it; one query, and none for others."""
    if not can_see_deliveries(user, case):
        return Deliveries([])
    nothing = Value("", output_field=CharField())
    never = Value(None, output_field=DateTimeField())
    said = {"is_left_out": False}
    names = [field.name for field in fields(Delivery)]
    messages = MessageLine.objects.filter(case_id=case.pk).annotate(
        way=F("message__channel"),
        name=Coalesce("message__robot__name", display_name("message__recipient")),
        is_digest=F("message__is_digest"),
        # A list that left this case out told nothing of it.
        state=Case(When(**said, then=F("message__state")), default=Value(MessageState.DROPPED)),
        at=F("message__planned_at"),
        not_before=F("message__send_after"),
        done_at=Case(When(**said, then=F("message__sent_at")), default=never),
        error=F("message__last_error"),
    )
    entries = InboxItem.objects.filter(case_id=case.pk).annotate(
        way=Value(INBOX, output_field=CharField()),
        name=display_name("recipient"),
        is_digest=Value(False, output_field=BooleanField()),
        state=nothing,
        at=F("created_at"),
        not_before=never,
        done_at=F("read_at"),
        error=nothing,
    )
    # Of each kind no more than are shown are read, along an index of the case.
    newest = [rows.order_by("-at", "-pk").values_list(*names)[: MOST + 1] for rows in (messages, entries)]
    found = [Delivery(*row) for row in newest[0].union(newest[1], all=True)]
    found.sort(key=lambda one: (one.at, one.is_inbox, one.pk), reverse=True)
    return Deliveries(found[:MOST], has_more=len(found) > MOST)


def display_name(person: str) -> Coalesce:
    """In the database, the name of the person behind this relation as accounts.User says it."""
    return Coalesce(NullIf(f"{person}__name", Value("")), f"{person}__username")
