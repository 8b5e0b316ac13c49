"""Nobody is disturbed at night, and the morning list comes on workdays."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from grids.models import OfficeHours
from grids.office_calendar import HoursBook

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def at(day, hour, minute=0, month=2):
    return datetime(2023, month, day, hour, minute, tzinfo=ZONE)


@pytest.fixture
def hours(db):
    return HoursBook().hours("620102017005")


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (at(20, 8), at(20, 8)),
        (at(20, 20, 59), at(20, 20, 59)),
        (at(20, 21), at(21, 8)),
        (at(20, 23, 59), at(21, 8)),
        (at(21, 0, 1), at(21, 8)),
        (at(21, 7, 59), at(21, 8)),
    ],
)
def test_what_falls_into_the_night_waits_for_the_morning(hours, moment, told):
    assert hours.after_quiet(moment) == told


@pytest.mark.parametrize(
    ("moment", "digest"),
    [
        (at(20, 8, 39), at(20, 8, 40)),
        (at(20, 8, 40), at(21, 8, 40)),
        (at(24, 9), at(27, 8, 40)),  # Friday → Monday
        (at(20, 18, month=1), at(28, 8, 40, month=1)),  # over Spring Festival to the worked Saturday
    ],
)
def test_the_next_morning_list_is_on_a_workday(hours, moment, digest):
    assert hours.next_digest(moment) == digest


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (at(20, 8, 39), None),
        (at(20, 8, 41), at(20, 8, 40)),
        (at(20, 20, 59), at(20, 8, 40)),
        (at(20, 21, 1), None),
        (at(25, 9), None),
    ],
)
def test_the_list_of_today_is_due_until_the_evening_of_a_workday(hours, moment, due):
    assert hours.digest_due(moment) == due


def test_the_nearest_area_decides_and_the_book_asks_once(tree, django_assert_num_queries):
    OfficeHours.objects.create(area=tree["005"], digest_at=time(9), basis="社区约定")
    with django_assert_num_queries(1):
        book = HoursBook()
    assert book.hours(tree["00500101"].code).digest_at == time(9)
    assert book.hours(tree["006"].code).digest_at == time(8, 40)
    assert book.hours("").digest_at == time(8, 40)
