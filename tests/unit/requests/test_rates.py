"""What 按时办结率 and the other rates count, by hand: docs/glossary.md says what is divided by what."""

import pytest

from casework.choices import Light
from casework.consistency import wrong_tallies
from casework.lights import light_of
from casework.models import ClosedTally
from casework.photos import stage_photo
from portal.metrics import summary_of
from portal.rates import Share
from requests_.answers import wrong_answers
from requests_.models import Ticket
from tests.factories.measures import at, signed
from tests.factories.requests import finish, picture, report, take

pytestmark = pytest.mark.django_db
PHONE = "0931-0000000"


@pytest.fixture
def kept(officer, tree):
    """The shares of every sort of limit, of the community since 1 January 2023; tallies and cases agree."""

    def shares(sort):
        assert [*wrong_tallies(), *wrong_answers()] == []
        return summary_of(tree["005"], now=at(31)).kept[sort]

    return shares


@pytest.fixture
def reworked(tree, officer, grid_worker):
    """Due on Friday 10 March at 18:00, first finished at that moment, dissatisfied; due again by the rework's limit."""

    def redo(*, first, again):
        ticket = signed(tree["00500101"], officer, grid_worker, now=at(1), caller_phone=PHONE)
        finish(ticket, grid_worker, now=first)
        take(ticket, "pass_review", officer, now=first)
        take(ticket, "callback", officer, solved="no", satisfaction="dissatisfied", now=first)
        finish(ticket, grid_worker, now=again)
        take(ticket, "pass_review", officer, now=again)
        return take(ticket, "callback", officer, solved="yes", satisfaction="satisfied", now=again)

    return redo


def test_settled_on_the_spot_without_a_handling_limit_is_in_no_rate_of_handling_in_time(
    kept, tree, officer, micro_grid_worker, grid_worker, no_sample
):
    """Accepted a day late and settled at once: the lateness is seen in the rate of acceptance."""
    for settled_at in (at(2), at(1, 11)):
        ticket = report(micro_grid_worker, tree["00500101"], now=at(1))
        photos = [stage_photo(owner=grid_worker, upload=picture())]
        take(ticket, "settle_on_spot", grid_worker, result="已修复", photos=photos, now=settled_at)
    assert (kept("handling"), kept("acceptance")) == (Share(0, 0), Share(1, 2))


def test_without_a_late_step_every_limit_is_kept(kept, reworked):
    reworked(first=at(2), again=at(3))
    assert [kept(sort) for sort in ("acceptance", "signing", "handling", "rework")] == [Share(1, 1)] * 4


def test_a_missed_first_limit_stays_missed_when_the_rework_is_in_time(kept, reworked):
    ticket = reworked(first=at(15), again=at(16))
    assert (kept("handling"), kept("rework")) == (Share(0, 1), Share(1, 1))
    assert light_of(ticket, at(17)) == Light.NONE
    assert (ticket.due_at, ticket.handled_at) == (at(10, 18), at(16))


def test_a_missed_rework_does_not_make_the_first_limit_missed(kept, reworked):
    ticket = reworked(first=at(2), again=at(20))
    assert (kept("handling"), kept("rework")) == (Share(1, 1), Share(0, 1))
    assert light_of(ticket, at(21)) == Light.NONE


def test_a_first_limit_that_was_missed_stays_missed_when_it_is_reopened(kept, reworked, officer, grid_worker):
    ticket = reworked(first=at(15), again=at(16))
    take(ticket, "reopen", officer, reason="又坏了", now=at(17))
    assert ClosedTally.objects.get().count == 0
    take(ticket, "dispatch", officer, handler=(grid_worker, None), opinion="请处理", now=at(17))
    take(ticket, "sign", grid_worker, now=at(17))
    finish(ticket, grid_worker, now=at(17))
    take(ticket, "pass_review", officer, now=at(17))
    take(ticket, "callback", officer, solved="yes", satisfaction="satisfied", now=at(17))
    assert kept("handling") == Share(0, 1)


def test_signing_late_once_is_not_signed_in_time(kept, tree, officer, grid_worker, neighbour):
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1))
    take(ticket, "reassign", officer, handler=(neighbour, None), reason="换人", now=at(2))
    take(ticket, "sign", neighbour, now=at(3))
    finish(ticket, neighbour, now=at(3))
    take(ticket, "pass_review", officer, now=at(3))
    assert (kept("signing"), kept("handling")) == (Share(0, 1), Share(1, 1))


def test_the_response_rate_is_of_those_who_wait_to_be_contacted(kept, tree, officer, grid_worker):
    for contacted_at in (at(2, 9), at(3), None):
        phone = {"caller_phone": PHONE} if contacted_at else {}
        ticket = signed(tree["00500101"], officer, grid_worker, now=at(1), **phone)
        if contacted_at:
            take(ticket, "record_contact", grid_worker, now=contacted_at)
        finish(ticket, grid_worker, now=at(6))
        take(ticket, "pass_review", officer, now=at(6))
        if contacted_at:
            take(ticket, "callback", officer, solved="yes", satisfaction="satisfied", now=at(6))
    assert Ticket.objects.open().count() == 0
    assert kept("contact") == Share(1, 2)
