"""今日: work first, then what is late and new; a community's officers see its figures on top."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework.models import Case, Suspension
from requests_.choices import PendingRequest
from tests.factories.measures import extend, signed, supervise, suspend, whistle
from tests.factories.requests import accept, dispatch, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(tree, grid_leader, grid_worker, micro_grid_worker):
    """Adds so many tickets on the grid worker's desk."""

    def add(count):
        for _n in range(count):
            ticket = report(micro_grid_worker, tree["00500101"])
            accept(ticket, grid_leader)
            dispatch(ticket, grid_leader, grid_worker)

    return add


def numbers(rows):
    return [row.case.number for row in rows]


def test_what_is_dispatched_to_me_waits_for_me_with_its_next_step(client_for, grid_worker, busy):
    busy(2)
    page = client_for(grid_worker).get("/")
    assert len(page.context["work"]) == 2
    assert {row.next_step.verb for row in page.context["work"]} == {"sign"}
    assert "踏步破损" in page.content.decode()


def test_the_most_urgent_work_comes_first(client_for, grid_worker, busy):
    busy(3)
    last = Case.objects.order_by("-pk")[0]
    Case.objects.filter(pk=last.pk).update(due_at=last.due_at.replace(year=2022))
    assert numbers(client_for(grid_worker).get("/").context["work"])[0] == last.number


def test_more_work_than_fits_has_a_next_page(client_for, grid_worker, busy):
    busy(11)
    client = client_for(grid_worker)
    first = client.get("/").context["page"]
    second = client.get("/", {"after": first.after})
    assert (len(first), len(second.context["work"])) == (10, 1)
    assert f"after={first.after}" in client.get("/").content.decode()


def test_the_secretary_finds_what_waits_for_a_decision_with_its_words(
    client_for, tree, officer, secretary, grid_worker
):
    ticket = extend(signed(tree["00500101"], officer, grid_worker), grid_worker)
    page = client_for(secretary).get("/")
    assert [(row.case.number, row.next_step.verb) for row in page.context["work"]] == [
        (ticket.number, "approve_extension")
    ]
    assert str(PendingRequest.EXTENSION.label) in page.content.decode()
    assert client_for(officer).get("/").context["work"] == []


def test_a_called_department_finds_the_call(
    client_for, tree, officer, secretary, grid_worker, department, department_handler
):
    ticket = whistle(signed(tree["00500101"], officer, grid_worker), secretary, department)
    work = client_for(department_handler).get("/").context["work"]
    assert [(row.case.number, row.next_step.verb) for row in work] == [(ticket.number, "report_in")]


def test_a_suspended_case_is_there_on_its_review_day_and_says_so(
    client_for, tree, officer, secretary, grid_worker
):
    suspend(signed(tree["00500101"], officer, grid_worker), officer, secretary)
    assert client_for(officer).get("/").context["work"] == []
    Suspension.objects.update(review_on=timezone.localdate())
    page = client_for(officer).get("/")
    assert [row.next_step.verb for row in page.context["work"]] == ["resume"]
    assert "wg-light-grey" in page.content.decode()


def test_a_supervised_case_is_marked_for_its_leader(client_for, tree, officer, secretary, grid_worker):
    supervise(signed(tree["00500101"], officer, grid_worker), secretary, officer)
    html = client_for(officer).get("/").content.decode()
    assert "wg-row wg-supervised" in html
    assert "wg-pill-supervised" in html


def test_nothing_to_do_says_so(client_for, grid_worker):
    page = client_for(grid_worker).get("/")
    assert page.context["work"] == []
    assert "wg-empty" in page.content.decode()


def test_another_area_s_work_is_not_on_the_page(client_for, neighbour, foreign_officer, busy):
    busy(1)
    for user in (neighbour, foreign_officer):
        context = client_for(user).get("/").context
        assert (context["work"], context["new"], context["late"]) == ([], [], [])


@pytest.mark.parametrize(
    ("who", "has_figures"), [("officer", True), ("secretary", True), ("grid_leader", False)]
)
def test_officers_see_the_figures_of_their_community(client_for, request, busy, who, has_figures):
    busy(1)
    page = client_for(request.getfixturevalue(who)).get("/")
    assert bool(page.context["figures"]) is has_figures


def test_a_leader_gets_figures_without_links_to_cases(client_for, leader_view, busy):
    busy(1)
    page = client_for(leader_view).get("/")
    assert page.context["figures"]
    assert "/cases/" not in page.content.decode()
    assert "踏步" not in page.content.decode()


def test_administrators_are_led_to_the_administration(client_for, system_admin, settings):
    settings.ADMIN_SECOND_FACTOR = False
    assert 'href="/admin/"' in client_for(system_admin).get("/").content.decode()


def test_overdue_work_of_the_area_is_shown_to_its_officer(client_for, officer, busy):
    busy(1)
    Case.objects.update(due_at=Case.objects.get().opened_at)
    assert len(client_for(officer).get("/").context["late"]) == 1


@pytest.mark.parametrize("who", ["grid_worker", "officer"])
def test_thirty_rows_cost_as_many_queries_as_three(client_for, request, busy, who):
    client = client_for(request.getfixturevalue(who))
    counts = []
    # A short list asks once more, for work without a due time; a long one fills its page before.
    for more in (3, 27):
        busy(more)
        client.get("/")
        with CaptureQueriesContext(connection) as seen:
            client.get("/")
        counts.append(len(seen))
    assert counts[1] <= counts[0] <= 22


@pytest.mark.parametrize("cursor", ["nonsense", "a:b:c", "1' OR 1=1"])
def test_a_cursor_that_is_not_ours_shows_the_first_page(client_for, grid_worker, cursor):
    assert client_for(grid_worker).get("/", {"after": cursor}).status_code == 200


def test_what_one_reported_oneself_is_one_click_away(client_for, micro_grid_worker, leader_view, busy, tree):
    mine = report(micro_grid_worker, tree["00500101"], title="我报的台阶")
    client, link = client_for(micro_grid_worker), "/cases/?reporter=me&amp;status=any"
    assert link in client.get("/").content.decode()
    listed = [row.case.number for row in client.get("/cases/?reporter=me&status=any").context["rows"]]
    assert mine.number in listed
    assert set(listed) == set(
        Case.objects.filter(reporter=micro_grid_worker).values_list("number", flat=True)
    )
    assert link not in client_for(leader_view).get("/").content.decode()


def test_the_home_page_takes_no_post(client_for, grid_worker):
    assert client_for(grid_worker).post("/").status_code == 405
