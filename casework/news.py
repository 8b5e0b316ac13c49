"""News of a step: planned in the step's transaction for whoever acts next and for the watchers, sent after it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Value

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
    """Tells who must act next, and the watchers, of a step; planned in the step's transaction, sent after it."""
    acting = set(kind.to_tell(verb, case, actor))
    watching = CasePerson.objects.filter(case_id=case.pk, kind="watcher", user__is_active=True)
    ids = acting | set(watching.values_list("user_id", flat=True))
    ids.discard(actor.pk if actor else None)
    if not ids:
        return
    # Whoever acts next sees the case by being asked; for a secret one, and for watchers, the scope decides.
    asked = set() if case.is_secret else acting
    people = list(User.objects.filter(pk__in=ids, is_active=True))
    seeing = _who_see(case, [user for user in people if user.pk not in asked])
    recipients = [user for user in people if user.pk in asked or user.pk in seeing]
    plan(
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
    )
    transaction.on_commit(queue_delivery)


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
