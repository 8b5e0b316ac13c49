"""Boundaries by the page: upload, preview, confirm, export; what may go wrong is said, nothing half is saved."""

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from grids.coords import wgs84_to_gcj02
from grids.models import Area, AreaImport
from tests.factories.gis_files import written
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


def feature(properties: dict[str, Any], bounds: tuple[float, ...] = (2, 0, 4, 2)) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": json.loads(box(*bounds).geojson)}


def collection(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def as_exported(tree: Tree, **changed: str) -> bytes:
    """The micro-grids of community 005 as they stand; `changed` gives one of them another name."""
    keys = ("00500101", "00500102", "00500201")
    return collection(
        *[
            {
                "type": "Feature",
                "properties": {
                    "level": "micro_grid",
                    "code": tree[key].code,
                    "name": changed.get(f"name_{key}", tree[key].name),
                },
                "geometry": json.loads(tree[key].boundary.geojson),
            }
            for key in keys
        ]
    )


def test_an_unchanged_file_shows_nothing_new_and_nothing_changed_and_offers_no_button(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    response = upload(client_for(secretary), as_exported(tree))
    html = response.content.decode()
    assert response.status_code == 200
    assert "新增0、更新0、不变3" in html
    assert 'action="/areas/import/' not in html


def test_the_preview_counts_on_top_names_what_changes_and_folds_the_rest(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    client = client_for(secretary)
    preview = upload(client, as_exported(tree, name_00500201="新名"))
    html = preview.content.decode()
    assert "新增0、更新1、不变2" in html
    assert f"名称：{tree['00500201'].name} → 新名" in html
    table, folded = html.split("<details", 1)
    assert tree["00500101"].code not in table
    assert tree["00500101"].code in folded
    client.post(confirmation(preview))
    assert Area.objects.get(code=CODE).name == "新名"


def test_names_that_say_too_little_lead_to_the_page_that_asks_and_the_file_is_kept(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    client = client_for(secretary)
    asked = upload(client, collection(feature({"A": "改名微网格", "B": CODE})))
    assert asked.status_code == 302
    page = client.get(asked.url)
    assert page.status_code == 200
    assert "改名微网格" in page.content.decode()
    refused = client.post(asked.url, {"crs": "wgs84", "name": "A"})
    assert refused.status_code == 400
    assert refused.context["form"].errors["code"]
    preview = client.post(asked.url, {"crs": "wgs84", "name": "A", "code": "B"})
    assert preview.status_code == 200
    client.post(confirmation(preview))
    assert Area.objects.get(code=CODE).name == "改名微网格"


def test_a_guessed_reading_can_be_changed_from_the_preview(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    client = client_for(secretary)
    preview = upload(client, collection(feature({"名称": "甲", "别名": "乙", "编码": CODE})))
    html = preview.content.decode()
    assert "名称 ← 名称" in html
    found = re.search(r'href="(/areas/import/[^"]+/reading/)"', html)
    assert found
    again = client.post(found[1], {"crs": "wgs84", "name": "别名", "code": "编码"})
    client.post(confirmation(again))
    assert Area.objects.get(code=CODE).name == "乙"


def test_a_property_the_file_does_not_have_is_refused(client_for: Any, secretary: Any, tree: Tree) -> None:
    client = client_for(secretary)
    address = upload(client, collection(feature({"A": "x", "B": CODE}))).url
    refused = client.post(address, {"crs": "mars", "name": "Z", "code": "B"})
    assert refused.status_code == 400
    assert set(refused.context["form"].errors) == {"crs", "name"}


def test_somebody_elses_upload_cannot_be_read_anew(
    client_for: Any, secretary: Any, subdistrict_admin: Any, officer: Any, tree: Tree
) -> None:
    address = upload(client_for(secretary), collection(feature({"A": "x", "B": CODE}))).url
    assert client_for(subdistrict_admin).get(address).status_code == 404
    assert client_for(subdistrict_admin).post(address).status_code == 404
    assert client_for(officer).get(address).status_code == 403


def shifted(tree: Tree) -> bytes:
    """Three compounds as Amap shows them."""
    rows = []
    for n in range(3):
        point = box(n / 5, 0.2, n / 5 + 0.1, 0.4).centroid
        CompoundFactory(code=f"C-{n}", name="院", point=point, micro_grid=tree["00500101"])
        moved = {"type": "Point", "coordinates": wgs84_to_gcj02(point.x, point.y)}
        properties = {"level": "小区", "code": f"C-{n}", "name": "院", "micro_grid": tree["00500101"].code}
        rows.append({"type": "Feature", "properties": properties, "geometry": moved})
    return collection(*rows)


def test_a_wrong_coordinate_system_is_one_warning_with_the_button_that_mends_it(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    client = client_for(secretary)
    preview = upload(client, shifted(tree))
    html = preview.content.decode()
    assert html.count("坐标系很可能选错") == 1
    assert "GCJ-02" in html
    found = re.search(r'action="(/areas/import/[^"]+/reading/)"', html)
    assert found
    fields = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', html))
    again = client.post(found[1], {k: v for k, v in fields.items() if k != "csrfmiddlewaretoken"})
    assert "新增0、更新0、不变3" in again.content.decode()


def test_no_coordinate_system_is_chosen_at_first_and_the_last_one_of_this_person_later(
    client_for: Any, secretary: Any, subdistrict_admin: Any, tree: Tree
) -> None:
    client = client_for(secretary)
    assert not client.get(IMPORT).context["form"]["crs"].value()
    upload(client, document(), crs="gcj02")
    upload(client, document(bounds=(2, 0, 4, 2)), crs="bd09")
    AreaImport.objects.update(confirmed_at=timezone.now())
    assert client.get(IMPORT).context["form"]["crs"].value() == AreaImport.objects.get().source_crs
    assert not client_for(subdistrict_admin).get(IMPORT).context["form"]["crs"].value()


KNOT = [[0, 0], [2, 0], [2, 2], [1, 2], [1, 0.01], [1.99, 0.01], [1.99, 1.99], [0, 1.99], [0, 0]]


def test_a_repair_that_changes_much_is_saved_only_with_the_explicit_word(
    client_for: Any, secretary: Any, tree: Tree
) -> None:
    client = client_for(secretary)
    ring = [[103.842 + x / 1000, 36.04 + y / 1000] for x, y in KNOT]
    row = feature({"level": "micro_grid", "code": CODE, "name": "辖区"})
    row["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    preview = upload(client, collection(row), repair="on")
    html = preview.content.decode()
    assert 'name="looked_at"' in html
    assert "㎡不在边界内" in html
    refused = client.post(confirmation(preview))
    assert refused.status_code == 400
    assert "勾选确认" in refused.content.decode()
    assert Area.objects.get(code=CODE).boundary == box(2, 0, 4, 2)
    assert client.post(confirmation(refused), {"looked_at": "on"}).status_code == 302
    assert Area.objects.get(code=CODE).boundary != box(2, 0, 4, 2)


def test_a_geopackage_is_taken_by_the_page(
    client_for: Any, secretary: Any, tree: Tree, tmp_path: Path
) -> None:
    row = feature({"名称": "改名微网格", "编码": CODE, "级别": "微网格"})
    preview = upload(client_for(secretary), written(tmp_path, [row], "a.gpkg", "GPKG"), "网格.gpkg")
    assert preview.status_code == 200
    assert "改名微网格" in preview.content.decode()


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
