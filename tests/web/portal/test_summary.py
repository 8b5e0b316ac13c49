"""社区概况: each figure opens exactly the rows it counts."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext

from casework.models import Case
from tests.factories.accounts import UserFactory
from tests.factories.measures import signed, supervise, suspend
from tests.factories.requests import accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(tree, micro_grid_worker, grid_leader, grid_worker, officer):
    """Two open (one of them late), one closed in the grid, one cancelled."""
    tickets = [report(micro_grid_worker, tree["00500101"]) for _n in range(4)]
    for ticket in tickets[1:3]:
        accept(ticket, grid_leader)
    Case.objects.filter(pk=tickets[1].pk).update(due_at=tickets[1].opened_at)
    dispatch(tickets[2], grid_leader, grid_worker)
    take(tickets[2], "sign", grid_worker)
    finish(tickets[2], grid_worker)
    take(tickets[2], "pass_review", grid_leader)
    take(tickets[3], "cancel", officer, reason="误报")
    return tickets


def test_every_figure_opens_as_many_rows_as_it_says(client_for, officer, life):
    client = client_for(officer)
    figures = client.get("/summary/").context["figures"]
    opened = [len(client.get(figure.url).context["rows"]) for figure in figures]
    assert [figure.value for figure in figures] == ["2", "0", "1", "0", "0", "1", "100%", "100%"]
    assert opened == [2, 0, 1, 0, 0, 1, 1, 1]


def test_suspended_and_supervised_open_their_rows(client_for, officer, secretary, grid_worker, tree, life):
    for number in range(3):
        ticket = signed(tree["00500101"], officer, grid_worker)
        if number:
            suspend(ticket, officer, secretary)
        else:
            supervise(ticket, secretary, officer)
    client = client_for(officer)
    for place in ("/summary/", "/"):
        figures = {str(figure.name): figure for figure in client.get(place).context["figures"]}
        for name, count in ((gettext("Suspended"), 2), (gettext("Supervised"), 1)):
            assert figures[name].value == str(count)
            assert len(client.get(figures[name].url).context["rows"]) == count


def test_the_table_links_each_area_s_numbers(client_for, officer, life, tree):
    client = client_for(officer)
    text = client.get("/summary/").content.decode()
    grid = tree["005001"].code
    for query, rows in ((f"?area={grid}", 2), (f"?area={grid}&light=red", 1)):
        assert f"/cases/{query.replace('&', '&amp;')}" in text
        assert len(client.get(f"/cases/{query}").context["rows"]) == rows


def test_a_foreign_area_is_not_found(client_for, officer, tree):
    client = client_for(officer)
    for code in (tree["006"].code, tree[""].code, "1", "x", "620102017005999"):
        assert client.get("/summary/", {"area": code}).status_code == 404
    assert client.get("/summary/", {"area": tree["005001"].code}).status_code == 200


def test_workers_and_partners_have_no_summary(client_for, grid_leader, partner_contact):
    for user in (grid_leader, partner_contact):
        assert client_for(user).get("/summary/").status_code == 403


def test_a_leader_reads_figures_that_open_no_case(client_for, leader_view, life):
    page = client_for(leader_view).get("/summary/")
    assert page.context["summary"].open == 2
    assert "/cases/" not in page.content.decode()


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "auditor"])
def test_an_administrator_sees_no_figures(client_for, role, settings):
    settings.ADMIN_SECOND_FACTOR = False
    assert client_for(UserFactory(role=role)).get("/summary/").status_code == 403


def test_more_cases_cost_no_more_queries(client_for, officer, tree, micro_grid_worker):
    client = client_for(officer)
    client.get("/accounts/me/")  # the first page of a session writes when it was seen
    counts = []
    for more in (3, 27):
        for _n in range(more):
            report(micro_grid_worker, tree["00500101"])
        with CaptureQueriesContext(connection) as seen:
            client.get("/summary/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 20
