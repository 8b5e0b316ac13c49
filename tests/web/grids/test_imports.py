"""Boundaries by the page: upload, preview, confirm, export; what may go wrong is said, nothing half is saved."""

import json
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from grids.models import Area, AreaImport
from tests.factories.grids import AreaFactory, CompoundFactory, Tree, box

IMPORT, EXPORT = "/areas/import/", "/areas/export/"
CODE = "62010201700500201"


def document(name: str = "改名微网格", code: str = CODE, bounds: tuple[float, ...] = (2, 0, 4, 2)) -> bytes:
    feature = {
        "type": "Feature",
        "properties": {"level": "micro_grid", "code": code, "name": name},
        "geometry": json.loads(box(*bounds).geojson),
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def upload(client: Any, content: bytes, name: str = "areas.geojson", **fields: str) -> Any:
    data = {"file": SimpleUploadedFile(name, content), "crs": "wgs84", **fields}
    return client.post(IMPORT, data)


def confirmation(preview: Any) -> str:
    """Where the preview's button leads."""
    found = re.search(r'action="(/areas/import/[^"]+)"', preview.content.decode())
    assert found
    return found[1]


def test_an_upload_is_previewed_and_then_confirmed(client_for: Any, secretary: Any, tree: Tree) -> None:
    client = client_for(secretary)
    preview = upload(client, document())
    assert preview.status_code == 200
    assert "改名微网格" in preview.content.decode()
    assert not Area.objects.filter(name="改名微网格").exists()
    done = client.post(confirmation(preview))
    assert done.status_code == 302
    assert Area.objects.get(code=CODE).name == "改名微网格"


def test_a_confirmation_sent_twice_imports_once(client_for: Any, secretary: Any, tree: Tree) -> None:
    client = client_for(secretary)
    address = confirmation(upload(client, document()))
    client.post(address)
    assert client.post(address).status_code == 404
    assert AreaImport.objects.get().area_count == 1


def test_problems_are_listed_by_row_and_cannot_be_confirmed(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    response = upload(client_for(secretary), document(bounds=(1.5, 0, 4, 2)))
    assert response.status_code == 400
    html = response.content.decode()
    assert "alert-danger" in html
    assert tree["00500102"].name in html
    assert 'action="/areas/import/' not in html
    assert not AreaImport.objects.exists()
    assert Area.objects.get(code=CODE).boundary == box(2, 0, 4, 2)


def test_a_foreign_area_is_refused_in_its_row(client_for: Any, secretary: Any, tree: Tree) -> None:
    response = upload(client_for(secretary), document(code="62010201700600101", bounds=(4, 0, 6, 2)))
    assert response.status_code == 400
    assert "62010201700600101" in response.content.decode()


def test_a_file_that_no_longer_fits_at_the_confirmation_is_refused(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    client = client_for(secretary)
    address = confirmation(upload(client, document(bounds=(2.5, 0, 4, 2))))
    AreaFactory(code="62010201700500202", boundary=box(2.5, 0, 3, 2))
    assert client.post(address).status_code == 409
    assert Area.objects.get(code=CODE).boundary == box(2, 0, 4, 2)


def test_what_a_file_holds_is_shown_as_text(client_for: Any, secretary: Any, tree: Tree) -> None:
    html = upload(client_for(secretary), document(name="<b>x</b>'; --😀")).content.decode()
    assert "<b>x</b>" not in html
    assert "&lt;b&gt;" in html


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("areas.txt", document(), 400),
        ("areas.geojson.exe", document(), 400),
        ("areas.geojson", b"", 400),
    ],
)
def test_a_wrong_file_is_refused_beside_the_field(
    client_for: Any, secretary: Any, tree: Tree, name: str, content: bytes, status: int
) -> None:
    response = upload(client_for(secretary), content, name)
    assert response.status_code == status
    assert response.context["form"].errors["file"]
    assert not AreaImport.objects.exists()


def test_a_file_past_the_limit_is_too_large_for_the_page(
    client_for: Any, secretary: Any, tree: Tree, settings: Any
) -> None:
    settings.GEOJSON_MAX_BYTES = 100
    response = upload(client_for(secretary), document())
    assert response.status_code == 413
    assert "import_areas" in response.content.decode()


@pytest.mark.parametrize(
    "content", [b"\x89PNG", b"[" * 50_000, b'{"type":"FeatureCollection","features":[NaN]}', b"null"]
)
def test_a_file_that_is_no_geojson_is_explained_on_the_preview(
    client_for: Any, secretary: Any, tree: Tree, content: bytes
) -> None:
    response = upload(client_for(secretary), content)
    assert response.status_code == 400
    assert "alert-danger" in response.content.decode()


@pytest.mark.parametrize("fields", [{"crs": "mars"}, {"crs": ""}])
def test_the_coordinate_system_must_be_declared(
    client_for: Any, secretary: Any, tree: Tree, fields: dict[str, str]
) -> None:
    response = upload(client_for(secretary), document(), **fields)
    assert response.status_code == 400
    assert "crs" in response.context["form"].errors


def test_somebody_elses_upload_does_not_exist(
    client_for: Any, secretary: Any, subdistrict_admin: Any, tree: Tree
) -> None:
    address = confirmation(upload(client_for(secretary), document()))
    assert client_for(subdistrict_admin).post(address).status_code == 404


def test_an_unknown_upload_does_not_exist(client_for: Any, secretary: Any) -> None:
    address = f"/areas/import/{uuid.uuid4()}/"
    assert client_for(secretary).post(address).status_code == 404
    assert client_for(secretary).get(address).status_code == 405


@pytest.mark.parametrize("who", ["grid_worker", "officer", "partner_contact", "micro_grid_worker"])
def test_others_may_neither_import_nor_export(
    client_for: Any, request: pytest.FixtureRequest, who: str, tree: Tree
) -> None:
    client = client_for(request.getfixturevalue(who))
    assert client.get(IMPORT).status_code == 403
    assert upload(client, document()).status_code == 403
    assert client.post(f"/areas/import/{uuid.uuid4()}/").status_code == 403
    assert client.get(EXPORT).status_code == 403


def test_an_export_holds_ones_own_areas_and_compounds(client_for: Any, secretary: Any, tree: Tree) -> None:
    CompoundFactory(code="C-5", name="院", micro_grid=tree["00500101"], point=box(0, 0, 1, 1).centroid)
    CompoundFactory(code="C-6", name="外院", micro_grid=tree["00600101"])
    response = client_for(secretary).get(EXPORT, {"area": tree["005"].code, "crs": "gcj02"})
    assert response["Content-Disposition"].startswith("attachment")
    document = json.loads(response.getvalue())
    codes = {feature["properties"]["code"] for feature in document["features"]}
    assert codes == {a.code for a in Area.objects.filter(code__startswith=tree["005"].code)} | {"C-5"}


def test_a_foreign_area_cannot_be_exported(client_for: Any, secretary: Any, tree: Tree) -> None:
    for area in (tree["006"].code, "620102", "x"):
        response = client_for(secretary).get(EXPORT, {"area": area, "crs": "wgs84"})
        assert response.status_code == 400
