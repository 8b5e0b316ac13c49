"""Reporting: where, by whom, once."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import NotAllowed, RuleBroken
from casework.models import Case
from casework.planning import sweep_deadlines
from core.texts import has_words
from requests_.models import Category, Ticket
from requests_.selectors import open_nearby
from requests_.services import Report, headline, report_ticket
from tests.factories.grids import SOUTH, WEST, BuildingFactory, CompoundFactory
from tests.factories.requests import COMMUNITY, SMALL, report

pytestmark = pytest.mark.django_db


def test_the_same_form_twice_makes_one_ticket(micro_grid_worker, tree):
    key = uuid.uuid4()
    made = Report(category=Category.objects.get(code=SMALL), area=tree["00500101"], description="踏步破损")
    first, fresh = report_ticket(actor=micro_grid_worker, report=made, key=key)
    second, again = report_ticket(actor=micro_grid_worker, report=made, key=key)
    assert (fresh, again, first.pk) == (True, False, second.pk)
    assert Ticket.objects.count() == 1


def test_numbers_run_on_within_the_year_without_holes(micro_grid_worker, tree):
    numbers = [report(micro_grid_worker, tree["00500101"]).number for _ in range(3)]
    year = timezone.localdate().year
    assert numbers == [f"T-{year}-00000{n}" for n in (1, 2, 3)]


def test_the_database_derives_every_level_from_the_area(micro_grid_worker, tree):
    case = Case.objects.get(pk=report(micro_grid_worker, tree["00500101"]).pk)
    assert (case.district, case.subdistrict, case.community, case.grid, case.path) == (
        "620102", "620102017", "620102017005", "620102017005001", "62010201700500101",
    )  # fmt: skip


def test_a_place_in_another_community_is_refused(micro_grid_worker, tree):
    with pytest.raises(RuleBroken):
        report(micro_grid_worker, tree["00600101"])
    assert not Ticket.objects.exists()


def test_a_neighbouring_grid_of_the_same_community_may_be_reported(micro_grid_worker, tree):
    assert report(micro_grid_worker, tree["00500201"]).path == "62010201700500201"


def test_a_retired_area_is_refused(micro_grid_worker, tree):
    area = tree["00500102"]
    area.active_to = timezone.localdate()
    area.save()
    with pytest.raises(RuleBroken):
        report(micro_grid_worker, area)


def test_organisations_without_a_post_do_not_report(department_handler, tree):
    with pytest.raises(NotAllowed):
        report(department_handler, tree["00500101"])


def test_only_the_community_office_marks_secret(micro_grid_worker, officer, tree):
    with pytest.raises(NotAllowed):
        report(micro_grid_worker, tree["00500101"], is_secret=True)
    assert report(officer, tree["00500101"], is_secret=True).is_secret


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("三单元踏步破损。老人易绊倒", "三单元踏步破损"),
        ("第一行\n第二行", "第一行"),
        ("长" * 60, "长" * 39 + "…"),
        ("😀" * 50, "😀" * 39 + "…"),
        ("；楼道灯不亮", "楼道灯不亮"),
        ("！！！急！楼道灯不亮", "急"),
        ("\n\r\n 。\n……，楼道灯不亮。快来", "楼道灯不亮"),
        ("?! why", "why"),
        ("（三单元）灯不亮", "（三单元）灯不亮"),
        ("🔥楼道起火！", "🔥楼道起火"),
        ("\u202e楼道灯\u200b不亮", "楼道灯不亮"),
        ("！！！", "！！！"),
    ],
)
def test_the_headline_is_the_first_sentence_with_a_word_cut_to_forty(description, expected):
    assert headline(description) == expected


@given(st.text(min_size=1))
def test_no_report_with_a_word_has_an_empty_headline(description):
    title = headline(description)
    assert len(title) <= 40
    if has_words(description):
        assert title == title.strip() != ""
        assert len(title.splitlines()) == 1


def test_open_tickets_of_the_category_within_100_metres_are_found(micro_grid_worker, officer, tree):
    here = Point(WEST + 0.0005, SOUTH + 0.001, srid=4326)
    near = report(micro_grid_worker, tree["00500101"], point=Point(WEST + 0.0008, SOUTH + 0.001, srid=4326))
    report(micro_grid_worker, tree["00500101"], point=Point(WEST + 0.0022, SOUTH + 0.001, srid=4326))
    report(micro_grid_worker, tree["00500101"], category=COMMUNITY, point=here)
    report(officer, tree["00500101"], point=here, is_secret=True)
    category = Category.objects.get(code=SMALL)
    assert open_nearby(micro_grid_worker, category=category, point=here) == [near]


def test_open_tickets_in_the_same_building_are_found_without_a_point(micro_grid_worker, tree):
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]))
    same = report(micro_grid_worker, tree["00500101"], building=building)
    category = Category.objects.get(code=SMALL)
    assert open_nearby(micro_grid_worker, category=category, point=None, building=building) == [same]


def test_a_report_that_nobody_takes_up_is_late(micro_grid_worker, grid_leader, officer, inbox_of, tree):
    ticket = report(micro_grid_worker, tree["00500101"], now=timezone.now() - timedelta(days=30))
    sweep_deadlines(now=timezone.now())
    for person in (grid_leader, officer):
        assert "late" in {
            item.reminder.rule for item in inbox_of(person) if item.reminder.case_id == ticket.pk
        }
