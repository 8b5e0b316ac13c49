"""What a group robot writes: in the morning what is late and due soon in its area, and what is urgent at once."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

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
TEST_TEXT = _("Test message of Weige: this robot is set up")
register_words("robot_test", Topic.SYSTEM, TEST_TEXT, outward=TEST_TEXT)


def plan_robot_messages(*, now: datetime) -> int:
    """The morning list of each robot once a workday, and a message for each urgent case; returns the new messages.

    A list that comes late, because the system slept, still says how things stood in the morning.
    """
    book = HoursBook()
    planned = 0
    for robot in Robot.objects.filter(is_active=True).select_related("area"):
        if begin := book.hours(robot.area.code).digest_due(now):
            key = f"digest:robot:{robot.pk}:{begin:%Y-%m-%d}"
            planned += _write(robot, key, partial(_late_cases, robot, begin), now, digest=True)
        for case in _urgent_cases(robot, now):
            key = f"urgent:robot:{robot.pk}:{case.pk}"
            planned += _write(robot, key, partial(_urgent_line, case), now, digest=False)
    return planned


def plan_tests(robots: Iterable[Robot], *, now: datetime) -> int:
    """A test message for each of these robots, at most one a minute; returns how many were planned."""
    return sum(
        _write(r, f"test:robot:{r.pk}:{now:%Y%m%d%H%M}", lambda: [(None, "robot_test")], now, digest=False)
        for r in robots
    )


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


def _urgent_line(case: Case) -> list[tuple[Case, str]]:
    return [(case, "urgent")]


def _write(
    robot: Robot, key: str, find_cases: Callable[[], list[tuple[Any, str]]], now: datetime, *, digest: bool
) -> int:
    """One message with a line per case; nothing when the message is there already or there is no case."""
    if Message.objects.filter(dedupe_key=key).exists() or not (cases := find_cases()):
        return 0
    with transaction.atomic():
        message, is_new = Message.objects.get_or_create(
            dedupe_key=key,
            defaults={
                "channel": robot.channel,
                "robot": robot,
                "is_digest": digest,
                "is_urgent": any(rule == "urgent" for _case, rule in cases),
                "planned_at": now,
                "send_after": now,
            },
        )
        if is_new:
            MessageLine.objects.bulk_create(
                MessageLine(
                    message=message, case=case, rule=rule, facts={"number": case.number} if case else {}
                )
                for case, rule in cases
            )
    return int(is_new)
