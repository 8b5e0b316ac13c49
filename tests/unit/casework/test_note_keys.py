"""A note's form key stands for one note of one person on one case; used elsewhere it never passes as saved."""

import uuid

import pytest

from casework.errors import AlreadyDone, StalePage
from casework.services import add_note
from tests.factories.requests import report

pytestmark = pytest.mark.django_db
KEY = uuid.UUID(int=7)


@pytest.fixture
def ticket(micro_grid_worker, tree):
    return report(micro_grid_worker, tree["00500101"])


def texts(case):
    return [event.facts["text"] for event in case.events.filter(verb="note")]


@pytest.fixture
def noted(ticket, officer):
    add_note(number=ticket.number, actor=officer, text="已电话联系", key=KEY)
    return ticket


def test_the_same_note_sent_twice_is_saved_already(noted, officer):
    with pytest.raises(AlreadyDone):
        add_note(number=noted.number, actor=officer, text="已电话联系", key=KEY)
    assert texts(noted) == ["已电话联系"]


def test_a_key_of_another_person_s_note_is_not_taken_for_the_own(noted, grid_leader):
    with pytest.raises(StalePage):
        add_note(number=noted.number, actor=grid_leader, text="我去看过", key=KEY)
    assert texts(noted) == ["已电话联系"]


def test_a_key_of_a_note_on_another_case_is_not_taken_for_this_one(noted, officer, micro_grid_worker, tree):
    other = report(micro_grid_worker, tree["00500101"])
    with pytest.raises(StalePage):
        add_note(number=other.number, actor=officer, text="已电话联系", key=KEY)
    assert texts(other) == []
