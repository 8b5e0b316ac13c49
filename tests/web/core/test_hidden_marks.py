"""Marks nobody sees are dropped at the one door all texts pass: forms, administration, search, imported areas."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from requests_.models import Ticket
from tests.factories.grids import BuildingFactory, CompoundFactory, EntranceFactory, box
from tests.factories.requests import SMALL, report

pytestmark = pytest.mark.django_db
TURNED = "\u202e楼道\u2066灯\u200b不亮\u200f"


@pytest.fixture
def building(tree):
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]), no="5")
    EntranceFactory(building=building, no="3")
    return building


def test_a_report_and_its_headline_hold_no_marks_of_direction(client_for, grid_worker, building, tree):
    data = {
        "key": uuid.uuid4(),
        "place": f"building:{building.pk}",
        "place_text": TURNED,
        "category": SMALL,
        "description": f"{TURNED}。👨‍👩‍👧怕黑",
        "urgency": "normal",
        "source": "patrol",
        "type": "help",
        "caller_name": "张\u202e三",
    }
    client_for(grid_worker).post("/tickets/report/", data)
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.place_text) == ("楼道灯不亮", "楼道灯不亮")
    assert ticket.caller_name == "张三"
    assert ticket.description == "楼道灯不亮。👨‍👩‍👧怕黑"


def test_a_note_holds_none(client_for, officer, grid_worker, tree):
    ticket = report(grid_worker, tree["00500101"])
    url = reverse("casework:case_note", args=[ticket.number])
    client_for(officer).post(url, {"key": uuid.uuid4(), "text": TURNED})
    page = client_for(officer).get(reverse("casework:case_detail", args=[ticket.number])).content.decode()
    assert "楼道灯不亮" in page
    assert not set(page) & set(TURNED[0] + "\u2066\u200b\u200f")


def test_what_is_searched_for_is_read_without_them(client_for, officer, grid_worker, tree):
    ticket = report(grid_worker, tree["00500101"])
    page = client_for(officer).get("/search/", {"q": f"\u202e{ticket.number}\u200b"})
    assert ticket.number in page.content.decode()


def test_an_imported_area_holds_none(client_for, secretary, tree):
    row = {"level": "micro_grid", "code": "62010201700500201", "name": TURNED}
    feature = {"type": "Feature", "properties": row, "geometry": json.loads(box(2, 0, 4, 2).geojson)}
    whole = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    file = SimpleUploadedFile("a.geojson", whole)
    preview = client_for(secretary).post("/areas/import/", {"file": file, "crs": "wgs84"})
    assert "楼道灯不亮" in preview.content.decode()
    assert "\u202e" not in preview.content.decode()
