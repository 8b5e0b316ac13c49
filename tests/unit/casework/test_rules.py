"""What every kind of case is reminded of beside its limits: who, when, once, and not after the end."""

from datetime import timedelta

import pytest

from accounts.choices import Role
from casework.models import InboxItem, Reminder
from casework.planning import sweep
from casework.reminders import deliver_all, sentence
from casework.rules import extension_waits, supervision_late, suspension_review, whistle_late
from grids.choices import Duty
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory
from tests.factories.measures import at, extend, propose_suspension, signed, supervise, suspend, whistle
from tests.factories.requests import accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(tree, officer, grid_worker, secretary, grid_leader, subdistrict_admin, foreign_officer):
    """Signed for on Wednesday 1 March at community level; to be handled by Friday the 10th."""
    return signed(tree["00500101"], officer, grid_worker, now=at(1))


def told(rule, function, now):
    """By name who is told now, in two runs, each person once."""
    before = set(Reminder.objects.filter(rule=rule).values_list("pk", flat=True))
    function(now)
    function(now + timedelta(minutes=1))
    new = Reminder.objects.filter(rule=rule).exclude(pk__in=before)
    return sorted(new.values_list("recipient__name", flat=True))


def test_a_suspension_is_looked_at_again_a_workday_before_and_on_its_day(ticket, officer, secretary):
    """Its review day is Sunday the 12th; the workday before is Friday the 10th."""
    suspend(ticket, officer, secretary, days=10, now=at(2))
    assert told("suspension_review", suspension_review, at(9, 23)) == []
    assert told("suspension_review", suspension_review, at(10, 0, 1)) == ["孙书记", "赵专干"]
    assert told("suspension_review", suspension_review, at(11, 23)) == []
    assert told("suspension_review", suspension_review, at(12, 0, 1)) == ["孙书记", "赵专干"]
    assert told("suspension_review", suspension_review, at(14)) == []


def test_a_suspension_that_was_not_granted_or_has_ended_is_not_looked_at(ticket, officer, secretary):
    propose_suspension(ticket, officer, days=10, now=at(2))
    assert told("suspension_review", suspension_review, at(13)) == []
    take(ticket, "suspend", secretary, now=at(3))
    take(ticket, "resume", officer, now=at(10))
    assert told("suspension_review", suspension_review, at(13)) == []


def test_an_extension_waits_for_the_secretary_from_a_workday_before_the_limit(ticket, grid_worker):
    extend(ticket, grid_worker, now=at(2))
    assert told("extension_waits", extension_waits, at(8, 23)) == []
    assert told("extension_waits", extension_waits, at(9, 0, 1)) == ["孙书记"]
    assert told("extension_waits", extension_waits, at(10)) == []


def test_a_second_extension_waits_for_the_subdistrict(ticket, grid_worker, secretary):
    extend(ticket, grid_worker, now=at(2))
    take(ticket, "approve_extension", secretary, now=at(2))
    extend(ticket, grid_worker, now=at(3))
    assert told("extension_waits", extension_waits, at(15)) == ["周街道"]


@pytest.mark.parametrize("level", ["subdistrict", "district"])
def test_above_the_community_the_first_extension_waits_for_the_subdistrict(
    level, tree, officer, grid_worker, secretary, subdistrict_admin
):
    ticket = report(officer, tree["00500101"], category="dispute", now=at(1))
    accept(ticket, officer, level, now=at(1))
    dispatch(ticket, subdistrict_admin, grid_worker, now=at(1))
    take(ticket, "sign", grid_worker, now=at(1))
    extend(ticket, grid_worker, now=at(2))
    assert told("extension_waits", extension_waits, at(22)) == ["周街道"]


def test_an_extension_that_was_decided_waits_for_nobody(ticket, grid_worker, secretary):
    extend(ticket, grid_worker, now=at(2))
    take(ticket, "refuse_extension", secretary, reason="尽快办理", now=at(2))
    assert told("extension_waits", extension_waits, at(10)) == []


def test_a_late_answer_to_a_supervision_reaches_the_leader_named_on_it(ticket, secretary, tree):
    leader = UserFactory(name="冯包片", role=Role.COMMUNITY_OFFICER)
    AssignmentFactory(user=leader, area=tree["005"], duty=Duty.COMMUNITY_OFFICER, is_deputy=True)
    supervise(ticket, secretary, leader, days=5, now=at(2))
    assert told("supervision_late", supervision_late, at(7, 9, 59)) == []
    everybody = ["冯包片", "周街道", "孙书记", "王工"]
    assert told("supervision_late", supervision_late, at(7, 10, 1)) == everybody
    assert told("supervision_late", supervision_late, at(9)) == []


def test_a_supervision_that_was_lifted_is_not_late(ticket, secretary, officer):
    supervise(ticket, secretary, officer, days=5, now=at(2))
    take(ticket, "lift_supervision", secretary, answer="已整改", now=at(6))
    assert told("supervision_late", supervision_late, at(9)) == []


def test_a_department_that_has_not_reported_in_is_told_to_secretary_and_subdistrict(
    ticket, secretary, department
):
    whistle(ticket, secretary, department, hours=4, now=at(2))
    assert told("whistle_late", whistle_late, at(2, 13, 59)) == []
    assert told("whistle_late", whistle_late, at(2, 14, 1)) == ["周街道", "孙书记"]
    assert told("whistle_late", whistle_late, at(3)) == []
    deliver_all(now=at(3))
    assert department.name in sentence(InboxItem.objects.get(recipient=secretary, rule="whistle_late"))


def test_a_department_that_reported_in_is_not_late(ticket, secretary, department, department_handler):
    whistle(ticket, secretary, department, hours=4, now=at(2))
    take(ticket, "report_in", department_handler, now=at(2, 15))
    assert told("whistle_late", whistle_late, at(3)) == []


def test_a_call_to_a_closed_ticket_is_told_to_nobody(ticket, secretary, department, grid_worker, officer):
    whistle(ticket, secretary, department, hours=72, now=at(2))
    finish(ticket, grid_worker, now=at(3))
    take(ticket, "pass_review", officer, now=at(3))
    assert told("whistle_late", whistle_late, at(9)) == []


def test_the_sweep_knows_every_rule(ticket, officer, secretary, grid_worker, department):
    """Registered, not only written."""
    extend(ticket, grid_worker, now=at(2))
    supervise(ticket, secretary, officer, days=1, now=at(2))
    whistle(ticket, secretary, department, hours=4, now=at(2))
    assert sweep(now=at(13)).failed == ()
    rules = set(Reminder.objects.values_list("rule", flat=True))
    assert rules >= {"extension_waits", "supervision_late", "whistle_late", "late"}
