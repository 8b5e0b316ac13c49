"""The light has one meaning, whether a row or the database answers."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from casework.choices import Light
from casework.lights import light_filter, light_of, light_parts, limit_light
from casework.models import Deadline
from requests_.models import Ticket
from tests.factories.requests import report

NOW = datetime(2023, 2, 22, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)
# name, yellow from, due, handled, closed (hours from now), suspended, expected
CASES = [
    ("fresh", 1, 9, None, None, False, Light.GREEN),
    ("yellow from this moment", 0, 20, None, None, False, Light.YELLOW),
    ("due this very moment", -2, 0, None, None, False, Light.YELLOW),
    ("a second late", -10, -1 / 3600, None, None, False, Light.RED),
    ("no yellow known", None, 1, None, None, False, Light.GREEN),
    ("no limit", None, None, None, None, False, Light.NONE),
    ("suspended", None, None, None, None, True, Light.GREY),
    ("closed in time", -5, -2, None, -3, False, Light.BLUE),
    ("closed at the last moment", -5, -2, None, -2, False, Light.BLUE),
    ("handled in time, closed after the limit", -5, -2, -3, -1, False, Light.BLUE),
    ("closed late", -5, -3, None, -2, False, Light.NONE),
    ("handled late", -5, -3, -2, -1, False, Light.NONE),
    ("closed without a limit", None, None, None, -2, False, Light.NONE),
]


@pytest.mark.parametrize(("name", "yellow", "due", "handled", "closed", "suspended", "expected"), CASES)
def test_row_and_database_agree_on_the_light(
    name, yellow, due, handled, closed, suspended, expected, grid_worker, tree
):
    def at(hours):
        return None if hours is None else NOW + hours * HOUR

    ticket = report(grid_worker, tree["00500101"], now=NOW - 100 * HOUR)
    rows = Ticket.objects.filter(pk=ticket.pk)
    rows.update(
        yellow_at=at(yellow),
        due_at=at(due),
        handled_at=at(handled),
        closed_at=at(closed),
        paused_at=NOW - HOUR if suspended else None,
    )
    assert light_of(rows.get(), NOW) == expected
    parts = [light for light, (_order, part) in light_parts(NOW).items() if rows.filter(part).exists()]
    assert parts == [Light.BLUE if closed is not None else expected]
    assert [x for x in Light if rows.filter(light_filter(x, NOW)).exists()] == [expected]


@pytest.mark.parametrize(
    ("ended", "result", "suspended", "expected"),
    [
        (None, "", False, Light.YELLOW),
        (None, "", True, Light.GREY),
        (-1, "met", False, Light.BLUE),
        (-1, "missed", False, Light.NONE),
        (-1, "dropped", False, Light.NONE),
    ],
)
def test_a_limit_has_a_light_of_its_own(ended, result, suspended, expected):
    limit = Deadline(
        due_at=NOW + HOUR,
        yellow_at=NOW - HOUR,
        paused_at=NOW if suspended else None,
        ended_at=None if ended is None else NOW + ended * HOUR,
        result=result,
    )
    assert limit_light(limit, NOW) == expected
