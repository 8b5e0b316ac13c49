"""News of a step: planned in the step's transaction for whoever acts next and for the watchers, sent after it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.utils import translation

from accounts.models import User
from casework.choices import Urgency
from casework.models import Case, CasePerson, Reminder
from casework.permissions import is_handler
from casework.planning import NEWS, NEWS_DECISION, plan
from casework.registry import Kind
from casework.tasks import deliver_reminders
from casework.timeline import PARAGRAPHS
from core.worker import ask_worker
from grids.scope import read_posts


def plan_news(*, kind: Kind, verb: str, case: Any, event: Any, actor: Any, now: datetime) -> None:
    """Tells who must act next, the watchers, and who reported it, of a step; planned in the step's transaction, sent
    after it. Nobody hears twice of one step, and nobody of their own.
    """
    acting = set(kind.to_tell(verb, case, actor))
    watching = CasePerson.objects.filter(case_id=case.pk, kind="watcher", user__is_active=True)
    ids = acting | set(watching.values_list("user_id", flat=True))
    ids.discard(actor.pk if actor else None)
    recipients = _recipients(case, ids, acting) if ids else []
    news = [
        Reminder(
            dedupe_key=f"news:{event.pk}:{user.pk}",
            rule=NEWS_DECISION if verb in kind.decisions else NEWS,
            recipient=user,
            case_id=case.pk,
            planned_at=now,
            is_urgent=case.urgency != Urgency.NORMAL,
            facts={
                "number": case.number,
                "title": case.title,
                "who": str(actor or ""),
                "kind": kind.name,
                "verb": event.verb,
                "facts": {k: v for k, v in event.facts.items() if k not in PARAGRAPHS},
                **({"as_handler": True} if is_handler(user, case) else {}),
            },
        )
        for user in recipients
    ]
    news += _to_reporters(kind, case, event, {user.pk for user in recipients}, now)
    if news:
        plan(news)
        transaction.on_commit(queue_delivery)


def _recipients(case: Any, ids: Collection[int], acting: Collection[int]) -> list[User]:
    """Whoever acts next sees the case by being asked; for a secret one, and for watchers, the scope decides."""
    asked = set() if case.is_secret else acting
    people = list(User.objects.filter(pk__in=ids, is_active=True))
    seeing = _who_see(case, [user for user in people if user.pk not in asked])
    return [user for user in people if user.pk in asked or user.pk in seeing]


def _to_reporters(
    kind: Kind, case: Any, event: Any, heard: Collection[int], now: datetime
) -> Iterator[Reminder]:
    """For each reporter the first that concerns them, about the case they reported, which they see as its reporter."""
    told = {
        one.case.reporter_id: one
        for one in reversed(list(kind.reporters_hear(case, event)))
        if one.case.reporter_id not in (*heard, one.doer)
    }
    for user in User.objects.filter(pk__in=told, is_active=True) if told else ():
        one = told[user.pk]
        with translation.override(user.language):
            facts = {name: str(value) for name, value in one.facts.items()}
        yield Reminder(
            dedupe_key=f"report:{event.pk}:{user.pk}",
            rule=one.rule,
            recipient=user,
            case_id=one.case.pk,
            planned_at=now,
            facts={"number": one.case.number, "title": one.case.title, "kind": kind.name, **facts},
        )


def _who_see(case: Any, people: Sequence[User]) -> set[int]:
    """Ids of those in whose scope the case lies: one question to the database, however many they are."""
    read_posts(people)
    scopes = [
        Case.objects.visible_to(user).filter(pk=case.pk).order_by().values_list(Value(user.pk))
        for user in people
    ]
    return {pk for (pk,) in scopes[0].union(*scopes[1:], all=True)} if scopes else set()


def queue_delivery() -> None:
    """Asks a worker to deliver what is planned now; if Redis is away, the next sweep does it."""
    ask_worker(deliver_reminders)
