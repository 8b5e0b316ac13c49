"""The tree, an area's page, the notice board and the coverage page: scope, words, query counts."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grids.choices import Duty
from grids.models import Area
from tests.factories.accounts import UserFactory
from tests.factories.grids import AreaFactory, AssignmentFactory, BuildingFactory, CompoundFactory, Tree, box

LIST, COVERAGE = "/areas/", "/areas/coverage/"
DETAIL = "/areas/{}/"


def names(response: Any) -> list[str]:
    return [line.area.code for line in response.context["tree"].lines]


def test_the_tree_begins_at_ones_community_and_ends_at_its_micro_grids(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    CompoundFactory(micro_grid=tree["00500101"], households=120)
    response = client_for(secretary).get(LIST)
    assert names(response) == [
        tree[key].code for key in ("005", "005001", "00500101", "00500102", "005002", "00500201")
    ]
    lines = {line.area.code: line for line in response.context["tree"].lines}
    assert lines[tree["005"].code].households == 120
    assert lines[tree["00500102"].code].households == 0


def test_a_micro_grid_worker_sees_the_way_down_to_the_own_micro_grid_only(
    client_for: Any, micro_grid_worker: Any, tree: Tree
) -> None:
    response = client_for(micro_grid_worker).get(LIST)
    assert names(response) == [tree[key].code for key in ("005", "005001", "00500101")]


def test_an_administrator_begins_at_the_top_and_goes_down(
    client_for: Any, system_admin: Any, tree: Tree
) -> None:
    client = client_for(system_admin)
    assert names(client.get(LIST)) == ["620102", "620102017", tree["005"].code, tree["006"].code]
    assert tree["00600101"].code in names(client.get(LIST, {"under": tree["006"].code}))


def test_an_organisation_has_no_areas_and_is_told_so(
    client_for: Any, partner_contact: Any, tree: Tree
) -> None:
    response = client_for(partner_contact).get(LIST)
    assert response.status_code == 200
    assert names(response) == []
    assert "wg-empty" in response.content.decode()


@pytest.mark.parametrize("under", ["620102017006", "999999", "x", "620102017005' OR 1=1", "😀" * 50])
def test_looking_below_a_foreign_or_unknown_area_is_not_found(
    client_for: Any, secretary: Any, tree: Tree, under: str
) -> None:
    assert client_for(secretary).get(LIST, {"under": under}).status_code == 404


def test_main_holders_stand_before_deputies_and_a_vacant_post_is_named(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    grid = tree["005001"]
    AssignmentFactory(user=UserFactory(name="副手"), area=grid, duty=Duty.GRID_LEADER.value, is_deputy=True)
    AssignmentFactory(user=UserFactory(name="主管"), area=grid, duty=Duty.GRID_LEADER.value)
    response = client_for(secretary).get(LIST)
    line = next(line for line in response.context["tree"].lines if line.area == grid)
    assert [str(post.user) for post in line.posts] == ["主管", "副手"]
    assert [vacancy.duty for vacancy in line.vacancies] == [Duty.GRID_WORKER]


def test_the_load_of_a_worker_counts_the_main_posts_only(client_for: Any, secretary: Any, tree: Tree) -> None:
    CompoundFactory(micro_grid=tree["00500101"], households=400)
    CompoundFactory(micro_grid=tree["00500201"], households=200)
    worker = UserFactory()
    AssignmentFactory(user=worker, area=tree["005001"])
    AssignmentFactory(user=worker, area=tree["005002"])
    AssignmentFactory(user=UserFactory(), area=tree["005002"], is_deputy=True)
    (load,) = client_for(secretary).get(LIST).context["tree"].loads
    assert (load.person, load.households, load.advice) == (worker, 600, "more")


def queries(client: Any, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "address", [LIST, DETAIL.format("620102017005"), DETAIL.format("620102017005001"), COVERAGE]
)
def test_a_page_of_areas_asks_as_often_for_3_rows_as_for_30(
    client_for: Any, secretary: Any, tree: Tree, address: str
) -> None:
    client = client_for(secretary)
    CompoundFactory(micro_grid=tree["00500101"], point=box(0, 0, 9, 9).centroid)
    client.get(address)
    few = queries(client, address)
    for number in range(30):
        micro_grid = AreaFactory(
            code=f"620102017005001{number + 10}", boundary=box(number / 20, 0, (number + 1) / 20, 0.5)
        )
        AssignmentFactory(user=UserFactory(), area=micro_grid, duty=Duty.MICRO_GRID_WORKER.value)
        compound = CompoundFactory(micro_grid=micro_grid, point=box(0, 0, 1, 1).centroid)
        BuildingFactory(compound=compound)
    assert queries(client, address) == few


def test_the_page_of_an_area_shows_its_places_and_people(client_for: Any, secretary: Any, tree: Tree) -> None:
    compound = CompoundFactory(name="甘南路家属院", micro_grid=tree["00500101"], households=308)
    BuildingFactory.create_batch(5, compound=compound)
    AssignmentFactory(
        user=UserFactory(name="金楼长"), area=tree["00500101"], duty=Duty.MICRO_GRID_WORKER.value
    )
    response = client_for(secretary).get(DETAIL.format(tree["005001"].code))
    html = response.content.decode()
    for text in ("甘南路家属院", "308", "金楼长", tree["00500101"].name):
        assert text in html
    assert response.context["page"].compounds[0].building_count == 5


@pytest.mark.parametrize("key", ["006", "006001", "00600101"])
def test_the_page_of_a_foreign_area_is_not_found(
    client_for: Any, secretary: Any, tree: Tree, key: str
) -> None:
    client = client_for(secretary)
    code = tree[key].code
    for address in ("/areas/{}/", "/areas/{}/notice-board/", "/areas/{}/split/", "/areas/{}/merge/"):
        assert client.get(address.format(code)).status_code == 404


def test_an_area_above_shows_nothing_of_its_other_children(
    client_for: Any, micro_grid_worker: Any, tree: Tree
) -> None:
    CompoundFactory(name="邻院", micro_grid=tree["00500102"])
    html = client_for(micro_grid_worker).get(DETAIL.format(tree["005001"].code)).content.decode()
    assert tree["00500101"].name in html
    assert tree["00500102"].name not in html
    assert "邻院" not in html


def test_a_retired_area_keeps_its_page_and_names_its_successor(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    old = tree["00500101"]
    Area.objects.filter(pk=old.pk).update(active_to=date(2023, 2, 20))
    old.replaced_by.add(tree["00500102"])
    html = client_for(secretary).get(DETAIL.format(old.code)).content.decode()
    assert "2023年2月20日" in html
    assert tree["00500102"].name in html
    assert "/split/" not in html
    assert client_for(secretary).get(f"/areas/{old.code}/notice-board/").status_code == 404


def test_a_visitor_is_sent_to_sign_in(client: Any, tree: Tree) -> None:
    for address in (
        LIST,
        COVERAGE,
        DETAIL.format(tree["005"].code),
        "/areas/areas.geojson",
        "/areas/import/",
    ):
        response = client.get(address)
        assert response.status_code == 302
        assert "sign-in" in response["Location"]


@pytest.mark.parametrize(
    "address", [LIST, COVERAGE, DETAIL.format("620102017005"), "/areas/locate/", "/areas/export/"]
)
def test_reading_pages_refuse_to_be_posted_to(client_for: Any, secretary: Any, address: str) -> None:
    assert client_for(secretary).post(address).status_code == 405


@pytest.mark.parametrize(
    "address", ["/areas/123/", "/areas/62010201700500x/", "/areas/6201020170050011234567/"]
)
def test_what_is_no_code_is_not_found(client_for: Any, secretary: Any, address: str) -> None:
    assert client_for(secretary).get(address).status_code == 404


def test_the_notice_board_names_everybody_from_the_secretary_down(
    client_for: Any, secretary: Any, grid_leader: Any, grid_worker: Any, micro_grid_worker: Any, tree: Tree
) -> None:
    CompoundFactory(name="公示院", micro_grid=tree["00500101"])
    html = client_for(grid_worker).get(f"/areas/{tree['005001'].code}/notice-board/").content.decode()
    for name in ("孙书记", "李长", "王工", "马微", "公示院"):
        assert name in html
    assert "data-wg-print" in html


def test_a_community_has_no_notice_board_of_a_grid(client_for: Any, secretary: Any, tree: Tree) -> None:
    assert client_for(secretary).get(f"/areas/{tree['005'].code}/notice-board/").status_code == 404


def test_the_coverage_page_lists_what_is_missing(client_for: Any, secretary: Any, tree: Tree) -> None:
    Area.objects.filter(code=tree["00500102"].code).update(boundary=box(0.5, 0, 2, 1))
    response = client_for(secretary).get(COVERAGE)
    found = response.context["coverage"]
    assert (len(found.gaps), len(found.overlaps)) == (1, 1)
    html = response.content.decode()
    assert 'id="gaps"' in html
    assert 'id="overlaps"' in html
    kinds = [f["properties"]["kind"] for f in response.context["map"].features["features"]]
    assert kinds == ["gap", "overlap"]


def test_the_coverage_page_names_compounds_of_no_community(
    client_for: Any, system_admin: Any, secretary: Any, tree: Tree
) -> None:
    CompoundFactory(code="X-1", name="孤院")
    assert "孤院" in client_for(system_admin).get(COVERAGE).content.decode()
    assert "孤院" not in client_for(secretary).get(COVERAGE).content.decode()


def test_coverage_is_a_question_for_those_who_answer_for_a_community(
    client_for: Any, grid_worker: Any, officer: Any, system_admin: Any, partner_contact: Any
) -> None:
    assert client_for(grid_worker).get(COVERAGE).status_code == 403
    assert client_for(partner_contact).get(COVERAGE).status_code == 403
    assert client_for(officer).get(COVERAGE).status_code == 200
    assert client_for(system_admin).get(COVERAGE).status_code == 200


def test_the_coverage_of_a_foreign_community_is_not_found(client_for: Any, officer: Any, tree: Tree) -> None:
    assert client_for(officer).get(COVERAGE, {"community": tree["006"].code}).status_code == 404


def test_without_a_community_the_page_says_how_to_begin(client_for: Any, system_admin: Any) -> None:
    assert "wg-empty" in client_for(system_admin).get(COVERAGE).content.decode()
    assert "wg-empty" in client_for(system_admin).get(LIST).content.decode()
