"""The light has one meaning, whether a row or the database answers."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from casework.choices import Light
from casework.lights import light_filter, light_of, with_light
from requests_.models import Ticket
from tests.factories.requests import report

NOW = datetime(2023, 2, 22, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)
# name, limit from, due, closed (hours from now), expected
CASES = [
    ("fresh", -1, 9, None, Light.GREEN),
    ("just above a fifth", -79, 21, None, Light.GREEN),
    ("a fifth left", -80, 20, None, Light.YELLOW),
    ("due this very moment", -10, 0, None, Light.YELLOW),
    ("a second late", -10, -1 / 3600, None, Light.RED),
    ("no beginning known", None, 1, None, Light.GREEN),
    ("no limit", None, None, None, Light.NONE),
    ("closed in time", -10, -2, -3, Light.BLUE),
    ("closed at the last moment", -10, -2, -2, Light.BLUE),
    ("closed late", -10, -3, -2, Light.NONE),
    ("closed without a limit", None, None, -2, Light.NONE),
]


@pytest.mark.parametrize(("name", "start", "due", "closed", "expected"), CASES)
def test_row_and_database_agree_on_the_light(name, start, due, closed, expected, grid_worker, tree):
    def at(hours):
        return None if hours is None else NOW + hours * HOUR

    ticket = report(grid_worker, tree["00500101"], now=NOW - 100 * HOUR)
    rows = Ticket.objects.filter(pk=ticket.pk)
    rows.update(limit_from=at(start), due_at=at(due), closed_at=at(closed))
    assert light_of(rows.get(), NOW) == expected
    assert with_light(rows, NOW).get().light == expected
    assert [x for x in Light if rows.filter(light_filter(x, NOW)).exists()] == [expected]
