"""The case page: who sees it, what it offers, and what a person does on it beside the steps."""

import contextlib
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.errors import AlreadyDone
from casework.models import CasePerson
from casework.services import add_note
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.requests import accept, dispatch, finish, picture, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def building(tree):
    return BuildingFactory(compound=CompoundFactory(name="甘南路院", micro_grid=tree["00500101"]), no="5")


@pytest.fixture
def ticket(grid_worker, tree, building):
    return report(
        grid_worker,
        tree["00500101"],
        building=building,
        compound=building.compound,
        caller_name="张桂兰",
        caller_phone="09310000001",
    )


def page(ticket):
    return reverse("casework:case_detail", args=[ticket.number])


def test_page_shows_the_facts_and_masks_the_caller(client_for, officer, ticket):
    html = client_for(officer).get(page(ticket)).content.decode()
    for text in (ticket.number, ticket.title, "甘南路院", "张** 093****0001", "王工"):
        assert text in html
    assert "张桂兰" not in html
    assert "09310000001" not in html


def test_page_of_a_foreign_area_is_not_found(client_for, neighbour, foreign_officer, ticket):
    for user in (neighbour, foreign_officer):
        assert client_for(user).get(page(ticket)).status_code == 404


def test_page_of_an_unknown_number_is_not_found(client_for, officer):
    assert client_for(officer).get("/cases/T-2023-999999/").status_code == 404


def test_page_is_read_only(client_for, officer, ticket):
    assert client_for(officer).post(page(ticket)).status_code == 405


def test_page_asks_the_anonymous_to_sign_in(client, ticket):
    assert client.get(page(ticket)).status_code == 302


def test_page_offers_exactly_the_steps_of_the_person(client_for, officer, grid_leader, grid_worker, ticket):
    def offered(user):
        html = client_for(user).get(page(ticket)).content.decode()
        return {
            verb
            for verb in ("accept", "settle_on_spot", "decline", "merge", "cancel", "dispatch", "sign")
            if reverse("casework:case_do", args=[ticket.number, verb]) in html
        }

    assert offered(officer) == {"accept", "decline", "merge", "cancel"}
    assert offered(grid_leader) == {"accept", "settle_on_spot"}
    assert offered(grid_worker) == {"settle_on_spot"}


def test_page_shows_every_event_in_words_and_the_photos(
    client_for, officer, grid_leader, grid_worker, ticket
):
    accept(ticket, officer)
    dispatch(ticket, officer, grid_leader)
    take(ticket, "sign", grid_leader)
    finish(ticket, grid_leader)
    response = client_for(officer).get(page(ticket))
    assert [line.event.verb for line in response.context["lines"]] == [
        "finish", "sign", "dispatch", "accept", "report",
    ]  # fmt: skip
    html = response.content.decode()
    assert "李长" in html
    assert "请尽快处理" in html
    assert reverse("casework:thumbnail", args=[ticket.number, response.context["after"][0].key]) in html


def test_related_cases_are_the_open_ones_of_the_building(
    client_for, officer, grid_worker, tree, ticket, building
):
    other = report(grid_worker, tree["00500101"], building=building)
    gone = take(report(grid_worker, tree["00500101"], building=building), "cancel", officer, reason="误报")
    elsewhere = report(grid_worker, tree["00500101"])
    related = client_for(officer).get(page(ticket)).context["related"]
    assert [case.number for case in related] == [other.number]
    assert {gone.number, elsewhere.number}.isdisjoint({case.number for case in related})


# --- notes -------------------------------------------------------------------------------------------------


def note_url(ticket):
    return reverse("casework:case_note", args=[ticket.number])


def test_note_stands_in_the_timeline_with_its_photo(client_for, officer, ticket):
    data = {"text": "已电话核实 <b>🙂</b>", "key": uuid.uuid4(), "photos": [picture()]}
    response = client_for(officer).post(note_url(ticket), data, follow=True)
    assert response.redirect_chain == [(page(ticket), 302)]
    html = response.content.decode()
    assert "已电话核实 &lt;b&gt;🙂&lt;/b&gt;" in html
    assert len(response.context["lines"][0].photos) == 1


def test_note_sent_twice_is_written_once(client_for, officer, ticket):
    client, data = client_for(officer), {"text": "核实", "key": uuid.uuid4()}
    client.post(note_url(ticket), data)
    client.post(note_url(ticket), data)
    assert ticket.events.filter(verb="note").count() == 1


def test_the_same_note_with_another_key_is_written_once_within_the_hour(
    client_for, officer, secretary, ticket
):
    client = client_for(officer)

    def write(text="核实", by=client, **more):
        return by.post(note_url(ticket), {"text": text, "key": uuid.uuid4(), **more}, follow=True)

    write()
    assert "已经保存过了" in write().content.decode()
    assert ticket.events.filter(verb="note").count() == 1
    write(photos=[picture()])
    write("再核实")
    write(by=client_for(secretary))
    write()
    assert ticket.events.filter(verb="note").count() == 5


