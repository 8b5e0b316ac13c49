"""What a group robot writes: in the morning what is late and due soon in its area, and what is urgent at once.

However many robots there are, a minute's look takes the same few statements.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from casework.choices import Light, Topic
from casework.lights import light_filter
from casework.models import Case, Robot
from casework.planning import register_words
from casework.scope import COLUMN_OF_LENGTH
from grids.office_calendar import HoursBook

MOST_LINES = 40

register_words("urgent", Topic.TURN, _("%(number)s is urgent"), outward=_("urgent, open"))
TEST_TEXT = _("Test message of Weige: this robot is set up")
register_words("robot_test", Topic.SYSTEM, TEST_TEXT, outward=TEST_TEXT)

# Messages with their lines, from lines of (key, robot, case, number, due time,
# rule, place). A key that is there already is left
# alone with all its lines. Returns how many messages are new.
WRITE = """
    WITH line (key, robot, case_id, number, due_at, rule, place) AS ({lines}), told AS (
        INSERT INTO casework_message (dedupe_key, channel, robot_id, is_digest, is_urgent, planned_at, send_after,
            state, attempts, last_error)
        SELECT DISTINCT line.key, r.channel, r.id, %(is_digest)s, %(is_urgent)s, %(now)s::timestamptz,
            %(now)s::timestamptz, 'planned', 0, ''
        FROM line JOIN casework_robot r ON r.id = line.robot ORDER BY line.key
        ON CONFLICT (dedupe_key) DO NOTHING RETURNING id, dedupe_key
    ), written AS (
        INSERT INTO casework_messageline (message_id, case_id, rule, facts, is_left_out)
        SELECT told.id, line.case_id, line.rule,
            jsonb_strip_nulls(jsonb_build_object('number', line.number, 'due_at', line.due_at)), false
        FROM told JOIN line ON line.key = told.dedupe_key ORDER BY told.id, line.place
    )
    SELECT count(*) FROM told"""
# By what was told and not by how old a case is: it may have become urgent long after it was opened.
URGENT = """
    SELECT new.key, r.id, c.id, c.number, NULL::timestamptz, 'urgent', 1
    FROM casework_case c
    JOIN grids_area a ON a.code IN (c.path, c.grid, c.community, c.subdistrict, c.district)
    JOIN casework_robot r ON r.area_id = a.id AND r.is_active
    CROSS JOIN LATERAL (SELECT 'urgent:robot:' || r.id || ':' || c.id) new (key)
    WHERE c.closed_at IS NULL AND c.urgency <> 'normal' AND NOT c.is_secret
        AND NOT EXISTS (SELECT 1 FROM casework_message m WHERE m.dedupe_key = new.key)"""
# What is late comes first by itself: everything due soon is due after it.
LATE = """
    SELECT list.key, list.robot, c.id, c.number, c.due_at,
        CASE WHEN c.due_at < list.begin THEN 'late' ELSE 'due_soon' END,
        row_number() OVER (ORDER BY c.due_at, c.id)
    FROM unnest(%(robots)s::bigint[], %(codes)s::text[], %(keys)s::text[], %(begins)s::timestamptz[])
        list (robot, code, key, begin)
    CROSS JOIN LATERAL (
        SELECT id, number, due_at FROM casework_case
        WHERE {column} = list.code AND closed_at IS NULL AND paused_at IS NULL AND NOT is_secret
            AND due_at IS NOT NULL AND (due_at < list.begin OR yellow_at <= list.begin)
        ORDER BY due_at, id LIMIT %(most)s
    ) c
    WHERE NOT EXISTS (SELECT 1 FROM casework_message m WHERE m.dedupe_key = list.key)"""
TESTS = """
    SELECT key, robot, NULL::bigint, NULL::text, NULL::timestamptz, 'robot_test', 1
    FROM unnest(%(robots)s::bigint[], %(keys)s::text[]) list (robot, key)"""


@transaction.atomic
def plan_robot_messages(*, now: datetime) -> int:
    """The morning list of each robot once a workday, and a message for each open urgent case it was not told of yet;
    returns the new messages.

    A list that comes late, because the system slept, still says how things stood in the morning.
    """
    return _write(URGENT, now, is_urgent=True) + _plan_lists(now)


def count_due(code: str, *, now: datetime) -> int:
    """How many open cases of an area are late or due soon, as far as a robot may know of them."""
    due = light_filter(Light.RED, now) | light_filter(Light.YELLOW, now)
    return Case.objects.filter(due, is_secret=False, **{COLUMN_OF_LENGTH[len(code)]: code}).count()


def plan_tests(robots: Iterable[Robot], *, now: datetime) -> int:
    """A test message for each of these robots, at most one a minute and at any hour; returns how many were planned."""
    ids = [robot.pk for robot in robots]
    return _write(
        TESTS, now, is_urgent=True, robots=ids, keys=[f"test:robot:{pk}:{now:%Y%m%d%H%M}" for pk in ids]
    )


def _plan_lists(now: datetime) -> int:
    book, lists = HoursBook(), dict[int, list[tuple[Any, ...]]]()
    active = Robot.objects.filter(is_active=True).order_by("pk")
    for pk, code in active.values_list("pk", "area__code"):
        if begin := book.hours(code).digest_due(now):
            line = (pk, code, f"digest:robot:{pk}:{begin:%Y-%m-%d}", begin)
            lists.setdefault(len(code), []).append(line)
    planned = 0
    for length, lines in lists.items():
        robots, codes, keys, begins = map(list, zip(*lines, strict=True))
        planned += _write(
            LATE.format(column=COLUMN_OF_LENGTH[length]),
            now,
            is_digest=True,
            robots=robots,
            codes=codes,
            keys=keys,
            begins=begins,
            most=MOST_LINES,
        )
    return planned


def _write(
    lines: str, now: datetime, *, is_digest: bool = False, is_urgent: bool = False, **params: Any
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE.format(lines=lines), {"now": now, "is_digest": is_digest, "is_urgent": is_urgent, **params}
        )
        planned: int = cursor.fetchone()[0]
        return planned
