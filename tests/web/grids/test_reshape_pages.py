"""Split and merge by the page: preview first, then once."""

from typing import Any

import pytest

from grids.models import Area
from tests.factories.grids import SOUTH, WEST, Tree
from tests.factories.messages import robot_of

SPLIT = "/areas/62010201700500201/split/"
MERGE = "/areas/62010201700500101/merge/"
LINE = f"{WEST + 0.003},{SOUTH - 0.001}\n{WEST + 0.003},{SOUTH + 0.003}"
CUT = {"line": LINE, "first": "西", "second": "东"}


def test_a_micro_grid_is_cut_after_a_preview(client_for: Any, secretary: Any, tree: Tree) -> None:
    client = client_for(secretary)
    assert client.get(SPLIT).status_code == 200
    preview = client.post(SPLIT, CUT)
    assert [area.name for area in preview.context["preview"].created] == ["西", "东"]
    assert not Area.objects.filter(name="西").exists()
    done = client.post(SPLIT, {**CUT, "confirm": "1"})
    assert done.status_code == 302
    assert Area.objects.get(name="西").is_in_force


def test_the_preview_names_the_settings_that_go_along(client_for: Any, secretary: Any, tree: Tree) -> None:
    robot_of(tree["00500201"], name="红旗群")
    page = client_for(secretary).post(SPLIT, CUT).content.decode()
    assert "红旗群" in page


def test_a_split_sent_twice_happens_once(client_for: Any, secretary: Any, tree: Tree) -> None:
    client = client_for(secretary)
    client.post(SPLIT, {**CUT, "confirm": "1"})
    assert client.post(SPLIT, {**CUT, "confirm": "1"}).status_code == 404
    assert Area.objects.filter(name="西").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"line": ""},
        {"line": "hello"},
        {"line": "1,2"},
        {"line": "1,2 1,2"},
        {"line": "nan,1 2,3"},
        {"line": "500,1 2,3"},
        {"line": f"{WEST},{SOUTH} {WEST + 0.001},{SOUTH}"},
        {"line": " ".join(["103.1,36.1", "103.2,36.2"] * 100)},
        {"first": ""},
        {"first": "东"},
        {"first": "长" * 31},
        {"first": "a\x00b"},
    ],
)
def test_input_that_does_not_fit_is_refused_and_stays_in_the_form(
    client_for: Any, secretary: Any, tree: Tree, change: dict[str, str]
) -> None:
    response = client_for(secretary).post(SPLIT, {**CUT, **change, "confirm": "1"})
    assert response.status_code == 400
    assert response.context["form"].errors
    assert response.context["form"]["second"].value() == "东"
    assert not Area.objects.filter(name="东").exists()


def test_a_grid_is_split_by_ticking_its_micro_grids(client_for: Any, secretary: Any, tree: Tree) -> None:
    form = {"first": "甲", "second": "乙", "second_children": ["62010201700500102"], "confirm": "1"}
    assert client_for(secretary).post("/areas/620102017005001/split/", form).status_code == 302
    assert [child.name for child in Area.objects.get(name="乙").children.all()] == [tree["00500102"].name]


def test_giving_every_micro_grid_to_one_grid_is_refused(client_for: Any, secretary: Any, tree: Tree) -> None:
    children = ["62010201700500101", "62010201700500102"]
    form = {"first": "甲", "second": "乙", "second_children": children, "confirm": "1"}
    assert client_for(secretary).post("/areas/620102017005001/split/", form).status_code == 400


def test_neighbours_are_merged_after_a_preview(client_for: Any, secretary: Any, tree: Tree) -> None:
    client, form = client_for(secretary), {"others": ["62010201700500102"], "name": "合并微网格"}
    assert client.post(MERGE, form).context["preview"].created[0].code == "62010201700500103"
    assert client.post(MERGE, {**form, "confirm": "1"}).status_code == 302
    assert Area.objects.get(name="合并微网格").replaces.count() == 2


@pytest.mark.parametrize("others", [[], ["62010201700500201"], ["62010201700600101"], ["x"]])
def test_only_neighbours_offered_are_merged(
    client_for: Any, secretary: Any, tree: Tree, others: list[str]
) -> None:
    form = {"others": others, "name": "合", "confirm": "1"}
    assert client_for(secretary).post(MERGE, form).status_code == 400


@pytest.mark.parametrize("address", [SPLIT, MERGE])
@pytest.mark.parametrize(
    ("who", "status"),
    [("officer", 403), ("grid_leader", None), ("foreign_officer", 404), ("partner_contact", 404)],
)
def test_others_neither_split_nor_merge(
    client_for: Any, request: pytest.FixtureRequest, address: str, who: str, status: int | None
) -> None:
    client = client_for(request.getfixturevalue(who))
    # The leader of grid 001 sees the micro-grid to merge, not the one of grid 002.
    expected = status or (403 if address == MERGE else 404)
    assert client.get(address).status_code == expected
    assert client.post(address, {"confirm": "1"}).status_code == expected
