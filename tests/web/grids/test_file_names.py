"""The names of files that are imported stand as text in the preview, in the administration and in refusals."""

import html
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from grids.models import AreaImport
from tests.factories.grids import box
from tests.web.test_file_names import NAMES, TURNED

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", [*NAMES.values(), TURNED], ids=[*NAMES, "turned around"])
def test_a_file_of_areas_is_previewed_and_kept_under_its_name_as_text(
    client_for, secretary, system_admin, tree, name
):
    row = {"level": "micro_grid", "code": "62010201700500201", "name": "改名微网格"}
    feature = {
        "type": "Feature",
        "properties": row,
        "geometry": json.loads(box(2, 0, 4, 2).geojson),
    }
    whole = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    data = {"file": SimpleUploadedFile(f"{name}.geojson", whole), "crs": "wgs84"}
    preview = client_for(secretary).post("/areas/import/", data)
    listed = client_for(system_admin).get(reverse("admin:grids_areaimport_changelist"))
    shown = html.unescape(name).strip().translate(dict.fromkeys(map(ord, "\u202e\u2066\u200f")))
    assert AreaImport.objects.get().file_name == f"{shown}.geojson"
    for answer in (preview, listed):
        page = answer.content.decode()
        assert answer.status_code == 200
        assert " ".join(shown.split()) in " ".join(html.unescape(page).split())
        assert "<img src=x" not in page


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_file_that_is_no_table_is_refused_whatever_its_name(client_for, system_admin, name):
    data = {"year": 2027, "source": "国办", "file": SimpleUploadedFile(f"{name}.xls", b"x")}
    answer = client_for(system_admin).post(reverse("admin:grids_workday_import"), data)
    assert answer.status_code in (200, 400)
    assert ".xlsx" in answer.content.decode()
