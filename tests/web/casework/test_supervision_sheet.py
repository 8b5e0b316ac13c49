"""督办单 on paper: who sees it, what stands on it, and what the ticket's own sheet says of its limits."""

import pytest
from django.urls import reverse

from tests.factories.measures import at, extend, signed, supervise
from tests.factories.requests import finish, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(tree, officer, grid_worker, secretary):
    ticket = signed(
        tree["00500101"], officer, grid_worker, now=at(1), caller_name="张桂兰", caller_phone="09310000001",
        external_number="LZ20230301001",
    )  # fmt: skip
    return supervise(ticket, secretary, officer, now=at(6))


@pytest.fixture
def url(ticket):
    return reverse("casework:supervision_sheet", args=[ticket.number, "DB-2023-000001"])


def test_the_sheet_names_the_matter_the_demand_the_leader_and_the_day(english_for, officer, ticket, url):
    html = english_for(officer).get(url).content.decode()
    for text in (
        "DB-2023-000001", ticket.number, "LZ20230301001", ticket.title, ticket.description, "请限期办结并书面说明原因",
        "赵专干", "孙书记", "11 March 2023, 10:00", "6 March 2023", "王工", "张** 093****0001",
    ):  # fmt: skip
        assert text in html
    assert "张桂兰" not in html
    assert "09310000001" not in html


def test_dates_are_written_as_an_office_writes_them(client_for, officer, url):
    assert "2023年3月6日" in client_for(officer).get(url).content.decode()


def test_the_course_so_far_holds_steps_and_nothing_that_was_typed(english_for, officer, ticket, url):
    take(ticket, "request_escalation", officer, reason="张桂兰要求回电", now=at(7))
    html = english_for(officer).get(url).content.decode()
    assert "asked to escalate it" in html
    assert "张桂兰" not in html


def test_a_lifted_sheet_says_how_it_ended(english_for, officer, secretary, ticket, url):
    assert "Lifted by" not in english_for(officer).get(url).content.decode()
    take(ticket, "lift_supervision", secretary, answer="已按期整改", now=at(9))
    html = english_for(officer).get(url).content.decode()
    for text in ("已按期整改", "Lifted by", "9 March 2023"):
        assert text in html


def test_who_sees_the_case_sees_the_sheet_and_nobody_else(
    english_for,
    url,
    officer,
    secretary,
    grid_worker,
    subdistrict_admin,
    auditor,
    neighbour,
    foreign_officer,
):
    for user in (officer, secretary, grid_worker, subdistrict_admin):
        assert english_for(user).get(url).status_code == 200
    for user in (neighbour, foreign_officer, auditor):
        assert english_for(user).get(url).status_code == 404


def test_a_sheet_of_another_case_is_not_found_under_this_one(english_for, officer, tree, grid_worker, url):
    other = signed(tree["00500101"], officer, grid_worker, now=at(1))
    for number in ("DB-2023-000001", "DB-2023-000009", "x"):
        there = reverse("casework:supervision_sheet", args=[other.number, number])
        assert english_for(officer).get(there).status_code == 404


def test_the_sheet_is_only_read(client, english_for, officer, url):
    assert english_for(officer).post(url).status_code == 405
    assert client.get(url).status_code == 302


def test_the_ticket_s_own_sheet_tells_its_limit_its_extension_and_when_it_was_handled(
    english_for, officer, grid_worker, secretary, ticket
):
    sheet = reverse("casework:case_sheet", args=[ticket.number])
    client = english_for(officer)
    plain = client.get(sheet).content.decode()
    assert "10 March 2023, 18:00" in plain
    assert "Yes, by" not in plain
    extend(ticket, grid_worker, 3, now=at(6))
    take(ticket, "approve_extension", secretary, now=at(7))
    finish(ticket, grid_worker, now=at(13))
    html = client.get(sheet).content.decode()
    for text in ("15 March 2023, 18:00", "Yes, by 3 workdays", "13 March 2023, 10:00", "LZ20230301001"):
        assert text in html


def test_an_estimated_limit_says_so_on_paper_while_it_runs(english_for, officer, grid_worker, ticket):
    sheet = reverse("casework:case_sheet", args=[ticket.number])
    client = english_for(officer)
    assert "(estimated)" not in client.get(sheet).content.decode()
    ticket.deadlines.filter(step="handle").update(is_provisional=True)
    assert "10 March 2023, 18:00 (estimated)" in client.get(sheet).content.decode()
    finish(ticket, grid_worker, now=at(9))
    assert "(estimated)" not in client.get(sheet).content.decode()
