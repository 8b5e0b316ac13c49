"""The errand of time in a real Chromium: more time, a pause, a whistle and a supervision sheet, each by whom it may."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from playwright.sync_api import expect

from casework.models import WhistleCall
from requests_.models import Ticket
from tests.browser.steps import take
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.measures import signed, supervise, suspend


@pytest.fixture
def ticket(tree, officer, grid_worker):
    building = BuildingFactory(
        compound=CompoundFactory(name="甘南路家属院", micro_grid=tree["00500101"]), no="3"
    )
    return signed(tree["00500101"], officer, grid_worker, building=building, compound=building.compound)


def days_ahead(days):
    return timezone.localdate() + timedelta(days=days)


def open_case(seen, ticket):
    """From the home page, where it waits, to the case."""
    seen.go("portal:home")
    seen.page.click(f"#work-title >> xpath=ancestor::section >> text={ticket.title}")
    expect(seen.page.locator("h1")).to_contain_text(ticket.title)
    return seen


def panel(seen):
    return seen.page.locator("section[aria-labelledby=limits-title]")


def test_from_an_extension_to_a_lifted_supervision(
    visit, ticket, grid_worker, officer, secretary, department, department_handler
):
    """The worker and the department have a phone in hand, the secretary and the officer sit at a desk."""
    was_due = ticket.due_at

    # More time: the handler asks, the secretary finds it on the desk and approves.
    worker = open_case(visit(grid_worker, "phone"), ticket)
    take(worker, "request_extension", workdays="3", reason="等待配件到货")
    boss = open_case(visit(secretary, "desk"), ticket)
    expect(boss.page.locator(".desk-waiting")).to_contain_text("等待配件到货")
    take(boss, "approve_extension", opinion="同意，请做好解释")
    ticket.refresh_from_db()
    assert ticket.due_at > was_due
    expect(panel(boss)).to_contain_text("等待配件到货")

    # A pause: the officer proposes, the secretary approves, the light is grey, the officer resumes.
    desk = visit(officer, "desk").go("casework:case_detail", number=ticket.number)
    take(desk, "propose_suspension", reason="待旧改施工后一并处理", review_on=days_ahead(30).isoformat())
    open_case(boss, ticket)
    take(boss, "suspend", opinion="同意挂账")
    expect(boss.page.locator(".desk-headline .wg-light-grey")).to_be_visible()
    expect(panel(boss).locator(".wg-light-grey").first).to_be_visible()
    boss.check()
    boss.page.goto(boss.base + reverse("casework:case_list") + "?light=grey")
    expect(boss.page.locator(".desk-queue")).to_contain_text(ticket.number)
    boss.check()
    desk.go("casework:case_detail", number=ticket.number)
    take(desk, "resume", opinion="已具备条件")
    expect(desk.page.locator(".desk-headline .wg-light-green")).to_be_visible()

    # The whistle: the secretary calls, the department reports in and answers, the secretary rates.
    boss.go("casework:case_detail", number=ticket.number)
    take(
        boss,
        "whistle",
        organisations=[str(department.pk)],
        ground="residents",
        demand="请到现场会商处置",
        respond_by=f"{days_ahead(1)}T10:00",
    )
    called = open_case(visit(department_handler, "phone"), ticket)
    expect(called.page.locator(".desk-waiting")).to_contain_text("请到现场会商处置")
    take(called, "report_in", note="两人到场")
    take(called, "answer_whistle", outcome="已现场处置完毕")
    open_case(boss, ticket)
    call = WhistleCall.objects.get()
    take(boss, "rate_whistle", call=str(call.pk), rating="good", rating_note="到场迅速")
    expect(panel(boss)).to_contain_text("到场迅速")

    # Supervision: the secretary issues a sheet, it is marked everywhere and printed, and lifted in the end.
    take(
        boss,
        "supervise",
        leader=str(officer.pk),
        answer_by=days_ahead(7).isoformat(),
        demand="请限期办结并书面说明",
    )
    expect(boss.page.locator(".desk-headline.wg-supervised .wg-pill-supervised")).to_be_visible()
    open_case(desk, ticket)
    desk.page.goto(desk.base + reverse("casework:case_list") + "?supervised=yes&sort=due")
    expect(desk.page.locator("tr.wg-supervised .wg-pill-supervised")).to_be_visible()
    desk.check()
    panel(boss).locator("a").click()
    expect(boss.page.locator(".desk-sheet")).to_contain_text("请限期办结并书面说明")
    boss.check()
    boss.go("casework:case_detail", number=ticket.number)
    take(boss, "lift_supervision", answer="已按期整改")
    expect(panel(boss)).to_contain_text("已按期整改")
    expect(boss.page.locator(".wg-pill-supervised")).to_have_count(0)
    boss.check()
    assert not Ticket.objects.get(pk=ticket.pk).is_supervised


def test_what_is_refused_is_told_beside_what_was_typed(visit, screen, ticket, secretary):
    seen = visit(secretary, screen).go("casework:case_do", number=ticket.number, verb="whistle")
    seen.expected = (400,)
    form = seen.page.locator("form[action$='/do/whistle/'][enctype]")
    form.locator("[name=demand]").fill("请到现场会商处置")
    with seen.page.expect_navigation():
        form.locator("button[type=submit]").click()
    expect(form.locator(".wg-errors").first).to_be_visible()
    expect(form.locator("[name=demand]")).to_have_value("请到现场会商处置")
    seen.check()


def test_the_map_knows_a_suspended_and_a_supervised_case(
    visit, screen, tree, officer, secretary, grid_worker
):
    held = signed(tree["00500101"], officer, grid_worker, point=Point(103.8405, 36.041, srid=4326))
    watched = signed(tree["00500201"], officer, officer, point=Point(103.8432, 36.041, srid=4326))
    suspend(held, officer, secretary)
    supervise(watched, secretary, officer)
    seen = visit(officer, screen).go("portal:map")
    expect(seen.page.locator(".wg-pin-grey")).to_be_visible()
    pin = seen.page.locator(".wg-pin-green.wg-pin-supervised")
    expect(pin).to_be_visible()
    assert gettext("Supervised") in (pin.get_attribute("title") or "")
    seen.check()
