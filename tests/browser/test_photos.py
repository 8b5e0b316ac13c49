"""Photos of a form in a real Chromium: choosing again adds, each can be removed, going back shows what is kept."""

import pytest
from playwright.sync_api import expect

from requests_.models import Ticket
from tests.factories.requests import COMMUNITY, picture


def photo(name, colour="teal"):
    return {"name": name, "mimeType": "image/jpeg", "buffer": picture(size=(80, 60), colour=colour).read()}


def names(page):
    """What the form would send."""
    return page.evaluate("Array.from(document.getElementById('id_photos').files).map(file => file.name)")


def fill(page, area):
    page.fill("[name=description]", "夜间噪声扰民")
    page.select_option("[name=category]", COMMUNITY)
    page.select_option("[name=area]", area.code)


def test_choosing_again_adds_and_each_can_be_removed(visit, screen, tree, micro_grid_worker):
    seen = visit(micro_grid_worker, screen).go("requests:ticket_report")
    page, shown = seen.page, seen.page.locator("[data-photo-preview] img")
    page.set_input_files("[name=photos]", photo("one.jpg"))
    page.set_input_files("[name=photos]", [photo("two.jpg", "red"), photo("three.jpg", "blue")])
    expect(shown).to_have_count(3)
    assert names(page) == ["one.jpg", "two.jpg", "three.jpg"]
    seen.check()
    page.get_by_role("button", name="移除 two.jpg").click()
    assert "two.jpg" not in names(page)
    assert page.evaluate("document.activeElement.className").endswith("desk-photo-remove")
    while shown.count() > 1:
        page.locator(".desk-photo-remove").last.click()
    fill(page, tree["00500101"])
    page.click("#report-form button[type=submit]")
    expect(page.locator("main")).to_contain_text("待受理")
    assert Ticket.objects.get().attachments.count() == 1


def test_going_back_shows_the_photos_that_are_still_chosen(visit, tree, micro_grid_worker, tmp_path):
    page = visit(micro_grid_worker, "phone").go("requests:ticket_report").page
    file = tmp_path / "one.jpg"  # only what lies on a disk is still chosen after going back
    file.write_bytes(picture().read())
    page.set_input_files("[name=photos]", file)
    expect(page.locator("[data-photo-preview] img")).to_have_count(1)
    page.goto(page.url.split("/tickets/")[0] + "/")
    page.go_back()
    expect(page.locator("#report-form")).to_be_visible()
    assert names(page) == ["one.jpg"]
    expect(page.locator("[data-photo-preview] img")).to_have_count(1)
    page.set_input_files("[name=photos]", photo("two.jpg", "red"))
    expect(page.locator("[data-photo-preview] img")).to_have_count(2)
    assert names(page) == ["one.jpg", "two.jpg"]


def test_a_refused_form_shows_the_kept_photo_and_takes_more(visit, tree, micro_grid_worker):
    seen = visit(micro_grid_worker, "phone").go("requests:ticket_report")
    page, seen.expected = seen.page, (400,)
    page.set_input_files("[name=photos]", photo("one.jpg"))
    page.click("#report-form button[type=submit]")
    expect(page.locator("[name=photos_staged]")).to_be_checked()
    page.set_input_files("[name=photos]", photo("two.jpg", "red"))
    expect(page.locator(".desk-photo-input img")).to_have_count(2)
    seen.check()
    fill(page, tree["00500101"])
    page.click("#report-form button[type=submit]")
    expect(page.locator("main")).to_contain_text("待受理")
    assert Ticket.objects.get().attachments.count() == 2


@pytest.mark.parametrize("keeps", [True, False])
def test_without_script_the_kept_photo_can_be_left_out(visit, tree, micro_grid_worker, keeps):
    seen = visit(micro_grid_worker, "desk", java_script_enabled=False).go("requests:ticket_report")
    page, seen.expected = seen.page, (400,)
    page.set_input_files("[name=photos]", photo("one.jpg"))
    page.click("#report-form button[type=submit]")
    page.set_checked("[name=photos_staged]", keeps)
    fill(page, tree["00500101"])
    page.click("#report-form button[type=submit]")
    expect(page.locator("main")).to_contain_text("待受理")
    assert Ticket.objects.get().attachments.count() == keeps
