"""The frame and the top pages in a real browser: signed out, an officer's day, a phone's thumb, no script."""

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from casework.reminders import deliver_all
from tests.factories.requests import report


@pytest.fixture
def ticket(tree, micro_grid_worker, officer, grid_leader):
    made = report(
        micro_grid_worker, tree["00500101"], category="noise", point=Point(103.8405, 36.041, srid=4326)
    )
    deliver_all(now=timezone.now())
    return made


def test_the_sign_in_page_refuses_with_a_sentence(visit, screen, officer):
    seen = visit(None, screen).go("accounts:sign_in")
    seen.check()
    seen.page.fill("[name=username]", officer.username)
    seen.page.fill("[name=password]", "wrong-1")
    seen.page.click("main button[type=submit]")
    assert seen.page.get_by_role("alert").is_visible()
    seen.check()


TOP_PAGES = (
    *("portal:home", "portal:inbox", "portal:preferences", "portal:search"),
    *("portal:summary", "portal:map", "accounts:profile"),
)


def test_every_top_page_is_sound_at_both_sizes(visit, screen, officer, ticket):
    seen = visit(officer, screen)
    for name in TOP_PAGES:
        seen.go(name).page.wait_for_load_state("networkidle")
        seen.check()


def test_an_entry_of_the_inbox_opens_its_case_and_is_read(visit, screen, officer, ticket):
    seen = visit(officer, screen).go("portal:inbox")
    seen.page.locator(".wg-row-new button").first.click()
    seen.page.wait_for_url(f"**/cases/{ticket.number}/")
    seen.go("portal:inbox")
    assert seen.page.locator(".wg-row-new").count() == 0


def test_search_leads_to_the_case(visit, screen, officer, ticket):
    seen = visit(officer, screen).go("portal:search")
    seen.page.fill("main [name=q]", "踏步")
    seen.page.press("main [name=q]", "Enter")
    seen.page.get_by_role("link", name=ticket.title).first.click()
    seen.page.wait_for_url(f"**/cases/{ticket.number}/")


def test_the_navigation_folds_and_stays_folded(visit, officer, tree):
    seen = visit(officer).go("portal:home")
    side = seen.page.locator(".wg-side")
    wide = side.bounding_box()["width"]
    seen.page.click("[data-wg-fold]")
    seen.go("portal:inbox")
    assert side.bounding_box()["width"] < wide / 2
    seen.page.click("[data-wg-fold]")
    assert side.bounding_box()["width"] == wide


def test_the_name_menu_opens_closes_and_switches_the_language(visit, officer, tree):
    seen = visit(officer).go("portal:home")
    menu = seen.page.locator("details.wg-menu").last
    menu.locator("summary").click()
    seen.page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    menu.locator("summary").click()
    seen.page.click("[name=language]")
    assert seen.page.locator("html").get_attribute("lang") == "en"


def test_without_script_the_menu_opens_and_one_signs_out(visit, officer, tree):
    seen = visit(officer, java_script_enabled=False).go("portal:home")
    seen.page.locator("details.wg-menu summary").last.click()
    seen.page.locator(".wg-menu form[action$='sign-out/'] button").click()
    seen.page.wait_for_url("**/accounts/sign-in/")


def test_a_phone_has_four_entries_within_the_thumb_s_reach(visit, officer, tree):
    seen = visit(officer, "phone").go("portal:home")
    entries = seen.page.locator(".wg-bottom a")
    assert entries.count() == 4
    assert all(entry.bounding_box()["height"] >= 44 for entry in entries.all())


def test_without_script_one_chooses_how_to_be_told(visit, screen, officer, tree):
    seen = visit(officer, screen, java_script_enabled=False).go("portal:preferences")
    seen.page.select_option("[name=late-email]", "off")
    seen.page.fill("[name=email]", "suyuan@example.org")
    seen.page.locator("main form button.btn-primary").click()
    assert seen.page.get_by_role("status").is_visible()
    assert seen.page.input_value("[name=email]") == "suyuan@example.org"
    assert seen.page.input_value("[name=late-email]") == "off"
