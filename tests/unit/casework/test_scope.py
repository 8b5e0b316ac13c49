"""Who sees which case: one rule, shown for each of the cast."""

import pytest

from accounts.choices import Role
from accounts.models import User
from casework.models import Case, CasePerson
from grids.choices import Duty
from requests_.models import Ticket
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory
from tests.factories.requests import COMMUNITY, accept, dispatch, report

pytestmark = pytest.mark.django_db


def sees(user, case):
    return Case.objects.visible_to(user).filter(pk=case.pk).exists()


@pytest.fixture
def ticket(micro_grid_worker, tree):
    return report(micro_grid_worker, tree["00500101"], category=COMMUNITY)


def test_posts_at_and_above_the_place_see_it(
    ticket, micro_grid_worker, grid_worker, grid_leader, officer, secretary, subdistrict_admin
):
    for person in (micro_grid_worker, grid_worker, grid_leader, officer, secretary, subdistrict_admin):
        assert sees(person, ticket), person


def test_neighbours_and_strangers_do_not(
    ticket, neighbour, foreign_officer, department_handler, partner_contact, django_user_model
):
    for person in (neighbour, foreign_officer, department_handler, partner_contact):
        assert not sees(person, ticket), person


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR])
def test_an_administrator_sees_no_case_by_the_role_and_those_of_a_post_as_everybody_else(ticket, role, tree):
    keeper = UserFactory(role=role)
    assert not sees(keeper, ticket)
    AssignmentFactory(user=keeper, area=tree["005"], duty=Duty.COMMUNITY_OFFICER)
    assert sees(User.objects.get(pk=keeper.pk), ticket)


def test_a_department_sees_what_was_dispatched_to_it_and_nothing_else(
    ticket, officer, department, department_handler, partner_contact, tree
):
    other = report(officer, tree["00500101"], category=COMMUNITY)
    accept(ticket, officer, "community")
    dispatch(ticket, officer, None, department)
    assert sees(department_handler, ticket)
    assert not sees(department_handler, other)
    assert not sees(partner_contact, ticket)


def test_a_leader_of_the_handling_office_sees_figures_only(ticket, officer, department, leader_view):
    leader_view.organisation = department
    leader_view.save()
    accept(ticket, officer, "community")
    dispatch(ticket, officer, None, department)
    assert not sees(leader_view, ticket)


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR])
def test_an_administrator_of_the_handling_office_sees_nothing_by_it_and_is_not_told(
    ticket, officer, department, role
):
    keeper = UserFactory(role=role, organisation=department)
    accept(ticket, officer, "community")
    dispatch(ticket, officer, None, department)
    assert not sees(keeper, ticket)
    assert keeper not in User.objects.acting_for([department.pk])


def test_the_reporter_keeps_sight_of_a_report_from_another_grid(micro_grid_worker, tree):
    elsewhere = report(micro_grid_worker, tree["00500201"])
    assert sees(micro_grid_worker, elsewhere)


def test_a_secret_case_is_for_the_named_the_reporter_the_handler_and_the_secretary(
    tree, officer, secretary, grid_leader, grid_worker, subdistrict_admin, system_admin, foreign_officer
):
    secret = report(officer, tree["00500101"], is_secret=True)
    assert sees(officer, secret)
    assert sees(secretary, secret)
    for person in (grid_leader, grid_worker, subdistrict_admin, system_admin, foreign_officer):
        assert not sees(person, secret), person
    CasePerson.objects.create(case=secret, user=grid_leader, kind="named")
    assert sees(grid_leader, secret)
    CasePerson.objects.create(case=secret, user=grid_worker, kind="watcher")
    assert not sees(grid_worker, secret)


def test_watching_gives_no_sight(ticket, neighbour):
    CasePerson.objects.create(case=ticket, user=neighbour, kind="watcher")
    assert not sees(neighbour, ticket)


def test_a_person_who_left_the_post_sees_nothing(ticket, grid_leader, django_user_model):
    post = grid_leader.assignments.get()
    post.to_on = post.from_on
    post.save()
    assert not sees(django_user_model.objects.get(pk=grid_leader.pk), ticket)


def test_a_case_is_seen_once_though_many_reasons_hold(ticket, officer):
    CasePerson.objects.create(case=ticket, user=officer, kind="named")
    CasePerson.objects.create(case=ticket, user=officer, kind="watcher")
    assert Ticket.objects.visible_to(officer).filter(pk=ticket.pk).count() == 1
