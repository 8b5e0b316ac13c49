"""What each step of a proactive topic does. Each promises what requests_/effects.py says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casework.registry import Outcome
from requests_.models import ProactiveTopic

Data = Mapping[str, Any]


def take_up(topic: ProactiveTopic, data: Data, actor: Any, now: datetime) -> Outcome:
    """From now on somebody answers for it."""
    return Outcome(
        fields={"handler_user": data["lead"], "plan": data["plan"]},
        facts={"lead": str(data["lead"]), "plan": data["plan"]},
    )


def finish(topic: ProactiveTopic, data: Data, actor: Any, now: datetime) -> Outcome:
    return Outcome(fields={"result": data["result"], "handled_at": now}, facts={"result": data["result"]})


def rework(topic: ProactiveTopic, data: Data, actor: Any, now: datetime) -> Outcome:
    return Outcome(fields={"handled_at": None})


def pass_review(topic: ProactiveTopic, data: Data, actor: Any, now: datetime) -> Outcome:
    """Closed: what is reported there from now on counts anew."""
    return Outcome(fields={"counted_until": now})


def dismiss(topic: ProactiveTopic, data: Data, actor: Any, now: datetime) -> Outcome:
    return Outcome(fields={"counted_until": now})


TOPIC_EFFECTS = {effect.__name__: effect for effect in (take_up, finish, rework, pass_review, dismiss)}
