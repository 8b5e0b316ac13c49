"""The form of 更正地点/分类: filled with what the ticket says, and what was typed stays when it is refused."""

import pytest

from requests_.models import Ticket
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.requests import accept, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(tree):
    return BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"], name="一号院"))


@pytest.fixture
def there(tree):
    return BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500201"], name="二号院"))


@pytest.fixture
def ticket(here, officer, grid_leader):
    made = report(officer, here.compound.micro_grid, building=here, compound=here.compound, place_text="二楼")
    return accept(made, grid_leader)


def url(ticket):
    return f"/cases/{ticket.number}/do/correct/"


def sent(ticket, building, **more):
    fields = {
        "category": "stairs-handrail",
        "place": f"building:{building.pk}",
        "entrance": "",
        "place_text": "二楼",
    }
    return fields | {"version": ticket.version, "position": "", "area": "", "reason": "楼栋报错", **more}


def test_the_form_says_what_the_ticket_says(client_for, officer, ticket, here):
    form = client_for(officer).get(url(ticket)).context["step_form"]
    assert (form["category"].value(), form["place"].value(), form["place_text"].value()) == (
        "stairs-handrail", f"building:{here.pk}", "二楼",
    )  # fmt: skip


def test_a_correction_is_saved_once_and_who_no_longer_sees_it_is_led_to_the_queue(
    client_for, grid_leader, ticket, there
):
    client = client_for(grid_leader)
    answer = client.post(url(ticket), sent(ticket, there))
    assert (answer.status_code, answer.url) == (302, "/cases/")
    assert Ticket.objects.get().building == there
    assert client.post(url(ticket), sent(ticket, there)).status_code == 404
    assert ticket.events.filter(verb="correct").count() == 1


def test_a_wrong_position_is_refused_with_all_that_was_typed(client_for, officer, ticket, there):
    answer = client_for(officer).post(
        url(ticket), sent(ticket, there, position="36.04", place_text="三楼", reason="看错了")
    )
    assert answer.status_code == 400
    form = answer.context["step_form"]
    assert set(form.errors) == {"position"}
    assert (form["place"].value(), form["place_text"].value()) == (f"building:{there.pk}", "三楼")


def test_a_place_outside_the_community_is_not_offered(client_for, officer, ticket, tree):
    foreign = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00600101"]))
    answer = client_for(officer).post(url(ticket), sent(ticket, foreign))
    assert answer.status_code == 400
    assert set(answer.context["step_form"].errors) == {"place"}


@pytest.mark.parametrize(("name", "status"), [("worker", 403), ("foreign", 404), ("micro", 403)])
def test_others_neither_open_nor_send_it(
    client_for, grid_worker, foreign_officer, micro_grid_worker, ticket, there, name, status
):
    user = next(u for u in (grid_worker, foreign_officer, micro_grid_worker) if u.username == name)
    client = client_for(user)
    assert client.get(url(ticket)).status_code == status
    assert client.post(url(ticket), sent(ticket, there)).status_code == status
