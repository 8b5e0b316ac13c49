"""Before a person, an organisation or a post ends, what lies there is listed; the office is told and finds it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import Reminder
from casework.planning import sweep
from casework.registry import kind_of
from grids.models import AreaAssignment
from requests_.models import Ticket
from tests.factories.measures import signed
from tests.factories.requests import take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def by_password_alone(settings):
    settings.ADMIN_SECOND_FACTOR = False


@pytest.fixture
def site(client_for, system_admin):
    return client_for(system_admin)


@pytest.fixture
def tickets(tree, officer, grid_worker, secretary):
    return [signed(tree["00500101"], officer, grid_worker) for _n in range(3)]


def person_form(user, **fields):
    made = {"username": user.username, "name": user.name, "role": user.role, "language": user.language}
    return made | {"employee_no": "", "phone": "", "organisation": ""} | fields


def change(model, row):
    return reverse(f"admin:{model}_change", args=[row.pk])


def told(rule):
    sweep(now=timezone.now())
    rows = Reminder.objects.filter(rule=rule)
    return sorted(rows.values_list("recipient__username", "case__number"))


def test_a_worker_with_open_tickets_is_made_inactive_only_after_they_were_listed(site, tickets, grid_worker):
    url = change("accounts_user", grid_worker)
    asked = site.post(url, person_form(grid_worker, name="王大工"))
    assert asked.status_code == 200
    page = asked.content.decode()
    assert all(ticket.number in page for ticket in tickets)
    assert "未办结事项3件" in page
    grid_worker.refresh_from_db()
    assert (grid_worker.is_active, grid_worker.name) == (True, "王工")
    sent = dict(asked.context["posted"]) | {"_confirmed": "1"}
    assert site.post(url, sent).status_code == 302
    grid_worker.refresh_from_db()
    assert (grid_worker.is_active, grid_worker.name) == (False, "王大工")


def test_who_has_nothing_and_who_stays_active_is_saved_at_once(site, tickets, grid_worker, neighbour):
    assert site.post(change("accounts_user", neighbour), person_form(neighbour)).status_code == 302
    active = person_form(grid_worker, is_active="on")
    assert site.post(change("accounts_user", grid_worker), active).status_code == 302


def test_the_officer_hears_once_of_each_ticket_whose_handler_left_and_gives_it_to_another(
    client_for, tickets, grid_worker, officer, neighbour
):
    type(grid_worker).objects.filter(pk=grid_worker.pk).update(is_active=False)
    expected = sorted(("officer", ticket.number) for ticket in tickets)
    assert told("handler_left") == expected
    assert told("handler_left") == expected
    client = client_for(officer)
    for value in ("none", "left"):
        rows = client.get(f"/cases/?handler={value}").context["rows"]
        assert {row.case.number for row in rows} == {ticket.number for ticket in tickets}
    home = client.get("/")
    assert home.context["left"] == 3
    assert "3件事项无人承办" in home.content.decode()
    ticket = Ticket.objects.get(pk=tickets[0].pk)
    again = take(ticket, "reassign", officer, handler=(neighbour, None), reason="承办人离岗")
    assert again.handler_user == neighbour
    assert client.get("/").context["left"] == 2


def test_an_organisation_with_open_tickets_is_asked_for_as_well(
    site, tree, officer, secretary, department, department_handler, subdistrict_admin
):
    ticket = signed(tree["00500101"], officer, department_handler, organisation=department)
    url = change("accounts_organisation", department)
    form = {"name": department.name, "kind": department.kind, "phone": "", "takes_cases": "on"}
    asked = site.post(url, form)
    assert ticket.number in asked.content.decode()
    assert site.post(url, form | {"_confirmed": "1"}).status_code == 302
    assert told("handler_left") == [("officer", ticket.number)]
    assert officer.pk in kind_of("ticket").to_tell("finish", Ticket.objects.get(), None)


def test_ending_a_post_lists_what_lies_there_asks_and_tells_the_officer(
    client_for, tree, tickets, grid_worker, officer, secretary
):
    post = AreaAssignment.objects.get(user=grid_worker)
    client, url = client_for(secretary), f"/areas/620102017005001/posts/{post.pk}/end/"
    assert tickets[0].number in client.get(url).content.decode()
    today = timezone.localdate()
    refused = client.post(url, {"on": today.isoformat()})
    assert refused.status_code == 400
    assert set(refused.context["form"].errors) == {"read"}
    assert client.post(url, {"on": today.isoformat(), "read": "on"}).status_code == 302
    assert told("post_ended") == sorted(("officer", ticket.number) for ticket in tickets)


def test_a_post_with_nothing_on_its_desk_ends_without_a_question(client_for, tree, neighbour, secretary):
    post = AreaAssignment.objects.get(user=neighbour)
    url = f"/areas/620102017005002/posts/{post.pk}/end/"
    assert client_for(secretary).post(url, {"on": timezone.localdate().isoformat()}).status_code == 302


def test_who_holds_another_post_over_the_place_has_not_left_it(tree, tickets, grid_worker, officer):
    AreaAssignment.objects.create(
        user=grid_worker, area=tree["005"], duty="community_officer", from_on=timezone.localdate()
    )
    AreaAssignment.objects.filter(user=grid_worker, duty="grid_worker").update(to_on=timezone.localdate())
    assert told("post_ended") == []


def test_a_secret_ticket_is_counted_without_its_number(site, tree, officer, secretary):
    ticket = signed(tree["00500101"], officer, officer, is_secret=True)
    page = site.post(change("accounts_user", officer), person_form(officer)).content.decode()
    assert "未办结事项1件" in page
    assert ticket.number not in page
