"""The report page: the place finds its area, a look at what is open nearby, and nothing typed is ever lost."""

import io
import uuid

import pytest
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse
from PIL import Image

from accounts.choices import Role
from casework.models import StagedPhoto
from casework.services import add_note
from grids.choices import Duty
from requests_.models import Ticket
from tests.factories.accounts import UserFactory
from tests.factories.grids import (
    SOUTH,
    WEST,
    AssignmentFactory,
    BuildingFactory,
    CompoundFactory,
    EntranceFactory,
)
from tests.factories.requests import COMMUNITY, SMALL, picture, report

pytestmark = pytest.mark.django_db
REPORT, NEARBY = "/tickets/report/", "/tickets/report/nearby/"


@pytest.fixture
def building(tree):
    compound = CompoundFactory(name="甘南路院", code="GN", micro_grid=tree["00500101"], point=at(0.5, 1))
    building = BuildingFactory(compound=compound, no="5")
    EntranceFactory(building=building, no="3")
    return building


@pytest.fixture
def foreign_building(tree):
    return BuildingFactory(compound=CompoundFactory(name="外院", micro_grid=tree["00600101"]), no="1")


def at(east, north):
    """A point in thousandths of a degree from the corner of the test world."""
    return Point(WEST + east / 1000, SOUTH + north / 1000, srid=4326)


def typed(building=None, **more):
    """What the form sends."""
    return {
        "key": uuid.uuid4(),
        "place": f"building:{building.pk}" if building else "",
        "entrance": "",
        "place_text": "二楼",
        "latitude": "",
        "longitude": "",
        "area": "",
        "category": SMALL,
        "description": "三单元二楼踏步破损。老人易绊倒。",
        "urgency": "normal",
        "type": "help",
        "source": "patrol",
        "caller_name": "",
        "caller_phone": "",
        "external_number": "",
        **more,
    }


def point(position):
    return {"latitude": position.y, "longitude": position.x}


def test_report_with_a_building_finds_its_micro_grid(client_for, micro_grid_worker, tree, building):
    client = client_for(micro_grid_worker)
    assert client.get(REPORT, follow=True).status_code == 200
    response = client.post(REPORT, typed(building, entrance="3", photos=[picture()]), follow=True)
    ticket = Ticket.objects.get()
    assert response.redirect_chain == [(reverse("casework:case_detail", args=[ticket.number]), 302)]
    assert ticket.number in response.content.decode()
    assert (ticket.area, ticket.building, ticket.entrance.no) == (tree["00500101"], building, "3")
    assert (ticket.title, ticket.status, ticket.reporter) == (
        "三单元二楼踏步破损",
        "reported",
        micro_grid_worker,
    )
    assert ticket.point == building.compound.point
    assert ticket.attachments.get().kind == "before"


def test_report_with_a_position_finds_its_micro_grid(client_for, grid_worker, tree):
    client_for(grid_worker).post(REPORT, typed(**point(at(1.5, 1))))
    assert Ticket.objects.get().area == tree["00500102"]


def test_building_counts_more_than_the_position(client_for, grid_worker, tree, building):
    client_for(grid_worker).post(REPORT, typed(building, **point(at(1.5, 1))))
    assert Ticket.objects.get().area == tree["00500101"]


def test_whole_compound_may_be_the_place(client_for, grid_worker, tree, building):
    client_for(grid_worker).post(REPORT, typed(place="compound:GN"))
    ticket = Ticket.objects.get()
    assert (ticket.area, ticket.compound, ticket.building) == (tree["00500101"], building.compound, None)


def test_person_may_choose_another_micro_grid(client_for, grid_worker, tree, building):
    client_for(grid_worker).post(REPORT, typed(building, area=tree["00500102"].code))
    assert Ticket.objects.get().area == tree["00500102"]


def test_report_without_any_place_says_what_to_do(client_for, grid_worker):
    response = client_for(grid_worker).post(REPORT, typed())
    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"place"}
    assert not Ticket.objects.exists()


def test_position_outside_all_areas_must_be_confirmed(client_for, grid_worker, tree):
    client, data = client_for(grid_worker), typed(**point(at(0.5, 2.5)))
    asked = client.post(REPORT, data)
    assert asked.status_code == 200
    assert asked.context["hint"].is_far
    assert asked.context["hint"].found.area == tree["00500101"]
    assert 40 < asked.context["hint"].found.distance_m < 70
    assert not Ticket.objects.exists()
    client.post(REPORT, data | {"far_ok": tree["00500201"].code})
    assert not Ticket.objects.exists()
    client.post(REPORT, data | {"far_ok": tree["00500101"].code})
    assert Ticket.objects.get().area == tree["00500101"]


def test_foreign_place_is_refused(client_for, grid_worker, tree, foreign_building):
    client = client_for(grid_worker)
    for data in (
        typed(foreign_building),
        typed(**point(at(5, 1))),
        typed(area=tree["00600101"].code),
        typed(place="building:999999"),
    ):
        response = client.post(REPORT, data)
        assert response.status_code == 400
        assert {"place", "area"} & set(response.context["form"].errors)
    assert not Ticket.objects.exists()


