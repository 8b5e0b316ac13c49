"""Search finds cases by number, headline, building and external number, and only visible ones."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.models import Case
from grids.models import DoorPlate
from tests.factories.accounts import UserFactory
from tests.factories.grids import BuildingFactory, CompoundFactory, EntranceFactory
from tests.factories.requests import report

pytestmark = pytest.mark.django_db


@pytest.fixture
def building(tree):
    building = BuildingFactory(
        compound=CompoundFactory(name="省政府家属院", micro_grid=tree["00500101"]), no="3"
    )
    DoorPlate.objects.create(building=building, street="甘南路", number="154号")
    return building


@pytest.fixture
def ticket(tree, building, micro_grid_worker):
    return report(
        micro_grid_worker,
        tree["00500101"],
        title="单元门口踏步破损",
        description="昨晚有老人摔倒，请尽快修",
        building=building,
        compound=building.compound,
        external_number="12345-20230220-77",
        caller_name="李秀英",
        caller_phone="09311234567",
    )


def found(client, text):
    return [
        row.case.number
        for group in client.get("/search/", {"q": text}).context["groups"]
        for row in group.rows
    ]


@pytest.mark.parametrize(
    "text",
    [
        "踏步",
        " 踏步 ",
        "单元门口踏步破损",
        "12345-20230220-77",
        "12345-2023",
        "省政府",
        "省政府家属院3号楼",
        "省政府家属院 3",
        "甘南路154号",
        "甘南路154",
        "3号楼",
        "３栋",
        "甘南路１５４号",
        "甘南路154号院",
        "甘南路154号院3号楼",
        "甘南路154号院3号楼2单元",
        "甘南路154号院3号楼2单元501",
        "甘南路１５４号院３号楼",
        "甘南路154号3栋",
        "甘南路154-3",
        "甘南路154号院 3号楼",
        "甘南路 3号楼",
        "省政府 踏步",
        "踏步　甘南路154",
        "踏步 破损",
        "老人摔倒",
        "老人",
        "甘南路154 老人摔倒",
    ],
)
def test_a_case_is_found_by_what_people_know_of_it(client_for, officer, ticket, text):
    assert found(client_for(officer), text) == [ticket.number]


@pytest.mark.parametrize(
    "text",
    [
        "王修理",
        "王修理 踏步",
        "3号楼 王修理",
        "辖区62010201700500101",
        "辖区620102017005001 踏步",
        "老人 王修理",
    ],
)
def test_a_case_is_found_by_its_handler_and_its_area(client_for, officer, ticket, text):
    Case.objects.filter(pk=ticket.pk).update(handler_user=UserFactory(name="王修理"))
    assert found(client_for(officer), text) == [ticket.number]


def test_a_case_is_found_by_the_organisation_that_handles_it(client_for, officer, ticket, department):
    Case.objects.filter(pk=ticket.pk).update(handler_org=department)
    assert found(client_for(officer), "城管执法 踏步") == [ticket.number]


def test_a_case_of_a_compound_alone_is_found_by_its_address(client_for, officer, tree, micro_grid_worker):
    yard = CompoundFactory(name="三号院", address_text="平凉路88号", micro_grid=tree["00500101"])
    case = report(micro_grid_worker, tree["00500101"], compound=yard)
    for text in ("平凉路88号", "平凉路88号院", "三号院"):
        assert found(client_for(officer), text) == [case.number]


def test_a_building_of_the_yard_behind_a_door_plate_is_found(
    client_for, officer, tree, micro_grid_worker, ticket
):
    """The plate hangs on building 3; staff write the yard by it and another building."""
    other = BuildingFactory(compound=ticket.compound, no="7")
    case = report(micro_grid_worker, tree["00500101"], building=other, compound=other.compound)
    assert found(client_for(officer), "甘南路154号院7号楼") == [case.number]


def test_the_entrance_narrows_what_is_found(client_for, officer, tree, micro_grid_worker, building):
    cases = [
        report(
            micro_grid_worker,
            tree["00500101"],
            building=building,
            compound=building.compound,
            entrance=EntranceFactory(building=building, no=no),
        )
        for no in ("1", "2")
    ]
    for text in ("3号楼 2单元", "省政府家属院3号楼2单元", "甘南路154号院 3号楼 2单元"):
        assert found(client_for(officer), text) == [cases[1].number]


def test_words_of_two_characters_are_looked_for_in_descriptions_of_open_cases(client_for, officer, ticket):
    Case.objects.filter(pk=ticket.pk).update(closed_at=ticket.opened_at)
    assert found(client_for(officer), "老人") == []
    assert found(client_for(officer), "有老人摔倒") == [ticket.number]


def test_a_number_is_found_in_any_case_and_by_its_end(client_for, officer, ticket):
    client = client_for(officer)
    bare = ticket.number.replace("-", "").lower()
    for text in (ticket.number, ticket.number.lower(), ticket.number[-6:], bare):
        assert found(client, text) == [ticket.number]


@pytest.mark.parametrize(
    "text",
    [
        "李秀英",
        "09311234567",
        "4567",
        "省政府家属院4",
        "甘南路156",
        "没有这个",
        "甘南路154号院4号楼",
        "甘南路156号院3号楼",
        "踏步 没有",
        "省政府 没有",
    ],
)
def test_people_and_other_places_are_not_found(client_for, officer, ticket, text):
    page = client_for(officer).get("/search/", {"q": text})
    assert page.context["groups"] == []
    assert "wg-empty" in page.content.decode()


@pytest.mark.parametrize("text", ["踏步", "省政府", "12345-20230220-77", "T-", "老人摔倒", "省政府 踏步"])
@pytest.mark.parametrize("who", ["foreign_officer", "neighbour", "department_handler", "leader_view"])
def test_nobody_finds_what_they_may_not_see(client_for, request, ticket, who, text):
    assert found(client_for(request.getfixturevalue(who)), text) == []


def test_a_secret_case_is_found_by_the_secretary_and_not_by_the_officer(
    client_for, officer, secretary, ticket
):
    Case.objects.update(is_secret=True)
    assert found(client_for(officer), "踏步") == []
    assert found(client_for(secretary), "踏步") == [ticket.number]


@pytest.mark.parametrize(
    ("text", "status"), [("", 200), (" ", 200), ("踏", 200), ("a", 200), ("x" * 61, 400), ("a\x00b", 400)]
)
def test_too_little_is_answered_with_a_hint_and_too_much_refused(client_for, officer, ticket, text, status):
    response = client_for(officer).get("/search/", {"q": text})
    assert response.status_code == status
    assert response.context["form"].errors if status == 200 else True
    assert ticket.number not in response.content.decode()


@pytest.mark.parametrize("text", ["%%", "__", "' OR 1=1 --", "<script>alert(1)</script>", "😀😀", "\\\\"])
def test_signs_are_only_text(client_for, officer, ticket, text):
    page = client_for(officer).get("/search/", {"q": text})
    assert page.context["groups"] == []
    assert "<script>alert" not in page.content.decode()


def test_the_page_without_a_question_says_how_to_begin(client_for, officer):
    page = client_for(officer).get("/search/")
    assert page.status_code == 200
    assert "wg-empty" in page.content.decode()


def test_names_and_phones_are_not_on_the_page(client_for, officer, ticket):
    text = client_for(officer).get("/search/", {"q": "踏步"}).content.decode()
    assert "李秀英" not in text
    assert "4567" not in text


def test_at_most_fifty_are_shown_and_the_queries_do_not_grow(client_for, officer, tree, micro_grid_worker):
    client = client_for(officer)
    client.get("/accounts/me/")  # the first page of a session writes when it was seen
    counts = []
    for more in (3, 49):
        for _n in range(more):
            report(micro_grid_worker, tree["00500101"], title="单元门口踏步破损")
        with CaptureQueriesContext(connection) as seen:
            page = client.get("/search/", {"q": "踏步"})
        counts.append(len(seen))
    assert len(found(client, "踏步")) == 50
    assert page.context["is_cut"]
    assert counts[0] == counts[1] <= 8
