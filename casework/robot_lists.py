"""What a group robot writes: in the morning what is late and due soon in its area, and what is urgent at once."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from casework.choices import Light, Topic, Urgency
from casework.lights import light_filter
from casework.models import Case, Message, MessageLine, Robot
from casework.planning import register_words
from casework.scope import COLUMN_OF_LENGTH
from grids.office_calendar import HoursBook

MOST_LINES = 40
URGENT_FOR = timedelta(days=1)

register_words("urgent", Topic.TURN, _("%(number)s is urgent"), outward=_("urgent, open"))


def plan_robot_messages(*, now: datetime) -> int:
    """The morning list of each robot once a workday, and a message for each urgent case; returns the new messages."""
    book = HoursBook()
    planned = 0
    for robot in Robot.objects.filter(is_active=True).select_related("area"):
        hours = book.hours(robot.area.code)
        if begin := hours.digest_due(now):
            planned += _write(
                robot, f"digest:robot:{robot.pk}:{begin:%Y-%m-%d}", _late_cases(robot, now), now, digest=True
            )
        for case in _urgent_cases(robot, now):
            planned += _write(
                robot, f"urgent:robot:{robot.pk}:{case.pk}", [(case, "urgent")], now, digest=False
            )
    return planned


def _open_cases(robot: Robot):
    column = COLUMN_OF_LENGTH[len(robot.area.code)]
    return Case.objects.open().filter(is_secret=False, **{column: robot.area.code})


def _late_cases(robot: Robot, now: datetime) -> list[tuple[Case, str]]:
    shown = []
    for light, rule in ((Light.RED, "late"), (Light.YELLOW, "due_soon")):
        rows = _open_cases(robot).filter(light_filter(light, now)).order_by("due_at", "pk")
        shown += [(case, rule) for case in rows[:MOST_LINES]]
    return shown[:MOST_LINES]


def _urgent_cases(robot: Robot, now: datetime):
    rows = _open_cases(robot).exclude(urgency=Urgency.NORMAL)
    return rows.filter(opened_at__gte=now - URGENT_FOR).order_by("pk")[:MOST_LINES]


def _write(robot: Robot, key: str, cases: list[tuple[Case, str]], now: datetime, *, digest: bool) -> int:
    """One message with a line per case; nothing when there is no case or the message is there already."""
    if not cases or Message.objects.filter(dedupe_key=key).exists():
        return 0
    with transaction.atomic():
        message, is_new = Message.objects.get_or_create(
            dedupe_key=key,
            defaults={
                "channel": robot.channel,
                "robot": robot,
                "is_digest": digest,
                "is_urgent": not digest,
                "planned_at": now,
                "send_after": now,
            },
        )
        if is_new:
            MessageLine.objects.bulk_create(
                MessageLine(message=message, case=case, rule=rule, facts={"number": case.number})
                for case, rule in cases
            )
    return int(is_new)
