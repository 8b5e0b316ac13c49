"""What only a real browser shows of the maps: taps, the own position, and drawing a boundary."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from grids.models import Area
from tests.factories.grids import SOUTH, WEST


def test_a_micro_grid_is_split_by_two_taps_on_the_map(
    visit: Any, screen: str, secretary: Any, tree: Any
) -> None:
    seen = visit(secretary, screen).go("grids:split", code="62010201700500201")
    page = seen.page
    page.wait_for_selector("#map path.wg-shape-mine")
    box = page.locator("#map").bounding_box()
    for taps, height in enumerate((6, box["height"] - 6), start=1):
        page.locator("#map").click(position={"x": box["width"] / 2, "y": height})
        # A touch screen makes a click of a tap a moment later.
        expect(page.locator("#id_line")).to_have_value(re.compile(rf"^([\d.,]+\s?){{{taps}}}$"))
    page.fill("#id_first", "西微网格")
    page.fill("#id_second", "东微网格")
    page.click("main form button[type=submit] >> nth=0")
    expect(page.locator("#preview")).to_be_visible()
    seen.check()
    page.click("[name=confirm]")
    expect(page.locator("h1")).to_have_text("西微网格")
    assert Area.objects.get(code="62010201700500201").active_to is not None


def test_the_own_position_finds_its_micro_grid(visit: Any, screen: str, secretary: Any, tree: Any) -> None:
    here = {"latitude": SOUTH + 0.001, "longitude": WEST + 0.0015}
    seen = visit(secretary, screen, geolocation=here, permissions=["geolocation"]).go("grids:locate")
    seen.page.click("[data-map-here]")
    expect(seen.page.locator("#id_lat")).to_have_value(f"{here['latitude']:.6f}")
    seen.page.click("main form button[type=submit]")
    expect(seen.page.locator("main")).to_contain_text(tree["00500102"].name)
    seen.check()


def test_a_panel_on_the_map_leads_to_the_area(visit: Any, screen: str, secretary: Any, tree: Any) -> None:
    seen = visit(secretary, screen).go("grids:coverage")
    seen.page.locator("#map path.wg-shape-area").first.click()
    seen.page.click(".wg-map-panel a")
    expect(seen.page.locator("h1")).to_contain_text("辖区")
    seen.check()


@pytest.fixture
def editor(visit: Any, system_admin: Any, tree: Any, settings: Any) -> Any:
    """The boundary editor of the second micro-grid, with its corners ready to be dragged."""
    settings.ADMIN_SECOND_FACTOR = False
    seen = visit(system_admin)
    seen.page.goto(f"{seen.base}/admin/grids/microgrid/{tree['00500102'].pk}/change/")
    seen.page.wait_for_selector("path.wg-shape-beside")
    seen.page.click(".leaflet-draw-edit-edit")
    return seen


def drag(editor: Any, corner: str, metres: float) -> None:
    """Move the named corner west by about so many metres, judged by the width of the outline (90 m)."""
    page = editor.page
    handles = [handle.bounding_box() for handle in page.locator(".leaflet-editing-icon").all()]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in handles]
    wide = max(x for x, _y in middles) - min(x for x, _y in middles)
    x, y = min(middles, key=lambda at: (at[0] - at[1]) if corner == "south-west" else (at[0] + at[1]))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - wide * metres / 90, y, steps=6)
    page.mouse.up()
    page.locator(".leaflet-draw-actions a").first.click()
    page.click("[name=_continue]")


def test_a_boundary_drawn_over_the_neighbour_is_refused_with_its_name(editor: Any, tree: Any) -> None:
    drag(editor, "south-west", 45)
    expect(editor.page.locator(".errorlist")).to_contain_text(tree["00500101"].name)
    expect(editor.page.locator("path.wg-shape-mine")).to_have_count(1)
    assert Area.objects.get(code=tree["00500102"].code).boundary.equals(tree["00500102"].boundary)


def test_a_corner_set_near_a_neighbours_corner_takes_its_place(editor: Any, tree: Any) -> None:
    drag(editor, "north-west", 2)
    expect(editor.page.locator(".messagelist .success")).to_be_visible()
    saved = Area.objects.get(code=tree["00500102"].code).boundary
    assert saved.equals_exact(tree["00500102"].boundary, 1e-6) or saved.equals(tree["00500102"].boundary)


MARKUP = '<b>"一"</b> & <img src=x>\'网格'


def test_markup_in_the_name_of_an_area_is_text_on_the_map(
    visit: Any, screen: str, secretary: Any, tree: Any
) -> None:
    for area in Area.objects.filter(level__in=("grid", "micro_grid")):
        Area.objects.filter(pk=area.pk).update(name=MARKUP + area.code[-2:])
    seen = visit(secretary, screen).go("grids:coverage")
    label = seen.page.locator(".wg-map-label").first
    expect(label).to_contain_text(MARKUP)
    expect(seen.page.locator(".wg-map-label :is(b, img)")).to_have_count(0)
    seen.page.locator("#map path.wg-shape-area").first.click()
    expect(seen.page.locator(".wg-map-panel strong")).to_contain_text(MARKUP)
    assert seen.troubles == []