def test_retired_area_is_not_offered(client_for, grid_worker, tree):
    area = tree["00500102"]
    area.active_to = "2021-01-01"
    area.save()
    client = client_for(grid_worker)
    assert area.code not in dict(client.get(REPORT, follow=True).context["form"].fields["area"].choices)
    assert client.post(REPORT, typed(area=area.code)).status_code == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", ""),
        ("description", "字" * 20_000),
        ("description", "NUL\x00"),
        ("description", "   "),
        ("place_text", "字" * 121),
        ("category", "no-such"),
        ("category", ""),
        ("urgency", "extreme"),
        ("type", "x"),
        ("caller_phone", "call me"),
        ("latitude", "91"),
        ("latitude", "nan"),
        ("key", "not-a-key"),
        ("area", "620102017005001"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_everything_typed_is_kept(
    client_for, grid_worker, building, field, value
):
    data = typed(building, caller_name="张桂兰", external_number="12345-7", photos=[picture()])
    response = client_for(grid_worker).post(REPORT, data | {field: value})
    assert response.status_code == 400
    form = response.context["form"]
    assert field in form.errors
    for kept in {"description", "place", "place_text", "category", "caller_name", "external_number"} - {
        field
    }:
        assert form[kept].value() == data[kept]
    assert str(StagedPhoto.objects.get().key) in response.content.decode()
    assert not Ticket.objects.exists()


def test_hostile_and_four_byte_text_is_stored_as_text(client_for, grid_worker, building):
    text = "'; DROP TABLE casework_case; -- <script>alert(1)</script> 𠮷🙂"
    data = typed(building, description=text, place_text=text[:60], caller_name="<b>𠮷</b>")
    response = client_for(grid_worker).post(REPORT, data, follow=True)
    assert Ticket.objects.get().description == text
    assert "<script>alert(1)" not in response.content.decode()


def test_same_form_sent_twice_makes_one_ticket_and_says_so(client_for, grid_worker, building):
    client, data = client_for(grid_worker), typed(building)
    first = client.post(REPORT, data)
    second = client.post(REPORT, data, follow=True)
    assert second.redirect_chain[0][0] == first.url
    assert second.status_code == 200
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("taken_by", ["another person's report", "a note"])
def test_a_key_that_stands_for_something_else_answers_409_and_the_form_comes_back_with_a_new_one(
    client_for, grid_worker, officer, building, tree, taken_by
):
    data = typed(building)
    if taken_by == "a note":
        there = report(officer, tree["00500101"], category=COMMUNITY)
        add_note(number=there.number, actor=grid_worker, text="核实", key=data["key"])
    else:
        client_for(officer).post(REPORT, data)
    data |= {"category": "dispute", "description": "楼道堆放杂物"}
    client = client_for(grid_worker)
    refused = client.post(REPORT, data)
    form = refused.context["form"]
    assert (refused.status_code, Ticket.objects.count()) == (409, 1)
    assert form.non_field_errors()
    assert form["description"].value() == data["description"]
    assert form["key"].value() != str(data["key"])
    assert client.post(REPORT, data | {"key": form["key"].value()}).status_code == 302
    assert Ticket.objects.count() == 2


def test_open_tickets_nearby_are_shown_before_saving(client_for, grid_worker, tree, building):
    there = report(grid_worker, tree["00500101"], building=building)
    report(grid_worker, tree["00500101"], building=building, category=COMMUNITY)
    client, data = client_for(grid_worker), typed(building, photos=[picture()])
    asked = client.post(REPORT, data)
    assert asked.status_code == 200
    assert "尚未上报" in asked.content.decode()
    assert [ticket.number for ticket in asked.context["hint"].tickets] == [there.number]
    assert f'name="seen" value="{there.number}"' in asked.content.decode()
    assert asked.context["form"]["description"].value() == data["description"]
    assert Ticket.objects.count() == 2
    staged = StagedPhoto.objects.get()
    del data["photos"]
    saved = client.post(REPORT, data | {"seen": there.number, "photos_staged": str(staged.key)})
    assert saved.status_code == 302
    assert Ticket.objects.order_by("pk").last().attachments.count() == 1


def test_nearby_fragment_tells_area_note_tickets_and_entrances(client_for, grid_worker, tree, building):
    there = report(grid_worker, tree["00500101"], building=building)
    query = {"place": f"building:{building.pk}", "category": SMALL}
    response = client_for(grid_worker).get(NEARBY, query, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert "<html" not in html
    for text in (there.number, tree["00500101"].name, "主体结构安全", 'name="entrance"'):
        assert text in html


def test_nearby_fragment_takes_half_a_form_and_nonsense(client_for, grid_worker):
    client = client_for(grid_worker)
    for query in (
        {},
        {"category": SMALL},
        {"place": "building:x", "latitude": "x"},
        {"area": "'", "category": "%"},
    ):
        assert client.get(NEARBY, query).status_code == 200


def test_nearby_fragment_does_not_tell_of_secret_or_foreign_tickets(
    client_for, grid_worker, officer, foreign_officer, tree, building
):
    secret = report(officer, tree["00500101"], building=building, is_secret=True)
    query = {"place": f"building:{building.pk}", "category": SMALL}
    assert secret.number not in client_for(grid_worker).get(NEARBY, query).content.decode()
    assert secret.number in client_for(officer).get(NEARBY, query).content.decode()
    assert secret.number not in client_for(foreign_officer).get(NEARBY, query).content.decode()


def test_secrecy_is_offered_to_the_community_office_alone(client_for, officer, grid_worker, building):
    assert "is_secret" in client_for(officer).get(REPORT, follow=True).context["form"].fields
    assert "is_secret" not in client_for(grid_worker).get(REPORT, follow=True).context["form"].fields
    client_for(grid_worker).post(REPORT, typed(building, is_secret="on"))
    assert Ticket.objects.get().is_secret is False
    client_for(officer).post(REPORT, typed(building, is_secret="on", category=COMMUNITY))
    assert Ticket.objects.latest("pk").is_secret is True


def test_who_may_not_report_is_refused(client_for, department_handler, partner_contact, tree):
    leader = UserFactory(role=Role.LEADER_VIEW)
    AssignmentFactory(user=leader, area=tree[""], duty=Duty.LEADER_VIEW)
    for user in (department_handler, partner_contact, leader):
        client = client_for(user)
        assert client.get(REPORT, follow=True).status_code == 403
        assert client.post(REPORT, typed()).status_code == 403
        assert client.get(NEARBY).status_code == 403


def test_wrong_methods(client_for, grid_worker):
    assert client_for(grid_worker).put(REPORT).status_code == 405
    assert client_for(grid_worker).post(NEARBY).status_code == 405


def test_file_that_is_no_picture_is_refused(client_for, grid_worker, building):
    fake = SimpleUploadedFile("photo.jpg", b"plain text", content_type="image/jpeg")
    response = client_for(grid_worker).post(REPORT, typed(building, photos=[fake]))
    assert response.status_code == 400
    assert "photo.jpg" in str(response.context["form"].errors["photos"])


@override_settings(UPLOAD_MAX_BYTES=100)
def test_too_large_a_picture_answers_413(client_for, grid_worker, building):
    response = client_for(grid_worker).post(REPORT, typed(building, photos=[picture()]))
    assert response.status_code == 413
    assert not Ticket.objects.exists()


def test_a_report_of_punctuation_alone_is_refused_and_kept(client_for, grid_worker, building):
    response = client_for(grid_worker).post(REPORT, typed(building, description="！！！；"))
    assert response.status_code == 400
    assert "文字" in str(response.context["form"].errors["description"])
    assert response.context["form"]["description"].value() == "！！！；"


def test_ten_pictures_are_one_too_many_and_nine_are_kept(client_for, grid_worker, building):
    response = client_for(grid_worker).post(REPORT, typed(building, photos=[picture() for _ in range(10)]))
    assert response.status_code == 400
    assert len(response.context["form"].fields["photos"].widget.staged) == 9


def test_position_stored_in_a_picture_is_gone(client_for, grid_worker, building):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", (60, 40)).save(out, "JPEG", exif=exif)
    upload = SimpleUploadedFile("a.jpg", out.getvalue(), content_type="image/jpeg")
    client_for(grid_worker).post(REPORT, typed(building, photos=[upload]))
    with Ticket.objects.get().attachments.get().file.open("rb") as stored:
        assert b"secret place" not in stored.read()


def test_a_long_text_is_not_cut_by_the_browser_but_answered(client_for, grid_worker, tree, building):
    client, text = client_for(grid_worker), "字" * 3000
    assert "maxlength" not in str(client.get(REPORT, follow=True).context["form"]["description"])
    answer = client.post(REPORT, typed(building, description=text))
    assert answer.status_code == 400
    assert "2000" in str(answer.context["form"].errors["description"])
    assert answer.context["form"]["description"].value() == text


def test_the_address_of_the_form_holds_its_key_so_that_going_back_leads_to_what_was_saved(
    client_for, grid_worker, officer, building
):
    client = client_for(grid_worker)
    address = client.get(REPORT).url
    key = client.get(address).context["form"]["key"].value()
    assert address == f"{REPORT}?form={key}"
    client.post(address, typed(building, key=key))
    ticket = Ticket.objects.get()
    again = client.get(address, follow=True)
    assert again.redirect_chain == [(reverse("casework:case_detail", args=[ticket.number]), 302)]
    assert f"该事项已上报，编号{ticket.number}" in again.content.decode()
    assert client.get(client.get(REPORT).url).status_code == 200
    # Somebody else's key tells nothing.
    assert client_for(officer).get(address).status_code == 200


def test_an_address_with_a_bad_key_gets_a_new_one(client_for, grid_worker):
    answer = client_for(grid_worker).get(REPORT, {"form": "nonsense"})
    assert answer.status_code == 302
    assert uuid.UUID(answer.url.removeprefix(f"{REPORT}?form="))