def test_the_same_note_is_written_again_later(officer, ticket):
    now = timezone.now()
    for minutes in (0, 59, 61):
        with contextlib.suppress(AlreadyDone):
            add_note(
                number=ticket.number, actor=officer, text="上门无人", key=uuid.uuid4(),
                now=now + timedelta(minutes=minutes),
            )  # fmt: skip
    assert ticket.events.filter(verb="note").count() == 2


def test_a_note_whose_key_stands_for_something_else_is_not_lost(client_for, officer, ticket):
    client, data = client_for(officer), {"text": "核实", "key": ticket.idempotency_key}
    response = client.post(note_url(ticket), data)
    assert response.status_code == 409
    form = response.context["note_form"]
    assert form["text"].value() == "核实"
    assert client.post(note_url(ticket), {"text": "核实", "key": form["key"].value()}).status_code == 302
    assert ticket.events.filter(verb="note").count() == 1


@pytest.mark.parametrize("text", ["", "字" * 20_000, "NUL\x00"], ids=["empty", "20000 characters", "NUL"])
def test_refused_note_keeps_what_was_typed(client_for, officer, ticket, text):
    response = client_for(officer).post(note_url(ticket), {"text": text, "key": uuid.uuid4()})
    assert response.status_code == 400
    assert response.context["note_form"]["text"].value() == text
    assert not ticket.events.filter(verb="note").exists()


def test_note_on_a_foreign_case_is_not_found(client_for, neighbour, ticket):
    response = client_for(neighbour).post(note_url(ticket), {"text": "x", "key": uuid.uuid4()})
    assert response.status_code == 404


def test_an_auditor_finds_no_case_and_writes_no_notes(client_for, auditor, ticket):
    client = client_for(auditor)
    assert client.get(page(ticket)).status_code == 404
    assert client.post(note_url(ticket), {"text": "x", "key": uuid.uuid4()}).status_code == 404


def test_note_takes_post_only(client_for, officer, ticket):
    assert client_for(officer).get(note_url(ticket)).status_code == 405


# --- watching ----------------------------------------------------------------------------------------------


def test_watching_is_switched_on_and_off(client_for, officer, ticket):
    client, url = client_for(officer), reverse("casework:case_watch", args=[ticket.number])
    client.post(url, {"watching": "1"})
    client.post(url, {"watching": "1"})
    assert CasePerson.objects.filter(case_id=ticket.pk, user=officer, kind="watcher").count() == 1
    client.post(url, {"watching": "0"})
    assert not CasePerson.objects.filter(case_id=ticket.pk).exists()
    assert client.get(url).status_code == 405


def test_foreign_case_cannot_be_watched(client_for, neighbour, ticket):
    url = reverse("casework:case_watch", args=[ticket.number])
    assert client_for(neighbour).post(url, {"watching": "1"}).status_code == 404


# --- revealing ---------------------------------------------------------------------------------------------


def reveal_url(ticket):
    return reverse("casework:case_reveal", args=[ticket.number])


def test_reveal_shows_the_contact_once_and_writes_who_and_why(client_for, officer, ticket):
    client = client_for(officer)
    response = client.post(reveal_url(ticket), {"reason": "回访联系"})
    assert "张桂兰 09310000001" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    event = ticket.events.get(verb="reveal")
    assert (event.actor, event.facts["reason"]) == (officer, "回访联系")
    assert "09310000001" not in client.get(page(ticket)).content.decode()
    assert "09310000001" not in str(event.facts)


def test_reveal_without_a_reason_shows_nothing(client_for, officer, ticket):
    response = client_for(officer).post(reveal_url(ticket), {"reason": " "})
    assert response.status_code == 400
    assert "09310000001" not in response.content.decode()
    assert not ticket.events.filter(verb="reveal").exists()


def test_reveal_is_refused_to_who_only_reads(client_for, micro_grid_worker, ticket):
    assert client_for(micro_grid_worker).post(reveal_url(ticket), {"reason": "看看"}).status_code == 403
    assert not ticket.events.filter(verb="reveal").exists()


def test_reveal_of_a_foreign_case_is_not_found(client_for, neighbour, ticket):
    assert client_for(neighbour).post(reveal_url(ticket), {"reason": "看看"}).status_code == 404


def test_reveal_takes_post_only(client_for, officer, ticket):
    assert client_for(officer).get(reveal_url(ticket)).status_code == 405


# --- the sheet ---------------------------------------------------------------------------------------------


def test_sheet_prints_the_case_with_the_caller_masked(client_for, officer, ticket):
    accept(ticket, officer)
    html = client_for(officer).get(reverse("casework:case_sheet", args=[ticket.number])).content.decode()
    assert ticket.number in html
    assert "张** 093****0001" in html
    assert "张桂兰" not in html


def test_sheet_of_a_foreign_case_is_not_found(client_for, neighbour, ticket):
    assert client_for(neighbour).get(reverse("casework:case_sheet", args=[ticket.number])).status_code == 404
