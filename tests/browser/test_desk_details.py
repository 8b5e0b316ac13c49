"""Small comforts of the desk in a real Chromium: what was corrected is no longer red, the filter folds on a phone."""

from playwright.sync_api import expect

from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.requests import accept, report


def test_a_corrected_field_is_no_longer_red(visit, screen, tree, micro_grid_worker):
    building = BuildingFactory(compound=CompoundFactory(name="甘南路家属院", micro_grid=tree["00500101"]))
    seen = visit(micro_grid_worker, screen).go("requests:ticket_report")
    page = seen.page
    seen.expected = (400,)
    page.click("#report-form button[type=submit]")
    for name in ("description", "category", "place"):
        expect(page.locator(f"#id_{name}_error")).to_be_visible()
    seen.check()
    page.fill("[name=description]", "二楼踏步破损，老人易绊倒。")
    page.select_option("[name=category]", "stairs-handrail")
    expect(page.locator("#id_description_error")).to_be_hidden()
    expect(page.locator("#id_category_error")).to_be_hidden()
    expect(page.locator("#id_place_error")).to_be_visible()
    page.select_option("[name=place]", f"building:{building.pk}")
    expect(page.locator("#id_place_error")).to_be_hidden()
    expect(page.locator("#report-hint")).to_contain_text(tree["00500101"].name)
    seen.check()


def test_a_place_found_by_the_micro_grid_answers_for_the_building(visit, tree, micro_grid_worker):
    seen = visit(micro_grid_worker, "phone").go("requests:ticket_report")
    seen.expected = (400,)
    seen.page.click("#report-form button[type=submit]")
    expect(seen.page.locator("#id_place_error")).to_be_visible()
    seen.page.wait_for_load_state()  # scripts run when the page is there
    seen.page.select_option("[name=area]", tree["00500101"].code)
    expect(seen.page.locator("#id_place_error")).to_be_hidden()


def test_the_filter_folds_on_a_phone_and_says_what_is_chosen(visit, tree, officer, micro_grid_worker):
    report(micro_grid_worker, tree["00500101"])
    accept(report(micro_grid_worker, tree["00500101"]), officer)
    phone = visit(officer, "phone").go("casework:case_list")
    form, first = phone.page.locator(".desk-filter"), phone.page.locator(".desk-queue tbody tr").first
    expect(form).to_be_hidden()
    assert first.bounding_box()["y"] < 300
    phone.page.click(".desk-fold-bar")
    phone.page.select_option("[name=status]", "to_dispatch")
    phone.check()
    form.locator("button[type=submit]").click()
    expect(form).to_be_hidden()
    expect(phone.page.locator(".desk-fold-chosen")).to_contain_text("待派单")
    expect(phone.page.locator(".desk-queue tbody tr")).to_have_count(1)
    phone.check()


def test_the_filter_stands_open_on_a_desk_and_when_it_is_wrong(visit, officer, tree):
    desk = visit(officer, "desk").go("casework:case_list")
    expect(desk.page.locator(".desk-filter")).to_be_visible()
    expect(desk.page.locator(".desk-fold-bar")).to_be_hidden()
    phone = visit(officer, "phone").go("casework:case_list")
    phone.expected = (400,)
    phone.page.goto(phone.page.url + "?status=nonsense")
    expect(phone.page.locator("#id_status_error")).to_be_visible()


def test_a_number_entered_before_links_to_its_ticket_beside_the_field(visit, tree, officer):
    first = report(officer, tree["00500101"], external_number="LZ1")
    seen = visit(officer).go("requests:ticket_report")
    seen.expected = (400,)
    seen.page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    seen.page.fill("[name=external_number]", "ｌｚ1")
    seen.page.fill("[name=description]", "楼道灯不亮")
    seen.page.press("[name=external_number]", "Enter")
    link = seen.page.locator(".wg-errors a")
    expect(link).to_have_text(first.number)
    seen.check()
    link.click()
    expect(seen.page.locator("h1")).to_contain_text(first.title)
