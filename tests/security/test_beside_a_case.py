"""What stands beside a case on its page, related cases, earlier reports, its topic, is scoped as the case itself is."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.models import Case
from requests_.models import ProactiveTopic
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.requests import accept, dispatch, report

pytestmark = pytest.mark.django_db
NOW = datetime(2023, 3, 6, 4, tzinfo=UTC)


def page(client, case):
    answer = client.get(f"/cases/{case.number}/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def building(tree):
    return BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"], name="甘南路家属院"))


@pytest.fixture
def told(tree, officer, building):
    def tell(days=0, **fields):
        place = {"building": building, "compound": building.compound}
        return report(officer, tree["00500101"], now=NOW - timedelta(days=days), **place, **fields)

    return tell


def test_related_cases_of_the_building_are_those_one_may_see(told, grid_worker, client_for):
    shown, other, secret = told(category="noise"), told(category="stairs-handrail"), told(is_secret=True)
    html = page(client_for(grid_worker), shown)
    assert other.number in html
    assert secret.number not in html


def test_earlier_reports_of_the_matter_are_those_one_may_see(tree, officer, foreign_officer, client_for):
    phone = "0931-8412345"
    away = report(foreign_officer, tree["00600101"], caller_phone=phone, now=NOW - timedelta(days=3))
    near = report(officer, tree["00500101"], caller_phone=phone, now=NOW - timedelta(days=2))
    here = report(officer, tree["00500101"], caller_phone=phone, now=NOW)
    assert (near.repeat_of_id, here.repeat_of_id) == (away.pk, away.pk)
    html = page(client_for(officer), here)
    assert near.number in html
    assert away.number not in html


@pytest.fixture
def topic(topics, told):
    for days in (9, 5, 0):
        told(days)
    return ProactiveTopic.objects.get()


def test_a_ticket_names_its_topic_to_those_who_see_the_topic(
    topic, officer, department, department_handler, client_for
):
    ticket = accept(topic.tickets.first(), officer, level="community")
    dispatch(ticket, officer, organisation=department)
    assert topic.number in page(client_for(officer), ticket)
    # A department sees what was dispatched to it and nothing else.
    assert topic.number not in page(client_for(department_handler), ticket)


def test_a_topic_lists_and_counts_the_tickets_one_may_see(topic, officer, secretary, client_for):
    hidden, *shown = topic.tickets.order_by("opened_at")
    Case.objects.filter(pk=hidden.pk).update(is_secret=True, reporter=secretary)
    html = page(client_for(officer), topic)
    assert all(f"/cases/{ticket.number}/" in html for ticket in shown)
    assert f"/cases/{hidden.number}/" not in html
    answer = client_for(officer).get(f"/cases/{topic.number}/")
    assert answer.context["facts"]["count"] == 2
