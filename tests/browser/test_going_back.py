"""Going back after saving leads to what was saved, not to a second ticket, note or step; in a real Chromium.

Going back the browser shows the page it kept, or asks for it again and fills in what was typed.
"""

import re

import pytest
from playwright.sync_api import expect

from casework.models import CaseEvent
from requests_.models import Ticket
from tests.factories.requests import COMMUNITY, accept, dispatch, report, take

WAYS = {"kept": (True, True), "asked again": (True, False), "asked again, no script": (False, False)}


@pytest.fixture(params=WAYS)
def window(request, visit):
    has_script, is_kept = WAYS[request.param]

    def open_window(user):
        seen = visit(user, "desk", java_script_enabled=has_script)
        seen.expected = (409,)
        if not is_kept:
            seen.page.route("**/*", lambda route: route.continue_())  # Playwright then keeps no page
        return seen

    return open_window


def send_report(page, area):
    page.fill("[name=description]", "夜间噪声扰民")
    page.select_option("[name=category]", COMMUNITY)
    page.select_option("[name=area]", area.code)
    page.click("#report-form button[type=submit]")
    expect(page.locator("main")).to_contain_text("待受理")


def back(page, form):
    """Goes back and sends the form again, if it is there with what was typed."""
    page.go_back()
    button = page.locator(f"{form} button[type=submit]")
    if button.count():
        button.click()


def test_back_after_a_report_leads_to_the_saved_ticket(window, tree, micro_grid_worker):
    page = window(micro_grid_worker).go("requests:ticket_report").page
    send_report(page, tree["00500101"])
    ticket = Ticket.objects.get()
    back(page, "#report-form")
    expect(page).to_have_url(re.compile(f"/cases/{ticket.number}/$"))
    expect(page.locator("main")).to_contain_text(f"该事项已上报，编号{ticket.number}")
    assert Ticket.objects.count() == 1
    page.goto(page.url.split("/cases/")[0] + "/tickets/report/")
    send_report(page, tree["00500102"])
    assert Ticket.objects.count() == 2


def test_back_after_a_note_saves_it_once(window, tree, officer, micro_grid_worker):
    ticket = report(micro_grid_worker, tree["00500101"], category=COMMUNITY)
    page = window(officer).go("casework:case_detail", number=ticket.number).page
    page.fill("#note_text", "已电话联系物业")
    page.click(".desk-note button[type=submit]")
    expect(page.locator("main")).to_contain_text("备注已保存")
    page.go_back()
    # Whether the browser fills it in again is its own affair; a person would type the same.
    page.fill("#note_text", "已电话联系物业")
    page.click(".desk-note button[type=submit]")
    expect(page.locator("main")).to_contain_text("已经保存过了")
    assert CaseEvent.objects.filter(case_id=ticket.pk, verb="note").count() == 1


def test_back_after_a_step_that_could_be_taken_again_says_what_was_done(
    window, tree, officer, micro_grid_worker
):
    ticket = accept(report(micro_grid_worker, tree["00500101"], category=COMMUNITY), officer, "community")
    ticket = take(dispatch(ticket, officer, micro_grid_worker), "sign", micro_grid_worker)
    page = window(officer).go("casework:case_list").page
    page.goto(f"{page.url}{ticket.number}/do/request_escalation/?version={ticket.version}")
    form = "form[enctype][action$='/request_escalation/']"
    page.fill(f"{form} [name=reason]", "需要街道协调")
    page.click(f"{form} button[type=submit]")
    expect(page.locator(".alert-success")).to_be_visible()
    back(page, form)
    expect(page.locator("main")).to_contain_text("请核对最新情况后再操作")
    assert CaseEvent.objects.filter(case_id=ticket.pk, verb="request_escalation").count() == 1
