"""Who reported a ticket hears that it was accepted, how it ended, or why it was not accepted; once each."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from accounts.choices import Role
from casework.choices import Channel, Mode, Topic
from casework.models import CasePerson, Message, Preference, Reminder
from casework.outbox import send_due
from casework.photos import stage_photo
from casework.reminders import deliver_all, sentence
from casework.services import set_watch
from grids.choices import Duty
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory
from tests.factories.requests import accept, dispatch, finish, picture, report, take
from tests.servers import smtp_server

pytestmark = pytest.mark.django_db
NOW = datetime(2023, 2, 21, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
RULES = "report_"


@pytest.fixture
def ticket(micro_grid_worker, tree):
    return report(micro_grid_worker, tree["00500101"], now=NOW)


@pytest.fixture
def other_reporter(tree):
    """Who works in another micro-grid and sees nothing of this one."""
    person = UserFactory(username="other", name="何微", role=Role.MICRO_GRID_WORKER)
    AssignmentFactory(user=person, area=tree["00500201"], duty=Duty.MICRO_GRID_WORKER)
    return person


def told(person):
    """By rule and ticket what the person heard of what they reported."""
    rows = Reminder.objects.filter(recipient=person, rule__startswith=RULES).order_by("pk")
    return list(rows.values_list("rule", "case__number"))


def said(person, inbox_of):
    lines = {item.rule: sentence(item) for item in inbox_of(person) if item.rule.startswith(RULES)}
    return [lines[rule] for rule in sorted(lines)]


def handled(ticket, officer, worker):
    """The ticket, handled and waiting for its review."""
    accept(ticket, officer, now=NOW)
    dispatch(ticket, officer, worker, now=NOW)
    take(ticket, "sign", worker, now=NOW)
    return finish(ticket, worker, now=NOW)


def test_the_reporter_hears_of_acceptance_and_of_the_end_once_each(
    ticket, officer, grid_worker, micro_grid_worker, inbox_of
):
    handled(ticket, officer, grid_worker)
    assert told(micro_grid_worker) == [("report_accepted", ticket.number)]
    take(ticket, "pass_review", officer, now=NOW)
    assert told(micro_grid_worker)[1:] == [("report_ended", ticket.number)]
    accepted, ended = said(micro_grid_worker, inbox_of)
    assert f"您上报的 {ticket.number} 已受理" in accepted
    assert "2023" in accepted
    assert f"您上报的 {ticket.number} 已办结" in ended


def test_the_reporter_hears_why_it_was_not_accepted(ticket, officer, micro_grid_worker, inbox_of):
    take(ticket, "decline", officer, decline_reason="in_court", told_how="已电话说明", now=NOW)
    (line,) = said(micro_grid_worker, inbox_of)
    assert f"您上报的 {ticket.number} 不予受理" in line
    assert "法院" in line or "诉讼" in line


@pytest.mark.parametrize("verb", ["merge", "cancel"])
def test_the_reporter_hears_that_it_was_merged_or_cancelled(
    verb, ticket, officer, micro_grid_worker, grid_worker, tree
):
    main = report(grid_worker, tree["00500101"], now=NOW)
    data = {"merge": {"main_ticket": main}, "cancel": {"reason": "误报"}}[verb]
    take(ticket, verb, officer, now=NOW, **data)
    rule = {"merge": "report_merged", "cancel": "report_cancelled"}[verb]
    assert told(micro_grid_worker) == [(rule, ticket.number)]


def test_whoever_reported_what_was_merged_hears_of_the_end_about_their_own_ticket(
    officer, micro_grid_worker, other_reporter, grid_worker, tree, inbox_of, ticket
):
    merged = report(other_reporter, tree["00500201"], now=NOW)
    take(merged, "merge", officer, main_ticket=ticket, now=NOW)
    handled(ticket, officer, grid_worker)
    take(ticket, "pass_review", officer, now=NOW)
    assert told(other_reporter) == [
        ("report_merged", merged.number),
        ("report_ended_with_main", merged.number),
    ]
    assert f"您上报的 {merged.number} 已随 {ticket.number} 一并办结" in said(other_reporter, inbox_of)[0]


def test_whoever_reported_both_hears_of_the_end_once(officer, micro_grid_worker, grid_worker, tree, ticket):
    merged = report(micro_grid_worker, tree["00500101"], now=NOW)
    take(merged, "merge", officer, main_ticket=ticket, now=NOW)
    handled(ticket, officer, grid_worker)
    take(ticket, "pass_review", officer, now=NOW)
    assert told(micro_grid_worker)[-1] == ("report_ended", ticket.number)
    assert "report_ended_with_main" not in dict(told(micro_grid_worker))


def test_nobody_hears_of_what_they_did_themselves(officer, grid_leader, tree, no_sample):
    own = report(officer, tree["00500101"], now=NOW)
    accept(own, officer, now=NOW)
    assert told(officer) == []
    on_the_spot = report(grid_leader, tree["00500101"], now=NOW)
    photos = [stage_photo(owner=grid_leader, upload=picture())]
    ended = take(on_the_spot, "settle_on_spot", grid_leader, result="当场修好", photos=photos, now=NOW)
    assert (ended.status, told(grid_leader)) == ("closed", [])


def test_a_reporter_who_watches_hears_of_a_step_once(ticket, officer, micro_grid_worker):
    set_watch(case=ticket, user=micro_grid_worker, watching=True)
    accept(ticket, officer, now=NOW)
    assert Reminder.objects.filter(recipient=micro_grid_worker).count() == 1


def test_of_a_secret_ticket_the_reporter_hears_and_nobody_else_by_this(officer, secretary, tree):
    secret = report(officer, tree["00500101"], is_secret=True, now=NOW)
    take(secret, "decline", secretary, decline_reason="no_facts", told_how="已说明", now=NOW)
    assert told(officer) == [("report_declined", secret.number)]
    assert not Reminder.objects.filter(rule__startswith=RULES).exclude(recipient=officer).exists()


@pytest.mark.parametrize(("mode", "letters"), [(Mode.OFF, 0), (Mode.AT_ONCE, 1)])
def test_a_mail_comes_only_to_who_chose_so(mode, letters, ticket, officer, micro_grid_worker, settings):
    type(micro_grid_worker).objects.filter(pk=micro_grid_worker.pk).update(email="micro@example.org")
    Preference.objects.create(user=micro_grid_worker, topic=Topic.TURN, channel=Channel.EMAIL, mode=mode)
    accept(ticket, officer, now=NOW)
    deliver_all(now=NOW)
    with smtp_server() as mail:
        for name, value in mail.settings.items():
            setattr(settings, name, value)
        send_due("email", now=NOW)
    assert [letter["To"] for letter in mail.letters] == ["micro@example.org"] * letters


def test_what_is_merged_into_a_ticket_in_handling_is_told_to_its_handler_and_watchers_once(
    ticket, officer, secretary, grid_worker, neighbour, tree, inbox_of
):
    accept(ticket, officer, now=NOW)
    dispatch(ticket, officer, grid_worker, now=NOW)
    take(ticket, "sign", grid_worker, now=NOW)
    CasePerson.objects.create(case=ticket, user=secretary, kind="watcher")
    CasePerson.objects.create(case=ticket, user=grid_worker, kind="watcher")
    CasePerson.objects.create(case=ticket, user=officer, kind="watcher")
    Reminder.objects.all().delete()
    merged = report(neighbour, tree["00500201"], now=NOW)
    Reminder.objects.all().delete()
    take(merged, "merge", officer, main_ticket=ticket, now=NOW)
    rows = Reminder.objects.filter(case=ticket.pk).values_list("recipient__username", flat=True)
    assert sorted(rows) == ["secretary", "worker"]
    (item,) = [item for item in inbox_of(grid_worker) if item.case_id == ticket.pk]
    assert f"将{merged.number}并入" in sentence(item)
    assert not Message.objects.filter(recipient=officer).exists()
