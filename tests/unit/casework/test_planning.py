"""Escalation of lateness, each step once, planned in the database; audiences equal the rules of scope and posts."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone

from casework import planning, robot_lists
from casework.audiences import people_sql, somebody_sql
from casework.choices import Audience
from casework.models import CasePerson, Deadline, EscalationStep, InboxItem, Reminder, Suspension
from casework.planning import sweep, sweep_deadlines
from casework.reminders import deliver_all, sentence
from casework.tasks import RulesFailed, sweep_reminders
from grids.choices import Duty
from grids.posts import holders
from tests.factories.accounts import UserFactory
from tests.factories.bulk import copy_case
from tests.factories.grids import AssignmentFactory
from tests.factories.measures import supervise
from tests.factories.requests import accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def at(day, hour=10, minute=0, month=2):
    return datetime(2023, month, day, hour, minute, tzinfo=ZONE)


MONDAY = at(20)
# Who hears as soon as the limit is passed, and how many workdays it is late then.
ON_THE_DAY = [("李长", 0), ("王工", 0), ("赵专干", 0)]


@pytest.fixture
def late(micro_grid_worker, officer, secretary, grid_leader, grid_worker, subdistrict_admin, tree):
    """Due on Monday 27 February 2023 at 18:00, signed by nobody."""
    ticket = report(micro_grid_worker, tree["00500101"], category="dispute", now=MONDAY)
    accept(ticket, officer, "grid", now=MONDAY)
    dispatch(ticket, officer, grid_worker, now=MONDAY)
    Reminder.objects.all().delete()
    Deadline.objects.filter(step="sign").delete()
    return ticket


def told(rule="late"):
    rows = Reminder.objects.filter(rule=rule).order_by("pk").values_list("recipient__name", "facts__days")
    return sorted(rows)


def test_nothing_is_told_before_it_is_due_soon(late):
    assert sweep_deadlines(now=at(24, 8, 29)) == 0


def test_due_soon_is_told_to_handler_and_leader_once(late):
    sweep_deadlines(now=at(24, 8, 31))
    sweep_deadlines(now=at(24, 9))
    assert told("due_soon") == [("李长", -1), ("王工", -1)]


def test_lateness_climbs_day_by_day_and_tells_each_step_once(late):
    for day, month in ((27, 2), (28, 2), (1, 3), (2, 3), (3, 3), (6, 3), (7, 3), (8, 3), (9, 3)):
        for hour in (8, 12, 19):
            sweep_deadlines(now=at(day, hour, 45, month))
        expected = {
            (28, 2): ON_THE_DAY,
            (1, 3): ON_THE_DAY,
            (2, 3): [("孙书记", 3), *ON_THE_DAY],
            (6, 3): [("孙书记", 3), *ON_THE_DAY],
            (7, 3): [("周街道", 6), ("孙书记", 3), *ON_THE_DAY],
            (9, 3): [("周街道", 6), ("孙书记", 3), *ON_THE_DAY],
        }.get((day, month))
        if expected:
            assert told() == sorted(expected), (day, month)


def test_a_system_that_slept_for_weeks_tells_every_step_at_once(late):
    sweep_deadlines(now=at(3, month=4))
    assert told() == [("周街道", 6), ("孙书记", 3), *ON_THE_DAY]


def test_an_extended_limit_is_told_anew(late):
    sweep_deadlines(now=at(28))
    row = Deadline.objects.get(step="handle")
    row.due_at, row.told = at(2, 18, month=3), Deadline.NOTHING_TOLD
    row.save()
    sweep_deadlines(now=at(1, month=3))
    assert told() == ON_THE_DAY
    sweep_deadlines(now=at(3, month=3))
    assert told() == sorted(ON_THE_DAY * 2)


def test_suspended_and_ended_limits_tell_nothing(late):
    Deadline.objects.update(paused_at=MONDAY)
    assert sweep_deadlines(now=at(3, month=4)) == 0
    Deadline.objects.update(paused_at=None, ended_at=MONDAY, result="met")
    assert sweep_deadlines(now=at(3, month=4)) == 0


def test_batches_reach_everything(late, monkeypatch, micro_grid_worker, officer, grid_worker, tree):
    monkeypatch.setattr(planning, "BATCH", 2)
    for _n in range(4):
        ticket = report(micro_grid_worker, tree["00500101"], category="dispute", now=MONDAY)
        accept(ticket, officer, "grid", now=MONDAY)
        dispatch(ticket, officer, grid_worker, now=MONDAY)
    Deadline.objects.filter(step="sign").delete()
    sweep_deadlines(now=at(28))
    assert len(told()) == 15


def test_the_line_in_the_inbox_says_step_and_days(late, secretary):
    sweep(now=at(3, month=4))
    deliver_all(now=timezone.now())
    item = InboxItem.objects.get(recipient=secretary, rule="late")
    assert late.number in sentence(item)
    assert "3" in sentence(item)


@pytest.fixture
def broken(monkeypatch):
    """A rule that writes a reminder and fails, before all others."""

    def fails(now):
        planning.plan([Reminder(dedupe_key="half", rule="late", recipient_id=1, planned_at=now)])
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(planning, "_rules", {"broken": transaction.atomic(fails), **planning._rules})


def test_a_rule_that_fails_stops_no_other_and_is_named(late, broken, caplog, subdistrict_admin, secretary):
    Suspension.objects.create(
        case_id=late.pk, asked_by=secretary, asked_at=MONDAY, reason="等待", review_on=at(21).date(),
        state="approved",
    )  # fmt: skip
    swept = sweep(now=at(28))
    assert (swept.failed, swept.planned) == (("broken",), 5)
    assert sorted(set(Reminder.objects.values_list("rule", flat=True))) == ["late", "suspension_review"]
    assert "broken" in caplog.text
    assert "division by zero" in caplog.text


def test_an_escalation_step_that_fails_stops_no_other(late):
    EscalationStep.objects.create(kind="ticket", step="first_contact", after_workdays=5, tell="nobody")
    swept = sweep(now=at(28))
    assert swept.failed == ("ticket first_contact +5",)
    assert told() == ON_THE_DAY


def test_the_task_delivers_before_it_reports_the_rule_that_failed(late, broken, grid_worker):
    Deadline.objects.filter(step="handle").update(due_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(RulesFailed, match="broken"):
        sweep_reminders()
    assert InboxItem.objects.filter(recipient=grid_worker, rule="late").exists()


@pytest.fixture
def everybody(officer, secretary, grid_leader, subdistrict_admin):
    """The desks of every level."""


def names_of(step):
    rows = Reminder.objects.filter(facts__step=step)
    return sorted({(name, days) for name, days in rows.values_list("recipient__name", "facts__days")})


@pytest.mark.usefixtures("everybody")
@pytest.mark.parametrize(
    ("level", "soon", "late"),
    [
        ("grid", ["李长"], ["李长", "赵专干"]),
        ("community", ["李长", "赵专干"], ["李长", "赵专干"]),
        ("subdistrict", ["周街道", "李长"], ["周街道", "李长", "赵专干"]),
        ("district", ["周街道", "李长"], ["周街道", "李长", "赵专干"]),
    ],
)
def test_what_waits_to_be_dispatched_reaches_the_desk_of_its_level(
    level, soon, late, micro_grid_worker, officer, tree
):
    ticket = report(micro_grid_worker, tree["00500101"], category="dispute", now=MONDAY)
    ticket = accept(ticket, officer, level, now=MONDAY)
    sweep_deadlines(now=ticket.due_at - timedelta(hours=1))
    assert [name for name, days in names_of("handle") if days == -1] == soon
    sweep_deadlines(now=ticket.due_at + timedelta(hours=14))
    assert [name for name, days in names_of("handle") if days == 0] == late


@pytest.mark.usefixtures("everybody")
@pytest.mark.parametrize(
    ("level", "desk"), [("grid", "李长"), ("community", "赵专干"), ("subdistrict", "周街道")]
)
def test_a_review_and_a_first_contact_nobody_makes_reach_the_desk_of_the_level(
    level, desk, micro_grid_worker, officer, subdistrict_admin, grid_worker, tree
):
    ticket = report(
        micro_grid_worker, tree["00500101"], category="dispute", now=MONDAY, caller_phone="09310000000"
    )
    accept(ticket, officer, level, now=MONDAY)
    sweep_deadlines(now=MONDAY + timedelta(hours=25))
    assert names_of("first_contact") == [(desk, 0)]
    dispatch(ticket, subdistrict_admin, grid_worker, now=MONDAY)
    take(ticket, "sign", grid_worker, now=MONDAY)
    finish(ticket, grid_worker, now=MONDAY)
    sweep_deadlines(now=at(24))
    assert (desk, 0) in names_of("review")


@pytest.mark.usefixtures("everybody")
def test_a_limit_that_would_reach_nobody_reaches_the_desk_and_those_above(late, department):
    """A department without staff is to sign; told once, and nobody else hears when there is somebody."""
    type(late).objects.filter(pk=late.pk).update(handler_user=None, handler_org=department)
    EscalationStep.objects.filter(step="handle").exclude(tell="handler").delete()
    sweep_deadlines(now=at(28))
    assert told() == [("周街道", 0), ("孙书记", 0), ("李长", 0), ("赵专干", 0)]
    assert sweep_deadlines(now=at(1, month=3)) == 0


def test_a_limit_that_reaches_its_handler_reaches_no_desk_beside(late):
    EscalationStep.objects.filter(step="handle").exclude(tell="handler").delete()
    sweep_deadlines(now=at(28))
    assert told() == [("王工", 0)]


def test_robots_that_cannot_be_planned_stop_nothing_else(late, grid_worker, monkeypatch):
    Deadline.objects.filter(step="handle").update(due_at=timezone.now() - timedelta(minutes=1))
    monkeypatch.setattr(robot_lists, "LATE", "SELECT nothing")
    monkeypatch.setattr(robot_lists, "URGENT", "SELECT nothing")
    with pytest.raises(RulesFailed, match="group robots"):
        sweep_reminders()
    assert InboxItem.objects.filter(recipient=grid_worker, rule="late").exists()


def people(ticket, *tell):
    people = f"CROSS JOIN LATERAL ({people_sql(tell)}) person (id)"
    sql = f"SELECT person.id FROM casework_case c {people} WHERE c.id = %(case)s"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"case": ticket.pk, "today": timezone.localdate()})
        return sorted(pk for (pk,) in cursor.fetchall())


DUTIES = {
    Audience.GRID_LEADER: Duty.GRID_LEADER,
    Audience.COMMUNITY_OFFICER: Duty.COMMUNITY_OFFICER,
    Audience.COMMUNITY_SECRETARY: Duty.COMMUNITY_SECRETARY,
    Audience.SUBDISTRICT_ADMIN: Duty.SUBDISTRICT_ADMIN,
}


@pytest.mark.usefixtures("foreign_officer", "neighbour")
@pytest.mark.parametrize("audience", DUTIES)
def test_an_audience_is_who_holds_the_duty_over_the_place(late, audience, tree):
    yesterday = timezone.localdate() - timedelta(days=1)
    gone = UserFactory(name="前任", is_active=False)
    for user, more in (
        (gone, {}),
        (UserFactory(name="已卸任"), {"to_on": yesterday}),
        (UserFactory(name="副职"), {"is_deputy": True}),
    ):
        AssignmentFactory(
            user=user,
            area=tree["005"],
            duty=DUTIES[audience],
            is_deputy=True,
            **{k: v for k, v in more.items() if k != "is_deputy"},
        )
    assert people(late, audience) == sorted(holders((DUTIES[audience],), late.path))


def test_a_secret_case_is_told_only_to_who_may_see_it(late, grid_leader, secretary, officer, grid_worker):
    type(late).objects.filter(pk=late.pk).update(is_secret=True)
    assert people(late, Audience.GRID_LEADER, Audience.COMMUNITY_OFFICER) == []
    assert people(late, Audience.COMMUNITY_SECRETARY) == [secretary.pk]
    assert people(late, Audience.HANDLER) == [grid_worker.pk]
    CasePerson.objects.create(case_id=late.pk, user=officer, kind="named")
    assert people(late, Audience.GRID_LEADER, Audience.COMMUNITY_OFFICER) == [officer.pk]


@pytest.mark.parametrize(
    ("level", "audience"),
    [
        ("grid", Audience.GRID_LEADER),
        ("community", Audience.COMMUNITY_OFFICER),
        ("subdistrict", Audience.SUBDISTRICT_ADMIN),
        ("district", Audience.SUBDISTRICT_ADMIN),
    ],
)
def test_the_desk_is_who_holds_the_duty_of_the_level(late, level, audience):
    type(late).objects.filter(pk=late.pk).update(handling_level=level)
    assert people(late, Audience.DESK) == people(late, audience) != []


def test_the_leader_of_a_sheet_hears_while_it_stands_and_may_see_the_case(late, secretary, officer):
    supervise(late, secretary, officer, now=MONDAY)
    assert people(late, Audience.SHEET_LEADER) == [officer.pk]
    type(late).objects.filter(pk=late.pk).update(is_secret=True)
    assert people(late, Audience.SHEET_LEADER) == []
    type(late).objects.filter(pk=late.pk).update(is_secret=False)
    take(late, "lift_supervision", secretary, answer="已整改")
    assert people(late, Audience.SHEET_LEADER) == []


def test_an_unknown_audience_is_refused():
    with pytest.raises(ValueError, match="everybody"):
        people_sql(["everybody"])


@pytest.mark.parametrize("after", [-1, 0, 3])
def test_the_sweep_uses_indexes_only(late, after):
    """Among thousands of limits that run, a batch finds by the partial indexes what was not told yet."""
    copy_case(late, 4000)
    Deadline.objects.exclude(case=late).update(told=6)
    sql = planning.ESCALATE.format(
        condition=planning.CONDITIONS["due_soon" if after < 0 else "late"],
        insert=planning.INSERT.format(people=somebody_sql([Audience.HANDLER, Audience.DESK])),
    )
    params = {
        "kind": "ticket", "step": "handle", "after": after, "before": list(range(-2, after)), "threshold": at(24, 9),
        "batch": 5000, "rule": "late", "now": at(28), "today": at(28).date(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE casework_deadline")
        cursor.execute("EXPLAIN " + sql, params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    # The tables filled above; what holds a row or none is read faster as a whole.
    assert re.findall(r"Seq Scan on (casework_case|casework_deadline)\b", plan) == []
    assert "casework_deadline_" in plan
