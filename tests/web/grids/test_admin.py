"""The administration: a community from nothing, rules as form errors, rights by role."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.choices import Role
from accounts.models import User
from grids.models import Area, AreaAssignment, Building, Compound, Entrance
from grids.reshape import Part, split_area
from requests_.models import Category
from tests.factories.accounts import UserFactory
from tests.factories.grids import CompoundFactory, Tree, box
from tests.factories.requests import accept, report

MODELS = (
    "area", "community", "grid", "microgrid", "areaassignment", "compound", "building", "entrance", "doorplate",
    "areaimport",
)  # fmt: skip
NO_INLINES = {"assignments-TOTAL_FORMS": 0, "assignments-INITIAL_FORMS": 0}
NO_BUILDINGS = {"buildings-TOTAL_FORMS": 0, "buildings-INITIAL_FORMS": 0}
NO_DOORS = {
    "entrances-TOTAL_FORMS": 0, "entrances-INITIAL_FORMS": 0, "door_plates-TOTAL_FORMS": 0,
    "door_plates-INITIAL_FORMS": 0,
}  # fmt: skip


@pytest.fixture
def admin(client_for: Any, system_admin: Any) -> Any:
    return client_for(system_admin)


def add_area(
    client: Any, model: str, code: str, parent: Area | None, outline: Any = None, **fields: Any
) -> Any:
    data = {
        "code": code,
        "name": f"新{code}",
        "parent": parent.pk if parent else "",
        "boundary": outline.geojson if outline else "",
        "source_crs": "wgs84",
        "active_from": "2023-01-01",
        **NO_INLINES,
        **fields,
    }
    return client.post(reverse(f"admin:grids_{model}_add"), data)


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


def test_an_area_that_holds_something_gets_no_end_here(admin: Any, tree: Tree) -> None:
    area = tree["00500201"]
    CompoundFactory(name="朝阳院", micro_grid=area)
    data = {
        "name": area.name, "boundary": area.boundary.geojson, "source_crs": "wgs84", "active_from": "2020-01-01",
        "active_to": timezone.localdate().isoformat(), **NO_INLINES,
    }  # fmt: skip
    response = admin.post(reverse("admin:grids_microgrid_change", args=[area.pk]), data)
    assert "朝阳院" in errors(response)["active_to"][0]
    area.refresh_from_db()
    assert area.active_to is None


def test_a_community_is_set_up_from_nothing(admin: Any) -> None:
    ground = box(0, 0, 4, 2)
    parent = None
    for model, code in (
        ("area", "620199"),
        ("area", "620199001"),
        ("community", "620199001001"),
        ("grid", "620199001001001"),
        ("microgrid", "62019900100100101"),
    ):
        outline = ground if len(code) >= 12 else None
        assert add_area(admin, model, code, parent, outline).status_code == 302
        parent = Area.objects.get(code=code)
    person = {"username": "xin", "name": "新人", "role": Role.GRID_WORKER.value, "usable_password": "true"}
    secret = {"password1": "Weige-2023-x", "password2": "Weige-2023-x"}
    assert admin.post(reverse("admin:accounts_user_add"), {**person, **secret}).status_code == 302
    worker = User.objects.get(username="xin")
    for area, duty in (
        (parent, "micro_grid_worker"),
        (Area.objects.get(level="community"), "community_officer"),
    ):
        post = {"user": worker.pk, "duty": duty, "from_on": "2023-01-01", "area": area.pk if area else ""}
        assert admin.post(reverse("admin:grids_areaassignment_add"), post).status_code == 302
    assert set(AreaAssignment.objects.values_list("area__level", flat=True)) == {"micro_grid", "community"}
    compound = {
        "name": "新院",
        "code": "X-1",
        "micro_grid": parent.pk if parent else "",
        "source_crs": "wgs84",
    }
    assert admin.post(reverse("admin:grids_compound_add"), {**compound, **NO_BUILDINGS}).status_code == 302
    building = {"compound": Compound.objects.get().pk, "no": "1", **NO_DOORS}
    assert admin.post(reverse("admin:grids_building_add"), building).status_code == 302
    entrance = {"building": Building.objects.get().pk, "no": "1"}
    assert admin.post(reverse("admin:grids_entrance_add"), entrance).status_code == 302
    assert Entrance.objects.get().building.compound.micro_grid == parent
    first_ticket_of_a_category_from_nothing(admin, worker)


def first_ticket_of_a_category_from_nothing(admin: Any, worker: User) -> None:
    """A group, a category in it and its limit are added; the first ticket of it is reported and has that limit."""
    group = {
        "code": "trees",
        "name": "古树",
        "order": 1,
        "is_active": "on",
        "default_level": "grid",
        "basis": "",
    }
    assert admin.post(reverse("admin:requests_category_add"), group).status_code == 302
    second = {
        **group,
        "code": "old-tree",
        "name": "古树名木",
        "parent": Category.objects.get(code="trees").pk,
    }
    assert admin.post(reverse("admin:requests_category_add"), second).status_code == 302
    limit = {
        "kind": "ticket", "step": "handle", "subject": "old-tree", "urgency": "", "level": "", "amount": "4",
        "unit": "workday", "cut_off": "", "valid_from": "2023-01-01", "basis": "区园林文件",
    }  # fmt: skip
    assert admin.post(reverse("admin:casework_servicelevel_add"), limit).status_code == 302

    building, now = Building.objects.get(), datetime(2023, 2, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    area = building.compound.micro_grid
    ticket = report(worker, area, category="old-tree", compound=building.compound, building=building, now=now)
    assert (ticket.number, ticket.path) == ("T-2023-000001", "62019900100100101")
    assert accept(ticket, worker, now=now).due_at == datetime(2023, 2, 24, 18, tzinfo=now.tzinfo)


def test_an_overlap_is_an_error_beside_the_map_naming_the_neighbour(admin: Any, tree: Tree) -> None:
    response = add_area(admin, "microgrid", "62010201700500109", tree["005001"], box(0.5, 0, 1, 2))
    assert tree["00500101"].name in " ".join(errors(response)["boundary"])
    assert not Area.objects.filter(code="62010201700500109").exists()


def test_a_pasted_polygon_is_as_good_as_a_multipolygon(admin: Any, tree: Tree) -> None:
    Area.objects.filter(code="62010201700500102").update(boundary=None)
    response = add_area(admin, "microgrid", "62010201700500109", tree["005001"], box(1, 0, 2, 2)[0])
    assert response.status_code == 302
    assert Area.objects.get(code="62010201700500109").boundary.equals_exact(box(1, 0, 2, 2), 1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "{}",
        '{"type":"Point","coordinates":[103.8,36.0]}',
        '{"type":"Polygon","coordinates":[[[103.8,36.0]]]}',
        '{"type":"Polygon","coordinates":[[["a","b"]]]}',
        json.dumps({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}),
        "POLYGON((0 0",
        "[" * 5000,
    ],
)
def test_an_outline_that_cannot_be_read_is_an_error_beside_the_map(admin: Any, tree: Tree, text: str) -> None:
    response = add_area(admin, "microgrid", "62010201700500109", tree["005001"], boundary=text)
    assert "boundary" in errors(response)
    assert escape(text) in response.content.decode()


@pytest.mark.parametrize(
    ("model", "code", "parent"),
    [
        ("microgrid", "620102017005009", "005001"),
        ("microgrid", "6201020170050010A", "005001"),
        ("microgrid", "62010201700500209", "005001"),
        ("microgrid", "62010201700500101", "005001"),
        ("grid", "620102017005009", ""),
        ("area", "62010201", None),
        ("area", "620103", ""),
    ],
)
def test_a_code_that_does_not_fit_its_place_is_refused(
    admin: Any, tree: Tree, model: str, code: str, parent: str | None
) -> None:
    assert errors(add_area(admin, model, code, None if parent is None else tree[parent]))


def test_the_code_and_the_parent_of_an_area_are_not_changed(admin: Any, tree: Tree) -> None:
    area = tree["00500101"]
    data = {
        "code": "62010201700500177", "name": "改名", "parent": tree["005002"].pk, "boundary": area.boundary.geojson,
        "source_crs": "wgs84", "active_from": "2020-01-01", **NO_INLINES,
    }  # fmt: skip
    assert admin.post(reverse("admin:grids_microgrid_change", args=[area.pk]), data).status_code == 302
    area.refresh_from_db()
    assert (area.code, area.parent, area.name) == ("62010201700500101", tree["005001"], "改名")


def test_an_area_that_was_split_is_not_deleted(admin: Any, tree: Tree, secretary: Any) -> None:
    parts = [Part("西", box(2, 0, 3, 2)), Part("东", box(3, 0, 4, 2))]
    made = split_area(actor=secretary, code=tree["00500201"].code, parts=parts, now=timezone.now()).created
    for area in (tree["00500201"], *made):
        url = reverse("admin:grids_microgrid_delete", args=[area.pk])
        assert admin.post(url, {"post": "yes"}).status_code == 403
    rows = [area.pk for area in made]
    data = {"action": "delete_selected", "_selected_action": rows, "post": "yes"}
    admin.post(reverse("admin:grids_microgrid_changelist"), data)
    assert Area.objects.filter(pk__in=rows).count() == len(rows)


def test_an_area_entered_by_mistake_is_deleted(admin: Any, tree: Tree) -> None:
    area = tree["00600101"]
    assert (
        admin.post(reverse("admin:grids_microgrid_delete", args=[area.pk]), {"post": "yes"}).status_code
        == 302
    )
    assert not Area.objects.filter(pk=area.pk).exists()


def test_a_second_main_leader_is_refused_with_a_sentence(admin: Any, tree: Tree, grid_leader: Any) -> None:
    data = {
        "user": UserFactory().pk,
        "area": tree["005001"].pk,
        "duty": "grid_leader",
        "from_on": "2023-01-01",
    }
    assert errors(admin.post(reverse("admin:grids_areaassignment_add"), data))
    data["is_deputy"] = "on"
    assert admin.post(reverse("admin:grids_areaassignment_add"), data).status_code == 302


def test_as_parent_only_areas_in_force_of_the_level_above_are_offered(admin: Any, tree: Tree) -> None:
    query = {"app_label": "grids", "model_name": "microgrid", "field_name": "parent", "term": "6201"}
    answer = admin.get(reverse("admin:autocomplete"), query).json()
    assert {row["id"] for row in answer["results"]} == {
        str(tree[key].pk) for key in ("005001", "005002", "006001")
    }
    # Every community has a first grid: where an area lies is said with it.
    grid = tree["005001"]
    assert f"{tree['005'].name} › {grid.name} {grid.code}" in {row["text"] for row in answer["results"]}


@pytest.mark.parametrize("model", MODELS)
def test_every_list_can_be_opened_and_searched(admin: Any, tree: Tree, model: str) -> None:
    CompoundFactory(micro_grid=tree["00500101"])
    assert admin.get(reverse(f"admin:grids_{model}_changelist")).status_code == 200
    assert admin.get(reverse(f"admin:grids_{model}_changelist"), {"q": "第'1\"<网格>"}).status_code == 200


@pytest.mark.parametrize("value", ["yes", "no"])
def test_areas_are_filtered_by_being_in_force(admin: Any, tree: Tree, value: str) -> None:
    Area.objects.filter(code="62010201700500101").update(active_to="2023-01-01")
    response = admin.get(reverse("admin:grids_microgrid_changelist"), {"in_force": value})
    shown = {area.code for area in response.context["cl"].result_list}
    assert ("62010201700500101" in shown) is (value == "no")


def test_the_editor_has_no_inline_script(admin: Any, tree: Tree) -> None:
    html = admin.get(reverse("admin:grids_microgrid_change", args=[tree["00500101"].pk])).content.decode()
    editor = html[html.index('class="wg-editor"') : html.index("wg-editor-text")]
    assert "data-map-editor" in editor
    assert "<script" not in editor


@pytest.mark.parametrize("model", MODELS)
def test_an_auditor_looks_and_changes_nothing(client_for: Any, tree: Tree, model: str) -> None:
    client = client_for(UserFactory(role=Role.AUDITOR))
    assert client.get(reverse(f"admin:grids_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:grids_{model}_add")).status_code == 403


@pytest.mark.parametrize("who", ["secretary", "grid_worker", "partner_contact"])
def test_others_do_not_enter(client_for: Any, request: pytest.FixtureRequest, who: str) -> None:
    response = client_for(request.getfixturevalue(who)).get(reverse("admin:grids_area_changelist"))
    assert response.status_code == 302
