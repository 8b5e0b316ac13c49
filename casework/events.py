"""Writing the timeline: append-only, one row per thing that happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Subquery
from django.db.models.functions import Coalesce

from casework.models import CaseEvent


def record_event(
    *,
    case: Any,
    verb: str,
    actor: Any,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    from_status: str = "",
    to_status: str = "",
    idempotency_key: UUID | None = None,
) -> CaseEvent:
    """Writes the next event of a case. The caller holds the row's lock (or has just made the row)."""
    last = CaseEvent.objects.filter(case_id=case.pk).order_by("-seq").values("seq")[:1]
    return CaseEvent.objects.create(
        case_id=case.pk,
        seq=Coalesce(Subquery(last), 0) + 1,
        verb=verb,
        actor=actor,
        at=now,
        from_status=from_status,
        to_status=to_status,
        facts=dict(facts or {}),
        idempotency_key=idempotency_key,
    )
