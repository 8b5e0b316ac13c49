"""A post that nobody holds: what would lie on its desk lies at once on the next one, whose holder is told."""

import pytest

from casework.models import Reminder
from grids.handover import end_post
from grids.models import AreaAssignment
from portal.queries import my_work
from requests_.models import Category
from tests.factories.accounts import UserFactory
from tests.factories.measures import at, signed
from tests.factories.requests import SMALL, accept, due, report, take

pytestmark = pytest.mark.django_db


def told(ticket, verb):
    rows = Reminder.objects.filter(case_id=ticket.pk, facts__verb=verb)
    return sorted(rows.values_list("recipient__username", flat=True))


def has_on_desk(user, ticket):
    return my_work(type(user).objects.get(pk=user.pk)).filter(pk=ticket.pk).exists()


@pytest.fixture
def leaderless(grid_leader, officer, secretary, subdistrict_admin, micro_grid_worker):
    """The grid's leader has left the post; the account still stands."""
    AreaAssignment.objects.filter(user=grid_leader).delete()
    return grid_leader


def test_a_report_in_a_grid_without_a_leader_lies_with_the_officer_who_is_told(
    tree, leaderless, officer, micro_grid_worker
):
    ticket = report(micro_grid_worker, tree["00500101"], category=SMALL)
    assert told(ticket, "report") == ["officer"]
    assert has_on_desk(officer, ticket)
    assert not has_on_desk(leaderless, ticket)


def test_accepted_at_grid_level_it_is_still_the_officer_s(tree, leaderless, officer, micro_grid_worker):
    ticket = accept(report(micro_grid_worker, tree["00500101"], category=SMALL), officer, level="grid")
    assert has_on_desk(officer, ticket)


def test_in_the_grid_beside_it_the_leader_keeps_the_desk(tree, leaderless, officer, neighbour):
    leader = UserFactory(role="grid_leader", username="other")
    AreaAssignment.objects.create(
        user=leader, area=tree["005002"], duty="grid_leader", from_on=at(1, month=1).date()
    )
    ticket = report(neighbour, tree["00500201"], category=SMALL)
    assert told(ticket, "report") == ["other"]
    assert not has_on_desk(officer, ticket)


def test_without_an_officer_it_is_the_secretary_s_and_without_both_the_subdistrict_s_who_may_accept(
    tree, leaderless, officer, secretary, subdistrict_admin, micro_grid_worker
):
    AreaAssignment.objects.filter(user=officer).delete()
    ticket = report(micro_grid_worker, tree["00500101"], category=SMALL)
    assert told(ticket, "report") == ["secretary"]
    AreaAssignment.objects.filter(user=secretary).delete()
    ticket = report(micro_grid_worker, tree["00500101"], category=SMALL)
    assert told(ticket, "report") == ["street"]
    assert accept(ticket, subdistrict_admin).status == "to_dispatch"


def test_an_extension_asked_for_without_a_secretary_is_told_to_the_subdistrict(
    tree, officer, grid_worker, subdistrict_admin
):
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1))
    take(ticket, "request_extension", grid_worker, workdays=2, reason="等待配件", now=at(2))
    assert told(ticket, "request_extension") == ["street"]


def test_the_only_officer_s_own_work_is_reviewed_by_the_secretary_who_is_told(
    tree, officer, secretary, subdistrict_admin
):
    ticket = signed(tree["00500101"], officer, officer, now=at(1))
    done = take(ticket, "finish", officer, result="已调解", contacted="not_needed", now=at(2))
    assert told(done, "finish") == ["secretary"]
    assert has_on_desk(secretary, done)
    assert not has_on_desk(officer, done)


def test_whoever_gets_it_by_the_acceptance_hears_of_it_and_nobody_twice(
    tree, officer, grid_leader, micro_grid_worker
):
    Category.objects.filter(code=SMALL).update(default_level="community")
    ticket = report(micro_grid_worker, tree["00500101"], category=SMALL)
    assert told(ticket, "report") == ["officer"]
    assert told(accept(ticket, officer, level="grid"), "accept") == ["leader"]
    Category.objects.filter(code=SMALL).update(default_level="grid")
    ticket = report(micro_grid_worker, tree["00500101"], category=SMALL)
    assert told(ticket, "report") == ["leader"]
    assert told(accept(ticket, officer, level="grid"), "accept") == []


def test_a_post_that_has_ended_by_its_date_holds_no_desk(tree, grid_leader, officer, micro_grid_worker):
    post = AreaAssignment.objects.get(user=grid_leader)
    street = UserFactory(role="system_admin")
    end_post(actor=street, post=post, on=at(1).date())
    ticket = report(micro_grid_worker, tree["00500101"], category=SMALL)
    assert told(ticket, "report") == ["officer"]


def test_what_was_not_signed_for_is_given_to_another_with_the_whole_time_to_sign(
    tree, officer, grid_worker, neighbour
):
    ticket = accept(report(officer, tree["00500101"], now=at(1)), officer, "community", now=at(1))
    ticket = take(ticket, "dispatch", officer, handler=(grid_worker, None), opinion="请处理", now=at(1))
    first = due(ticket, "sign")
    again = take(ticket, "reassign", officer, handler=(neighbour, None), reason="换人", now=at(2))
    assert (again.status, again.handler_user) == ("to_sign", neighbour)
    assert due(ticket, "sign") > first
    assert told(ticket, "reassign") == ["neighbour"]
