"""Importing outlines: a file whose names say nothing, a wrong coordinate system, a repair that needs a word."""

import json
from typing import Any

from grids.coords import wgs84_to_gcj02
from grids.models import Area
from tests.factories.grids import SOUTH, WEST, CompoundFactory, box

# A rectangle whose line runs once more round its eastern half: the repair makes a hole of that half.
KNOT = [[2, 0], [4, 0], [4, 2], [3, 2], [3, 0.01], [3.99, 0.01], [3.99, 1.99], [2, 1.99], [2, 0]]


def file_of(*features: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    rows = [{"type": "Feature", "properties": facts, "geometry": shape} for facts, shape in features]
    content = json.dumps({"type": "FeatureCollection", "features": rows}).encode()
    return {"name": "网格.geojson", "mimeType": "application/geo+json", "buffer": content}


def choose(seen: Any, file: dict[str, Any], *, repair: bool = False) -> None:
    page = seen.go("grids:import").page
    page.set_input_files("input[name=file]", file)
    page.select_option("select[name=crs]", "wgs84")
    if repair:
        page.check("input[name=repair]")
    page.click("main form button[type=submit]")


def test_a_file_whose_names_say_nothing_is_read_and_imported(
    visit: Any, screen: str, secretary: Any, tree: Any
) -> None:
    seen = visit(secretary, screen)
    rows = [
        ({"A": name, "B": tree[key].code, "户": 50 + n}, json.loads(tree[key].boundary.geojson))
        for n, (key, name) in enumerate([("00500101", "新名"), ("00500102", tree["00500102"].name)])
    ]
    choose(seen, file_of(*rows))
    seen.check()
    seen.page.select_option("select[name=name]", "A")
    seen.page.select_option("select[name=code]", "B")
    seen.page.click("main form button[type=submit]")
    seen.page.wait_for_selector("text=新增0、更新1、不变1")
    seen.check()
    seen.page.click("button:has-text('导入')")
    seen.page.wait_for_url("**/areas/")
    assert Area.objects.get(code=tree["00500101"].code).name == "新名"


def test_a_file_in_another_system_is_read_anew_by_one_button(
    visit: Any, screen: str, secretary: Any, tree: Any
) -> None:
    rows = []
    for n in range(3):
        point = box(n / 5, 0.2, n / 5 + 0.1, 0.4).centroid
        CompoundFactory(code=f"C-{n}", name=f"{n}号院", point=point, micro_grid=tree["00500101"])
        facts = {"level": "小区", "code": f"C-{n}", "name": f"{n}号院", "micro_grid": tree["00500101"].code}
        rows.append((facts, {"type": "Point", "coordinates": wgs84_to_gcj02(point.x, point.y)}))
    seen = visit(secretary, screen)
    choose(seen, file_of(*rows))
    seen.page.wait_for_selector("text=坐标系很可能选错")
    seen.check()
    seen.page.click("button:has-text('GCJ-02')")
    seen.page.wait_for_selector("text=新增0、更新0、不变3")
    seen.check()


def test_a_repair_that_changes_much_asks_for_a_word(
    visit: Any, screen: str, secretary: Any, tree: Any
) -> None:
    ring = [[WEST + x / 1000, SOUTH + y / 1000] for x, y in KNOT]
    facts = {"level": "微网格", "code": tree["00500201"].code, "name": tree["00500201"].name}
    seen = visit(secretary, screen)
    choose(seen, file_of((facts, {"type": "Polygon", "coordinates": [ring]})), repair=True)
    seen.page.wait_for_selector("input[name=looked_at]")
    seen.check()
    seen.page.check("input[name=looked_at]")
    seen.page.click("button:has-text('导入')")
    seen.page.wait_for_url("**/areas/")
    assert Area.objects.get(code=tree["00500201"].code).boundary != box(2, 0, 4, 2)
