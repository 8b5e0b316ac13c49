"""Near a border a person chooses the micro-grid; a position that contradicts the rest is asked about before saving."""

import uuid

import pytest
from django.contrib.gis.geos import Point

from casework.models import Parameter
from grids.models import Area
from requests_.models import Ticket
from tests.factories.grids import SOUTH, WEST, BuildingFactory, CompoundFactory
from tests.factories.requests import COMMUNITY

pytestmark = pytest.mark.django_db
REPORT, NEARBY = "/tickets/report/", "/tickets/report/nearby/"
METRE = 0.011_11  # east, in thousandths of a degree at this latitude


@pytest.fixture
def building(tree):
    compound = CompoundFactory(
        name="甘南路院", micro_grid=tree["00500101"], point=Point(WEST + 0.0005, SOUTH + 0.001)
    )
    return BuildingFactory(compound=compound, no="5")


def typed(east=None, **more):
    """What the form sends, with a position so many thousandths of a degree east of the test world's edge."""
    where = {} if east is None else {"latitude": SOUTH + 0.001, "longitude": WEST + east / 1000}
    return {
        "key": uuid.uuid4(), "category": COMMUNITY, "urgency": "normal", "type": "help", "source": "patrol",
        "description": "夜间噪声扰民", **where, **more,
    }  # fmt: skip


def asked(client, data):
    """The page that asks before it saves."""
    answer = client.post(REPORT, data)
    assert answer.status_code == 200
    assert not Ticket.objects.exists()
    assert answer.context["form"]["description"].value() == data["description"]
    return answer


def close(answer):
    return [area.code[-8:] for area in answer.context["hint"].found.close]


@pytest.mark.parametrize(
    ("metres", "accuracy", "offered"),
    [
        (0, "", ["00500101", "00500102"]),
        (1, "", ["00500102", "00500101"]),
        (-1, "", ["00500101", "00500102"]),
        (14, "", ["00500102", "00500101"]),
        (14, "5", []),
        (16, "", []),
        (16, "30", ["00500102", "00500101"]),
        (16, "nonsense", []),
        (1, "-3", ["00500102", "00500101"]),
        (1, "nan", ["00500102", "00500101"]),
    ],
)
def test_within_the_accuracy_of_a_border_both_micro_grids_are_offered(
    client_for, grid_worker, tree, metres, accuracy, offered
):
    client, data = client_for(grid_worker), typed(1 + metres * METRE, accuracy=accuracy)
    if not offered:
        assert client.post(REPORT, data).status_code == 302
        return
    page = asked(client, data)
    assert close(page) == offered
    for code in offered:
        assert f'name="border" id="border-620102017{code}"' in page.content.decode()
    asked(client, data | {"border": tree["00500201"].code})
    client.post(REPORT, data | {"border": tree["00500101"].code})
    assert Ticket.objects.get().area == tree["00500101"]


def test_the_usual_accuracy_is_data(client_for, grid_worker, tree):
    Parameter.objects.filter(key="position_accuracy_m").update(value=2)
    client_for(grid_worker).post(REPORT, typed(1 + 3 * METRE))
    assert Ticket.objects.get().area == tree["00500102"]


def test_just_outside_all_areas_near_a_border_one_question_is_asked(client_for, grid_worker, tree):
    data = typed(1) | {"latitude": SOUTH + 0.002 + 5 / 111_000}
    page = asked(client_for(grid_worker), data)
    assert close(page) == ["00500101", "00500102"]
    assert not page.context["hint"].is_far
    client_for(grid_worker).post(REPORT, data | {"border": tree["00500102"].code})
    assert Ticket.objects.get().area == tree["00500102"]


def test_near_another_community_only_one_s_own_micro_grid_is_offered(client_for, grid_worker, tree):
    data = typed(4 + METRE)
    page = asked(client_for(grid_worker), data)
    assert close(page) == ["00500201"]
    assert client_for(grid_worker).post(REPORT, data | {"border": tree["00600101"].code}).status_code == 200
    client_for(grid_worker).post(REPORT, data | {"border": tree["00500201"].code})
    assert Ticket.objects.get().area == tree["00500201"]


def test_a_position_in_another_grid_than_the_building_is_asked_about(client_for, grid_worker, building, tree):
    client, data = client_for(grid_worker), typed(3, place=f"building:{building.pk}", latitude=SOUTH + 0.001)
    page = asked(client, data)
    assert page.context["hint"].found.doubt.other == tree["00500201"]
    assert "距" in page.content.decode()
    mark = page.context["hint"].mark
    assert f'name="sure" id="place-sure" value="{mark}"' in page.content.decode()
    asked(client, data | {"longitude": WEST + 0.0032, "sure": mark})
    client.post(REPORT, data | {"sure": mark})
    ticket = Ticket.objects.get()
    assert (ticket.area, ticket.building) == (tree["00500101"], building)


@pytest.mark.parametrize("east", [0.5, 1.5, 2 + 10 * METRE])
def test_a_position_in_the_same_grid_or_within_the_accuracy_is_no_contradiction(
    client_for, grid_worker, tree, east
):
    compound = CompoundFactory(micro_grid=tree["00500102"])
    client_for(grid_worker).post(REPORT, typed(east, place=f"compound:{compound.code}"))
    assert Ticket.objects.get().area == tree["00500102"]


def test_a_position_far_from_the_chosen_micro_grid_is_asked_about(client_for, grid_worker, tree):
    client, data = client_for(grid_worker), typed(-510, area=tree["00500101"].code)
    page = asked(client, data)
    assert 45_000 < page.context["hint"].found.doubt.metres < 47_000
    assert "公里" in page.content.decode()
    client.post(REPORT, data | {"sure": page.context["hint"].mark})
    assert Ticket.objects.get().area == tree["00500101"]


@pytest.mark.parametrize(("metres", "asks"), [(900, False), (1100, True)])
def test_from_where_a_position_is_far_is_data(client_for, grid_worker, tree, metres, asks):
    data = typed(-metres * METRE, area=tree["00500101"].code)
    assert (client_for(grid_worker).post(REPORT, data).status_code == 200) is asks


def test_a_building_in_another_grid_than_the_chosen_micro_grid_is_asked_about(
    client_for, grid_worker, building, tree
):
    client, data = client_for(grid_worker), typed(place=f"building:{building.pk}", area=tree["00500201"].code)
    page = asked(client, data)
    assert page.context["hint"].found.doubt.other == tree["00500101"]
    client.post(REPORT, data | {"sure": page.context["hint"].mark})
    assert Ticket.objects.get().area == tree["00500201"]


def test_a_micro_grid_without_an_outline_raises_no_question(client_for, grid_worker, tree):
    Area.objects.filter(pk=tree["00500101"].pk).update(boundary=None)
    client_for(grid_worker).post(REPORT, typed(0.5, area=tree["00500101"].code))
    assert Ticket.objects.get().area == tree["00500101"]


def test_the_fragment_asks_the_same_and_keeps_the_answer(client_for, grid_worker, tree):
    query = {"latitude": SOUTH + 0.001, "longitude": WEST + 0.001, "category": COMMUNITY}
    html = client_for(grid_worker).get(NEARBY, query).content.decode()
    assert html.count('name="border"') == 2
    assert "checked" not in html
    html = client_for(grid_worker).get(NEARBY, query | {"border": tree["00500102"].code}).content.decode()
    assert html.count("checked") == 1
