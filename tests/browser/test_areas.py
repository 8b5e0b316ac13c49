"""The pages of areas in a real browser, and the boundary editor of the administration."""

from playwright.sync_api import expect

from grids.models import Area


def test_the_pages_without_an_area_are_sound_at_both_sizes(visit, screen, officer, grid_leader, tree):
    seen = visit(officer, screen)
    for name in ("grids:area_list", "grids:coverage", "grids:locate", "casework:case_list"):
        seen.go(name).page.wait_for_load_state("networkidle")
        seen.check()


def test_the_pages_of_one_area_are_sound_at_both_sizes(visit, screen, officer, grid_leader, tree):
    seen = visit(officer, screen)
    for name in ("grids:area_detail", "grids:notice_board"):
        seen.go(name, code=tree["005001"].code).page.wait_for_load_state("networkidle")
        seen.check()
        expect(seen.page.locator("body")).to_contain_text(grid_leader.name)


def test_the_coverage_page_names_what_is_missing(visit, screen, officer, tree):
    seen = visit(officer, screen).go("grids:coverage")
    expect(seen.page.locator("main")).to_contain_text("网格长")
    seen.check()


def test_an_administrator_sees_and_saves_an_outline_in_the_map_editor(visit, system_admin, tree, settings):
    settings.ADMIN_SECOND_FACTOR = False
    area = tree["00500201"]
    seen = visit(system_admin)
    seen.page.goto(f"{seen.base}/admin/grids/microgrid/{area.pk}/change/")
    seen.page.wait_for_selector(".leaflet-container path")
    seen.page.fill("[name=name]", "改名微网格")
    seen.page.click("[name=_save]")
    expect(seen.page.locator(".messagelist .success")).to_be_visible()
    kept = Area.objects.get(pk=area.pk)
    assert kept.name == "改名微网格"
    assert kept.boundary.equals_exact(area.boundary, 1e-6)
