"""The errand of the desk: a broken step from the stairwell to the closed ticket, in a real Chromium."""

import re

import pytest
from playwright.sync_api import expect

from casework.models import InboxItem
from requests_.models import Ticket
from tests.browser.steps import sign_in, take
from tests.factories.grids import BuildingFactory, CompoundFactory, EntranceFactory
from tests.factories.requests import picture, report

# Within micro-grid 00500101.
STAIRWELL = {"latitude": 36.041, "longitude": 103.8405}


@pytest.fixture
def building(tree):
    compound = CompoundFactory(name="甘南路家属院", micro_grid=tree["00500101"])
    building = BuildingFactory(compound=compound, no="3")
    EntranceFactory(building=building, no="2")
    return building


def photo():
    file = picture(size=(800, 600))
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": file.read()}


def test_from_the_stairwell_to_the_closed_ticket(
    visit, screen, building, micro_grid_worker, grid_leader, grid_worker, officer, tree
):
    phone = visit(None, screen, geolocation=STAIRWELL, permissions=["geolocation"])
    page = sign_in(phone, micro_grid_worker, "requests:ticket_report").page
    page.set_input_files("[name=photos]", photo())
    page.fill("[name=description]", "二楼踏步破损，老人易绊倒。")
    page.select_option("[name=category]", "stairs-handrail")
    if screen == "phone":  # on the spot the position tells it; at the desk the building
        page.click("[data-map-here]")
    else:
        page.select_option("[name=place]", f"building:{building.pk}")
    page.fill("[name=place_text]", "2层")
    expect(page.locator("#report-hint")).to_contain_text(tree["00500101"].name)
    page.click("#who-title")
    page.fill("[name=caller_name]", "测试居民")
    page.fill("[name=caller_phone]", "0931-0000000")
    phone.check()
    page.click("#report-form button[type=submit]")
    expect(page.locator("h1")).to_contain_text("二楼踏步破损")
    phone.check()
    ticket = Ticket.objects.get()
    assert (ticket.area, ticket.status) == (tree["00500101"], "reported")
    assert ticket.attachments.count() == 1
    if screen == "phone":
        assert ticket.building is None
        assert (ticket.point.y, ticket.point.x) == (STAIRWELL["latitude"], STAIRWELL["longitude"])

    leader = visit(grid_leader, screen).go("casework:case_detail", number=ticket.number)
    take(leader, "accept", urgency="normal", handling_level="grid")
    take(leader, "dispatch", handler=f"person:{grid_worker.pk}", opinion="请今天到现场")
    leader.check()

    worker = visit(grid_worker, screen).go("portal:home")
    expect(worker.page.locator("main")).to_contain_text("二楼踏步破损")
    worker.check()
    worker.go("casework:case_detail", number=ticket.number)
    take(worker, "sign")
    take(worker, "finish", result="已修复踏步", contacted="yes", photos=photo())
    assert worker.page.locator("[href*='/do/pass_review/']").count() == 0

    leader.go("casework:case_detail", number=ticket.number)
    take(leader, "pass_review", opinion="现场核查属实")

    desk = visit(officer, screen).go("casework:case_detail", number=ticket.number)
    expect(desk.page.locator("main")).to_contain_text("测***")
    expect(desk.page.locator("main")).not_to_contain_text("0931-0000000")
    take(desk, "callback", solved="yes", satisfaction="satisfied", opinion="居民表示满意")
    desk.check()
    ticket.refresh_from_db()
    assert ticket.status == "closed"
    words = desk.page.locator(".desk-timeline").inner_text()
    for name in (micro_grid_worker.name, grid_leader.name, grid_worker.name, officer.name):
        assert name in words
    assert not re.search(r"[a-z]{4,}", words), words


def test_the_inbox_tells_the_leader_and_opens_the_case(
    visit, screen, micro_grid_worker, grid_leader, building
):
    ticket = report(micro_grid_worker, building.compound.micro_grid, building=building)
    leader = visit(grid_leader, screen)
    leader.go("portal:inbox").check()
    leader.page.click(f"text={ticket.number}")
    expect(leader.page.locator("h1")).to_contain_text(ticket.title)
    assert InboxItem.objects.get(recipient=grid_leader).read_at is not None


def test_two_people_on_one_ticket_the_second_is_told(
    visit, micro_grid_worker, grid_leader, officer, building
):
    ticket = report(micro_grid_worker, building.compound.micro_grid, building=building)
    first = visit(grid_leader).go("casework:case_detail", number=ticket.number)
    second = visit(officer).go("casework:case_detail", number=ticket.number)
    second.page.click("[href*='/do/cancel/']")
    form = second.page.locator("form[action$='/do/cancel/'][enctype]")
    form.locator("[name=reason]").fill("误报，现场无此情况")
    take(first, "accept", urgency="normal", handling_level="grid")
    second.expected = (409,)
    form.locator("button[type=submit]").click()
    expect(second.page.locator("main")).to_contain_text(grid_leader.name)
    expect(second.page.locator("main")).to_contain_text("误报，现场无此情况")
    ticket.refresh_from_db()
    assert ticket.status == "to_dispatch"
