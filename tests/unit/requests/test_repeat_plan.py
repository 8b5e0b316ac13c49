"""The look-up of repeats and topics goes through indexes, wherever the place was said."""

import re
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from requests_.kinds import TICKET
from requests_.models import Category, Ticket
from requests_.repeats import earlier_reports, look_up
from requests_.seen_repeats import count_seen, repeats_at_least
from tests.factories.grids import SOUTH, WEST, BuildingFactory, CompoundFactory, EntranceFactory
from tests.factories.requests import COMMUNITY, report

pytestmark = pytest.mark.django_db
# The catalogue of categories and the parameters are small; everything else grows with the years.
BIG = re.compile(r"Seq Scan on (casework_case|requests_ticket|requests_proactivetopic)\b")


def plan_of(run, mark):
    """The plans of the queries `run` sends that hold the mark, with sequential scans made dear."""
    with CaptureQueriesContext(connection) as seen:
        run()
    marked = [query["sql"] for query in seen.captured_queries if mark in query["sql"]]
    assert marked
    lines = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in marked:
            cursor.execute("EXPLAIN " + sql)
            lines += [row[0] for row in cursor.fetchall()]
    return "\n".join(lines)


@pytest.fixture
def matter(tree):
    """Builds an unsaved ticket of a resident with that place."""
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]))
    places = {
        "entrance": {
            "compound": building.compound,
            "building": building,
            "entrance": EntranceFactory(building=building),
        },
        "compound": {"compound": building.compound},
        "point": {"point": Point(WEST + 0.0005, SOUTH + 0.001, srid=4326)},
        "nowhere": {},
    }

    def build(place, phone="0931-8412345"):
        category = Category.objects.get(code=COMMUNITY)
        return Ticket(area=tree["00500101"], category=category, caller_phone=phone, **places[place])

    return build


@pytest.mark.parametrize("phone", ["0931-8412345", ""])
@pytest.mark.parametrize("place", ["entrance", "compound", "point", "nowhere"])
def test_the_look_up_scans_no_big_table(matter, place, phone):
    plan = plan_of(lambda: look_up(matter(place, phone), timezone.now()), "'gathering'")
    assert not BIG.search(plan), plan
    assert "requests_topic_one_open" in plan


@pytest.mark.parametrize("place", ["entrance", "compound", "point"])
def test_the_hint_before_saving_scans_no_big_table(matter, place, officer, tree):
    said = matter(place)
    where = {name: getattr(said, name) for name in ("compound", "building", "entrance", "point")}
    report(officer, tree["00500101"], category=COMMUNITY, caller_phone=said.caller_phone, **where)
    plan = plan_of(lambda: earlier_reports(officer, matter(place), timezone.now()), "repeat_of_id")
    assert not BIG.search(plan), plan


def test_the_count_of_a_list_and_its_filter_scan_no_big_table(officer, tree):
    for minutes in (2, 1):
        at = timezone.now() - timedelta(minutes=minutes)
        again = report(officer, tree["00500101"], caller_phone="0931-8412345", now=at)
    plan = plan_of(lambda: count_seen(officer, [again]), "repeat_of_id")
    plan += plan_of(lambda: list(repeats_at_least(officer, 3)[:50]), "repeat_of_id")
    assert not BIG.search(plan), plan


def test_the_list_of_the_case_page_scans_no_big_table(officer, tree):
    first = report(officer, tree["00500101"], caller_phone="0931-8412345")
    again = report(
        officer, tree["00500101"], caller_phone="0931-8412345", now=timezone.now() + timedelta(minutes=1)
    )
    assert again.repeat_of == first
    plan = plan_of(lambda: TICKET.facts(officer, again), "merged_into_id")
    assert not BIG.search(plan), plan
