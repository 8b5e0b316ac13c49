"""A secret ticket is never without somebody who sees it and may act."""

import pytest

from casework.selectors import in_own_kind, offered_steps
from portal.queries import my_work
from requests_.models import Ticket
from requests_.selectors import people_to_name
from tests.factories.requests import COMMUNITY, SMALL, accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[SMALL, COMMUNITY])
def secret(request, officer, secretary, tree):
    return report(officer, tree["00500101"], is_secret=True, category=request.param)


@pytest.fixture
def office(officer, secretary, grid_leader, subdistrict_admin):
    return (officer, secretary, grid_leader, subdistrict_admin)


def at_work(ticket, people):
    return {user.username for user in people if my_work(user).filter(pk=ticket.pk).exists()}


def test_it_lies_with_its_reporter_and_the_secretary_until_it_is_handled(
    secret, office, officer, secretary, grid_worker
):
    both = {"officer", "secretary"}
    assert at_work(secret, office) == both
    assert at_work(accept(secret, officer), office) == both
    dispatch(secret, officer, grid_worker)
    assert at_work(secret, (*office, grid_worker)) == {"worker"}
    take(secret, "sign", grid_worker)
    assert at_work(finish(secret, grid_worker), office) == both


def test_the_secretary_hears_of_what_an_officer_reports(secret, inbox_of, secretary, grid_leader):
    (news,) = inbox_of(secretary)
    assert news.reminder.case_id == secret.pk
    assert not inbox_of(grid_leader)


def test_a_secretary_s_own_lies_with_the_secretary(secretary, officer, tree, office):
    ticket = report(secretary, tree["00500101"], is_secret=True)
    assert at_work(ticket, office) == {"secretary"}


def test_above_the_community_the_subdistrict_is_let_in(secret, officer, secretary, subdistrict_admin, office):
    accept(secret, officer, level="community")
    assert not Ticket.objects.visible_to(subdistrict_admin).exists()
    take(secret, "escalate", secretary, reason="超出社区职责")
    assert at_work(secret, office) == {"street"}
    assert "dispatch" in {step.verb for step in offered_steps(subdistrict_admin, in_own_kind(secret))}


def test_the_subdistrict_may_be_named_before(secret, officer, subdistrict_admin, leader_view, neighbour):
    offered = set(people_to_name(secret))
    assert {subdistrict_admin, neighbour} <= offered
    assert leader_view not in offered
