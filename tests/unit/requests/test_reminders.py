"""Reminders: the late handler hears once, also when the sweep runs twice or Redis was emptied in between."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from casework.models import Deadline, InboxItem, Reminder
from casework.planning import sweep
from casework.reminders import LEASE, MAX_ATTEMPTS, claim, deliver, deliver_all, sentence
from casework.tasks import sweep_reminders
from tests.factories.accounts import UserFactory
from tests.factories.measures import at, signed
from tests.factories.requests import COMMUNITY, accept, dispatch, due, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def unsigned(micro_grid_worker, grid_leader, grid_worker, tree):
    ticket = report(micro_grid_worker, tree["00500101"])
    accept(ticket, grid_leader)
    return dispatch(ticket, grid_leader, grid_worker)


def rules(user):
    return sorted(InboxItem.objects.visible_to(user).exclude(rule="news").values_list("rule", flat=True))


def run(now):
    sweep(now=now)
    deliver_all(now=now)


def test_before_the_limit_nobody_hears(unsigned, grid_worker):
    run(due(unsigned, "sign"))
    assert "late" not in rules(grid_worker)


@pytest.fixture
def desks(officer, grid_leader, secretary, subdistrict_admin):
    """By name who heard that the ticket is not signed for."""

    def heard():
        return [user.name for user in (grid_leader, officer, subdistrict_admin) if "unsigned" in rules(user)]

    return heard


def test_an_unsigned_ticket_reaches_its_handler_and_half_as_much_office_time_later_the_desks(
    micro_grid_worker, grid_leader, grid_worker, tree, desks
):
    """Two office hours from Friday 16:59 end on Monday at 09:29; the weekend is no time to sign."""
    friday = at(3, 16, 59)
    ticket = accept(report(micro_grid_worker, tree["00500101"], now=friday), grid_leader, now=friday)
    dispatch(ticket, grid_leader, grid_worker, now=friday)
    run(at(6, 9, 30))
    assert (rules(grid_worker), desks()) == (["late"], [])
    run(at(6, 10, 29))
    assert desks() == []
    for _time in range(2):
        run(at(6, 10, 30))
    assert (rules(grid_worker), desks()) == (["late"], ["李长", "赵专干"])


@pytest.mark.parametrize(
    ("level", "told"), [("community", ["赵专干"]), ("subdistrict", ["周街道"]), ("district", ["周街道"])]
)
def test_an_unsigned_ticket_is_told_to_the_desk_of_its_level(
    level, told, micro_grid_worker, officer, subdistrict_admin, grid_worker, tree, desks
):
    ticket = report(micro_grid_worker, tree["00500101"], now=at(6))
    accept(ticket, officer, level, now=at(6))
    dispatch(ticket, subdistrict_admin, grid_worker, now=at(6))
    run(at(6, 18))
    assert desks() == told


def test_a_signed_ticket_raises_no_reminder(unsigned, grid_worker):
    late = due(unsigned, "sign") + timedelta(minutes=5)
    take(unsigned, "sign", grid_worker)
    run(late)
    assert rules(grid_worker) == []


def test_an_overdue_ticket_reaches_everyone_of_the_handling_department(
    micro_grid_worker, officer, department, department_handler, tree
):
    colleague = UserFactory(organisation=department, role="department_handler")
    gone = UserFactory(organisation=department, role="department_handler", is_active=False)
    ticket = report(micro_grid_worker, tree["00500101"], category=COMMUNITY)
    accept(ticket, officer, "community")
    dispatch(ticket, officer, None, department)
    ticket = take(ticket, "sign", department_handler)
    run(ticket.due_at + timedelta(seconds=1))
    assert rules(department_handler) == rules(colleague) == ["late"]
    assert rules(gone) == []


def test_sweeping_twice_tells_once(unsigned, grid_worker):
    late = due(unsigned, "sign") + timedelta(minutes=5)
    for _time in range(3):
        run(late)
    assert rules(grid_worker) == ["late"]


def test_with_redis_emptied_between_planning_and_delivery_nothing_is_lost_or_doubled(unsigned, grid_worker):
    Deadline.objects.filter(step="sign").update(due_at=timezone.now() - timedelta(minutes=1))
    sweep(now=timezone.now())
    cache.clear()
    sweep_reminders()
    cache.clear()
    sweep_reminders()
    assert rules(grid_worker) == ["late"]


def test_a_dispatch_after_being_sent_back_is_reminded_anew(unsigned, grid_leader, grid_worker):
    run(due(unsigned, "sign") + timedelta(minutes=1))
    take(unsigned, "send_back", grid_worker, reason="不属于本网格")
    again = dispatch(unsigned, grid_leader, grid_worker)
    run(due(again, "sign") + timedelta(minutes=1))
    assert rules(grid_worker) == ["late", "late"]


def test_a_claim_is_not_taken_twice_until_its_lease_is_over(unsigned):
    now = due(unsigned, "sign") + timedelta(minutes=1)
    deliver_all(now=now)
    sweep(now=now)
    first = claim(now=now)
    assert len(first) == 1
    assert claim(now=now) == []
    assert claim(now=now + LEASE + timedelta(seconds=1)) == first


def test_delivering_the_same_claim_twice_fills_the_inbox_once(unsigned, grid_worker):
    now = due(unsigned, "sign") + timedelta(minutes=1)
    deliver_all(now=now)
    sweep(now=now)
    ids = claim(now=now)
    assert deliver(ids=ids, now=now) == 1
    assert deliver(ids=ids, now=now) == 0
    assert rules(grid_worker) == ["late"]


def test_a_reminder_that_kills_its_worker_each_time_is_given_up(unsigned):
    now = due(unsigned, "sign") + timedelta(minutes=1)
    deliver_all(now=now)
    sweep(now=now)
    for attempt in range(MAX_ATTEMPTS):
        assert len(claim(now=now)) == 1, attempt
        now += LEASE + timedelta(seconds=1)
    assert claim(now=now) == []
    row = Reminder.objects.get(rule="late")
    assert row.state == "dead"
    assert row.last_error


def test_the_next_to_act_hears_of_a_step_and_the_actor_does_not(unsigned, grid_worker, grid_leader, inbox_of):
    assert [i.facts["verb"] for i in inbox_of(grid_worker)] == ["dispatch"]
    assert [i.facts["verb"] for i in inbox_of(grid_leader)] == ["report"]


def test_news_of_a_secret_case_reach_only_who_may_see_it(officer, secretary, grid_leader, tree, inbox_of):
    report(officer, tree["00500101"], is_secret=True)
    assert inbox_of(grid_leader) == []


def test_an_entry_of_a_case_one_no_longer_sees_is_gone_from_the_inbox(
    micro_grid_worker, officer, department, department_handler, tree, inbox_of
):
    ticket = report(micro_grid_worker, tree["00500101"], category=COMMUNITY)
    accept(ticket, officer, "community")
    dispatch(ticket, officer, None, department)
    assert len(inbox_of(department_handler)) == 1
    take(ticket, "send_back", department_handler, reason="不属于本单位")
    assert inbox_of(department_handler) == []


def test_an_inbox_line_holds_no_personal_data(micro_grid_worker, grid_leader, tree, inbox_of):
    report(micro_grid_worker, tree["00500101"], caller_name="钱多多", caller_phone="09310000000")
    (item,) = inbox_of(grid_leader)
    assert "钱" not in sentence(item)
    assert "0931" not in sentence(item)
    assert timezone.now() - item.created_at < timedelta(minutes=5)


def test_the_words_of_lateness_fit_the_moment_they_are_dated(tree, officer, grid_worker, secretary):
    """Due on Friday 10 March: the secretary's step is the third workday; found only on the fifth, it says five."""
    signed(tree["00500101"], officer, grid_worker, now=at(1))
    run(at(17, 9))
    item = InboxItem.objects.get(recipient=secretary, rule="late", facts__step="handle")
    for dated, words in ((at(10, 18), ""), (at(15, 8, 30), "3"), (at(17, 9), "5")):
        item.created_at = dated
        said = sentence(item)
        assert words in said
        assert ("个工作日" in said) == bool(words)
