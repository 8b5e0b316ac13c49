"""What the map asks for: scoped outlines of a view, and the micro-grid of a point."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grids import layers
from grids.choices import Duty
from tests.factories.accounts import UserFactory
from tests.factories.grids import SOUTH, WEST, AssignmentFactory, CompoundFactory, Tree, box

AREAS, LOCATE = "/areas/areas.geojson", "/areas/locate/"
VIEW = f"{WEST - 0.01},{SOUTH - 0.01},{WEST + 0.02},{SOUTH + 0.02}"


def ask(client: Any, **query: Any) -> dict[str, Any]:
    response = client.get(AREAS, {"bbox": VIEW, "zoom": 15, **query})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/geo+json"
    document: dict[str, Any] = json.loads(response.content)
    return document


def codes(layer: dict[str, Any], kind: str = "area") -> list[str]:
    facts = [feature["properties"] for feature in layer["features"]]
    return [fact.get("code", fact["name"]) for fact in facts if fact["kind"] == kind]


def test_the_zoom_chooses_the_level_unless_the_page_does(client_for: Any, secretary: Any, tree: Tree) -> None:
    client = client_for(secretary)
    assert codes(ask(client, zoom=12)) == [tree["005"].code]
    assert codes(ask(client, zoom=14)) == [tree["005001"].code, tree["005002"].code]
    assert ask(client, zoom=17)["level"] == "micro_grid"
    assert codes(ask(client, zoom=17, level="community")) == [tree["005"].code]


def test_only_ones_own_areas_are_drawn(
    client_for: Any, micro_grid_worker: Any, partner_contact: Any, tree: Tree
) -> None:
    CompoundFactory(name="邻院", micro_grid=tree["00500102"], point=box(1, 0, 2, 2).centroid)
    layer = ask(client_for(micro_grid_worker), zoom=17)
    assert codes(layer) == [tree["00500101"].code]
    assert codes(layer, "compound") == []
    assert codes(ask(client_for(partner_contact))) == []


def test_areas_outside_the_view_are_left_out(client_for: Any, system_admin: Any, tree: Tree) -> None:
    west = f"{WEST},{SOUTH},{WEST + 0.0005},{SOUTH + 0.0005}"
    layer = ask(client_for(system_admin), zoom=17, bbox=west)
    assert codes(layer) == [tree["00500101"].code]


def test_an_area_tells_who_serves_it_and_where_its_page_is(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    AssignmentFactory(
        user=UserFactory(name="金楼长"), area=tree["00500101"], duty=Duty.MICRO_GRID_WORKER.value
    )
    layer = ask(client_for(secretary), zoom=17)
    facts = next(
        f["properties"] for f in layer["features"] if f["properties"].get("code") == tree["00500101"].code
    )
    assert "金楼长" in facts["lines"][0]
    assert facts["url"] == f"/areas/{tree['00500101'].code}/"


def test_compounds_appear_from_close_by(client_for: Any, secretary: Any, tree: Tree) -> None:
    CompoundFactory(name="有界院", micro_grid=tree["00500101"], boundary=box(0.2, 0.2, 0.4, 0.4))
    CompoundFactory(name="有点院", micro_grid=tree["00500101"], point=box(0.6, 0.6, 0.8, 0.8).centroid)
    CompoundFactory(name="无位院", micro_grid=tree["00500101"])
    client = client_for(secretary)
    assert codes(ask(client, zoom=14), "compound") == []
    assert codes(ask(client, zoom=17), "compound") == ["有界院", "有点院"]


def test_too_many_outlines_give_way_to_the_level_above_with_a_word(
    client_for: Any, secretary: Any, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "MAX_AREAS", 2)
    layer = ask(client_for(secretary), level="micro_grid")
    assert layer["level"] == "grid"
    assert layer["notice"]


def test_a_view_of_the_map_needs_few_queries(client_for: Any, secretary: Any, tree: Tree) -> None:
    client = client_for(secretary)
    ask(client, zoom=17)
    with CaptureQueriesContext(connection) as few:
        ask(client, zoom=17)
    for number in range(30):
        CompoundFactory(name=f"院{number}", micro_grid=tree["00500101"], boundary=box(0.2, 0.2, 0.4, 0.4))
    with CaptureQueriesContext(connection) as many:
        ask(client, zoom=17)
    assert len(many) == len(few)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"bbox": VIEW},
        {"zoom": 15},
        {"bbox": "1,2,3", "zoom": 15},
        {"bbox": "a,b,c,d", "zoom": 15},
        {"bbox": "nan,nan,nan,nan", "zoom": 15},
        {"bbox": "inf,0,1,1", "zoom": 15},
        {"bbox": "104,36,103,37", "zoom": 15},
        {"bbox": VIEW, "zoom": -1},
        {"bbox": VIEW, "zoom": "1e9"},
        {"bbox": VIEW, "zoom": 15, "level": "planet"},
        {"bbox": "1" * 500, "zoom": 15},
    ],
)
def test_a_view_that_makes_no_sense_is_refused(
    client_for: Any, secretary: Any, query: dict[str, Any]
) -> None:
    assert client_for(secretary).get(AREAS, query).status_code == 400


def test_a_view_of_the_whole_world_is_answered(client_for: Any, secretary: Any, tree: Tree) -> None:
    assert ask(client_for(secretary), bbox="-1000,-1000,1000,1000", zoom=0)["level"] == "district"


def test_a_point_finds_its_micro_grid_on_the_page_and_as_json(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    CompoundFactory(name="本院", micro_grid=tree["00500102"])
    client, here = client_for(secretary), {"lat": SOUTH + 0.001, "lng": WEST + 0.0015}
    html = client.get(LOCATE, here).content.decode()
    assert tree["00500102"].name in html
    assert "本院" in html
    facts = client.get(LOCATE, here, headers={"accept": "application/json"}).json()
    assert facts["code"] == tree["00500102"].code
    assert facts["is_inside"] is True
    assert facts["name"].startswith(tree["005"].name)


def test_a_point_outside_all_is_answered_with_the_nearest_and_its_distance(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    there = {"lat": SOUTH + 0.001, "lng": WEST - 0.001}
    facts = client_for(secretary).get(LOCATE, there, headers={"accept": "application/json"}).json()
    assert (facts["code"], facts["is_inside"], facts["distance_m"]) == (tree["00500101"].code, False, 90)
    assert "alert-warning" in client_for(secretary).get(LOCATE, there).content.decode()


def test_on_a_border_all_micro_grids_that_meet_there_are_named(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    client, here = client_for(secretary), {"lat": SOUTH + 0.001, "lng": WEST + 0.001}
    html = client.get(LOCATE, here).content.decode()
    facts = client.get(LOCATE, here, headers={"accept": "application/json"}).json()
    assert facts["shared"] == [tree["00500101"].code, tree["00500102"].code]
    for code in facts["shared"]:
        assert f"/areas/{code}/" in html
    aside = {"lat": SOUTH + 0.001, "lng": WEST + 0.0015}
    assert client.get(LOCATE, aside, headers={"accept": "application/json"}).json()["shared"] == []


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(
    "query", [{"lat": "x", "lng": 1}, {"lat": 91, "lng": 1}, {"lat": "nan", "lng": "nan"}, {"lat": 36}]
)
def test_a_point_that_is_nowhere_is_refused(
    client_for: Any, secretary: Any, query: dict[str, Any], accept: str
) -> None:
    assert client_for(secretary).get(LOCATE, query, headers={"accept": accept}).status_code == 400


def test_the_page_without_a_question_shows_the_map(client_for: Any, secretary: Any, tree: Tree) -> None:
    html = client_for(secretary).get(LOCATE).content.decode()
    assert 'data-lat-input="id_lat"' in html
    assert "alert" not in html.split("<main")[1]
