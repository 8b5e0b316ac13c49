"""A number of 12345 is entered once: the second time leads to the first, or says no more than it may."""

import threading
import uuid

import pytest
from django.db import connection

from casework.errors import RuleBroken
from requests_.models import Category, Ticket
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.requests import SMALL, report, take

pytestmark = pytest.mark.django_db
REPORT, NUMBER = "/tickets/report/", "LZ20230301001"


@pytest.fixture
def building(tree):
    return BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]), no="5")


def typed(building, number=NUMBER):
    return {
        "key": uuid.uuid4(),
        "place": f"building:{building.pk}",
        "category": SMALL,
        "description": "三单元二楼踏步破损。",
        "urgency": "normal",
        "type": "help",
        "source": "hotline",
        "external_number": number,
    }


@pytest.mark.parametrize(
    "written", [NUMBER, " lz20230301 001 ", "ＬＺ２０２３０３０１００１", "LZ20230301\u200b001"]
)
def test_the_second_time_leads_to_the_first_and_nothing_typed_is_lost(
    client_for, officer, tree, building, written
):
    first = report(officer, tree["00500101"], external_number=NUMBER)
    answer = client_for(officer).post(REPORT, typed(building, written))
    assert answer.status_code == 400
    page = answer.content.decode()
    assert f'已登记为<a href="/cases/{first.number}/">{first.number}</a>' in page
    assert answer.context["form"]["description"].value() == "三单元二楼踏步破损。"
    assert Ticket.objects.count() == 1


def test_who_may_not_see_the_first_is_not_told_where_it_lies(
    client_for, foreign_officer, officer, tree, building
):
    first = report(foreign_officer, tree["00600101"], external_number=NUMBER)
    page = client_for(officer).post(REPORT, typed(building)).content.decode()
    assert "不能查看" in page
    assert first.number not in page
    assert first.title not in page


def test_the_same_form_sent_twice_is_no_second_entry(client_for, officer, building):
    data = typed(building)
    for _ in range(2):
        assert client_for(officer).post(REPORT, data).status_code == 302
    assert Ticket.objects.get().external_number == NUMBER


def test_what_was_cancelled_can_be_entered_again(client_for, officer, tree, building):
    take(report(officer, tree["00500101"], external_number=NUMBER), "cancel", officer, reason="误报")
    assert client_for(officer).post(REPORT, typed(building)).status_code == 302
    assert Ticket.objects.filter(external_number=NUMBER).count() == 2


def test_reports_without_a_number_are_not_one(officer, tree):
    report(officer, tree["00500101"])
    report(officer, tree["00500101"])
    assert Ticket.objects.count() == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_who_enter_one_number_at_the_same_moment_make_one_ticket(officer, tree):
    """Of four categories: reports of one category wait for each other anyway."""
    categories = list(Category.objects.filter(parent__isnull=False).values_list("code", flat=True)[:4])
    refused, start = [], threading.Barrier(4)

    def enter(category):
        start.wait()
        try:
            report(officer, tree["00500101"], category=category, external_number=NUMBER)
        except RuleBroken as error:
            refused.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=[category]) for category in categories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Ticket.objects.count() == 1
    assert len(refused) == 3
