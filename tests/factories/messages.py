"""Messages, robots and measures for tests that look at them; how they come about is tested where it happens."""

from datetime import date, timedelta
from typing import Any

from casework.choices import Channel, Mode, RequestState, Topic, WhistleGround
from casework.models import (
    ExtensionRequest,
    Message,
    MessageLine,
    Preference,
    RecountOrder,
    Robot,
    Supervision,
    Suspension,
    WhistleCall,
)

# Both open a chat to whoever has them.
HOOK = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0f1e2d3c-secret-key"
SECRET = "SEC4b5a69788796a5b4"


def robot_of(area: Any, **fields: Any) -> Robot:
    made = {"name": "社区工作群", "channel": Channel.WECOM, "url": HOOK, "secret": SECRET, **fields}
    return Robot.objects.create(area=area, **made)


def message_to(who: Any, *cases: Any, now: Any, rule: str = "late", **fields: Any) -> Message:
    """A message to a person or a robot, a line for each case; without a case a line about none."""
    is_robot = isinstance(who, Robot)
    target: dict[str, Any] = {"robot": who} if is_robot else {"recipient": who}
    made = {
        "dedupe_key": f"test:{Message.objects.count()}",
        "channel": who.channel if is_robot else Channel.EMAIL,
        "planned_at": now,
        "send_after": now,
        **target,
        **fields,
    }
    message = Message.objects.create(**made)
    for case in cases or (None,):
        about = {"case_id": case.pk, "facts": {"number": case.number}} if case else {"facts": {"year": 2027}}
        MessageLine.objects.create(message=message, rule=rule if case else "calendar_provisional", **about)
    return message


def every_measure(ticket: Any, *, actor: Any, department: Any, now: Any) -> None:
    """One row of each: extension, suspension, supervision, whistle call, recount, preference."""
    asked = {"case_id": ticket.pk, "asked_by": actor, "asked_at": now, "reason": "等材料"}
    ExtensionRequest.objects.create(workdays=3, **asked)
    Suspension.objects.create(review_on=date(2023, 5, 1), state=RequestState.APPROVED, **asked)
    Supervision.objects.create(
        case_id=ticket.pk,
        number=f"DB-2023-{ticket.pk:06d}",
        issued_by=actor,
        issued_at=now,
        leader=actor,
        answer_by=now + timedelta(days=5),
        demand="限期办结",
    )
    WhistleCall.objects.create(
        case_id=ticket.pk,
        organisation=department,
        ground=WhistleGround.JOINT,
        demand="到场处置",
        respond_by=now + timedelta(hours=2),
        called_by=actor,
        called_at=now,
    )
    RecountOrder.objects.create(first_on=date(2023, 4, 3), last_on=date(2023, 4, 7), made_at=now)
    Preference.objects.create(user=actor, topic=Topic.LATE, channel=Channel.EMAIL, mode=Mode.AT_ONCE)
