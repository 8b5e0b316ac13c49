"""The map's cases: scoped, cut to the view, without secrets."""

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext

from casework.choices import Light
from casework.models import Case
from portal import map_layers
from tests.factories.requests import report

pytestmark = pytest.mark.django_db
URL, VIEW = "/map/cases.geojson", "103.83,36.03,103.85,36.05"


@pytest.fixture
def ticket(tree, micro_grid_worker):
    return report(
        micro_grid_worker, tree["00500101"], point=Point(103.8405, 36.041, srid=4326), caller_name="李秀英"
    )


def shown(client, bbox=VIEW):
    return [feature["properties"]["number"] for feature in client.get(URL, {"bbox": bbox}).json()["features"]]


def test_a_case_in_view_is_a_point_that_leads_to_its_page(client_for, officer, ticket):
    feature = client_for(officer).get(URL, {"bbox": VIEW}).json()["features"][0]
    assert feature["geometry"]["coordinates"] == pytest.approx([103.8405, 36.041])
    assert feature["properties"]["url"] == f"/cases/{ticket.number}/"
    assert "李" not in str(feature)


def test_what_lies_outside_of_the_view_is_left_out(client_for, officer, ticket):
    assert shown(client_for(officer), "103.841,36.03,103.85,36.05") == []


@pytest.mark.parametrize("who", ["foreign_officer", "neighbour", "leader_view", "department_handler"])
def test_nobody_sees_a_point_outside_of_their_scope(client_for, request, ticket, who):
    assert shown(client_for(request.getfixturevalue(who))) == []


def test_a_secret_case_has_no_point_even_for_those_who_may_open_it(client_for, secretary, ticket):
    Case.objects.update(is_secret=True)
    assert shown(client_for(secretary)) == []


def test_a_point_knows_that_it_is_suspended_or_supervised(client_for, officer, ticket):
    def facts():
        return client_for(officer).get(URL, {"bbox": VIEW}).json()["features"][0]["properties"]

    assert facts()["supervised"] is False
    Case.objects.update(paused_at=ticket.opened_at, status="suspended", is_supervised=True)
    assert (facts()["light"], facts()["supervised"]) == ("grey", True)
    assert gettext("Supervised") in facts()["status"]


def test_the_words_of_a_point_hold_its_light(client_for, officer, ticket):
    Case.objects.update(due_at=ticket.opened_at)
    properties = client_for(officer).get(URL, {"bbox": VIEW}).json()["features"][0]["properties"]
    assert str(Light.RED.label) in properties["status"]


def test_closed_cases_are_gone(client_for, officer, ticket):
    Case.objects.update(closed_at=ticket.opened_at)
    assert shown(client_for(officer)) == []


@pytest.mark.parametrize(
    "bbox",
    [
        "",
        "1,2,3",
        "a,b,c,d",
        "nan,36,104,37",
        "104,36,103,37",
        "-200,0,200,10",
        "1e400,0,1,1",
        "1,2,3,4,5",
        "x" * 200,
    ],
)
def test_a_view_that_is_none_is_refused_with_a_sentence(client_for, officer, bbox):
    response = client_for(officer).get(URL, {"bbox": bbox})
    assert response.status_code == 400
    assert response.json()["notice"]


def test_too_many_cases_are_cut_with_a_notice(
    client_for, officer, ticket, tree, micro_grid_worker, monkeypatch
):
    monkeypatch.setattr(map_layers, "MAX_CASES", 1)
    report(micro_grid_worker, tree["00500101"], point=Point(103.8406, 36.041, srid=4326))
    layer = client_for(officer).get(URL, {"bbox": VIEW}).json()
    assert len(layer["features"]) == 1
    assert layer["notice"]


def test_more_points_cost_no_more_queries(client_for, officer, tree, micro_grid_worker):
    client = client_for(officer)
    client.get("/accounts/me/")  # the first page of a session writes when it was seen
    counts = []
    for more in (3, 27):
        for _n in range(more):
            report(micro_grid_worker, tree["00500101"], point=Point(103.8405, 36.041, srid=4326))
        with CaptureQueriesContext(connection) as seen:
            client.get(URL, {"bbox": VIEW})
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 4


def test_the_page_lists_the_areas_beside_the_map(client_for, officer, ticket, tree):
    page = client_for(officer).get("/map/")
    assert [line.open for line in page.context["lines"]] == [1, 0]
    assert f"/cases/?area={tree['005001'].code}" in page.content.decode()


def test_a_handler_of_a_department_gets_the_map_without_areas(client_for, department_handler):
    page = client_for(department_handler).get("/map/")
    assert page.status_code == 200
    assert page.context["map"].areas_url == ""
