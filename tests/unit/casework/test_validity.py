"""What is sent is checked against the case at the moment of sending; what no longer holds is left out."""

from datetime import timedelta

import pytest

from casework.choices import Channel, Mode, Topic
from casework.deliveries import deliveries_of
from casework.models import Case, Deadline, InboxItem, Message, MessageLine, Preference, Robot
from casework.outbox import MAX_ATTEMPTS, resend, send_due
from casework.planning import OUTWARD, sweep
from casework.reminders import deliver_all
from casework.robot_lists import plan_robot_messages
from casework.services import set_watch
from tests.factories.accounts import UserFactory
from tests.factories.calendar import at
from tests.factories.grids import AssignmentFactory
from tests.factories.measures import extend, signed, supervise, suspend, whistle
from tests.factories.requests import accept, dispatch, finish, report, take
from tests.servers import http_server, json_answer, smtp_server

pytestmark = pytest.mark.django_db
# Signed on Wednesday 1 March 2023 at the community: seven workdays, due on Friday 10 March at 18:00.
BEGIN = at("2023-03-01 10:00")
DUE = at("2023-03-10 18:00")
EVENING, MORNING = at("2023-03-10 18:01"), at("2023-03-13 08:40")
NIGHT, NEXT = at("2023-03-02 22:00"), at("2023-03-03 08:00")


@pytest.fixture
def mail(settings):
    with smtp_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


@pytest.fixture
def worker(grid_worker):
    grid_worker.email = "worker@example.org"
    grid_worker.save()
    return grid_worker


@pytest.fixture
def make(tree, officer, worker, secretary):
    """Makes a ticket that its handler has signed for; nothing that was told until then counts."""

    def signed_for(now=BEGIN):
        ticket = signed(tree["00500101"], officer, worker, now=now)
        deliver_all(now=now)
        Message.objects.all().delete()
        return ticket

    return signed_for


def run(now):
    sweep(now=now)
    deliver_all(now=now)


def dropped():
    """The one message there is: what became of it, and whether it says why."""
    row = Message.objects.get()
    return row.state, bool(row.last_error)


def close(ticket, worker, officer, now):
    finish(ticket, worker, now=now)
    take(ticket, "pass_review", officer, now=now)


def give_to_another(ticket, officer, area, now):
    other = UserFactory(name="新承办")
    AssignmentFactory(user=other, area=area, duty="grid_worker", is_deputy=True)
    take(ticket, "reassign", officer, handler=(other, None), reason="调岗", now=now)


@pytest.fixture
def change(officer, secretary, worker, tree):
    """What may happen to a case between the planning of a message and its sending."""

    def do(what, ticket, now):
        if what == "closed":
            close(ticket, worker, officer, now)
        elif what == "extended":
            Deadline.objects.filter(case=ticket.pk, step="handle").update(due_at=DUE + timedelta(days=5))
        elif what == "suspended":
            suspend(ticket, officer, secretary, now=now)
        elif what == "in other hands":
            give_to_another(ticket, officer, tree["005001"], now)
        elif what == "secret":
            Case.objects.filter(pk=ticket.pk).update(is_secret=True, handler_user=None)
        elif what == "elsewhere":
            Case.objects.filter(pk=ticket.pk).update(path=tree["00600101"].code, handler_user=None)

    return do


CHANGES = ("closed", "extended", "suspended", "in other hands", "secret", "elsewhere")


@pytest.mark.parametrize("what", CHANGES)
def test_a_morning_list_planned_in_the_evening_is_not_sent_when_the_case_was_changed_at_night(
    what, make, change, mail
):
    ticket = make()
    run(EVENING)
    assert Message.objects.get().lines.count() >= 1
    change(what, ticket, EVENING + timedelta(minutes=40))
    assert send_due("email", now=MORNING) == 0
    assert (dropped(), mail.letters) == (("dropped", True), [])


def test_a_morning_list_of_what_still_holds_is_sent(make, mail):
    ticket = make()
    run(EVENING)
    assert send_due("email", now=MORNING) == 1
    assert ticket.number in mail.letters[0].get_content()


def test_an_extension_that_was_granted_in_the_evening_leaves_the_case_out(make, mail, worker, secretary):
    ticket = make()
    run(at("2023-03-10 08:50"))  # due soon since half an hour; goes into Monday's list
    extend(ticket, worker, now=at("2023-03-10 16:00"))
    take(ticket, "approve_extension", secretary, now=at("2023-03-10 18:45"))
    assert send_due("email", now=MORNING) == 0
    assert (dropped(), mail.letters) == (("dropped", True), [])


def test_of_a_morning_list_what_was_closed_is_left_out_and_the_case_does_not_count_as_told(
    make, change, mail, officer
):
    closed, late = make(), make()
    run(EVENING)
    change("closed", closed, EVENING + timedelta(minutes=39))
    assert send_due("email", now=MORNING) == 1
    (letter,) = mail.letters
    assert late.number in letter.get_content()
    assert closed.number not in letter.get_content() + letter["Subject"]
    outcomes = {
        ticket.number: {line.state for line in deliveries_of(officer, ticket).newest if not line.is_inbox}
        for ticket in (closed, late)
    }
    assert outcomes == {closed.number: {"dropped"}, late.number: {"sent"}}


def test_a_list_says_late_and_not_due_soon_of_what_fell_due_after_it_was_planned(make, mail):
    make()
    run(at("2023-03-10 08:50"))
    run(EVENING)
    assert sorted(Message.objects.get().lines.values_list("rule", flat=True)) == ["due_soon", "late"]
    assert send_due("email", now=MORNING) == 1
    assert MessageLine.objects.get(is_left_out=True).rule == "due_soon"


def test_what_was_put_back_for_a_retry_is_checked_again(make, change, mail):
    ticket = make()
    run(EVENING)
    mail.answers["DATA"] = "451 try again later"
    assert send_due("email", now=MORNING) == 0
    mail.answers.clear()
    change("closed", ticket, MORNING + timedelta(seconds=30))
    assert send_due("email", now=MORNING + timedelta(minutes=2)) == 0
    assert (dropped(), mail.letters) == (("dropped", True), [])


def test_what_an_administrator_sends_again_is_checked_again(make, change, mail):
    ticket = make()
    run(EVENING)
    Message.objects.update(state="dead", attempts=MAX_ATTEMPTS)
    change("extended", ticket, EVENING)
    resend(Message.objects.all(), now=MORNING)
    assert send_due("email", now=MORNING) == 0
    assert (dropped(), mail.letters) == (("dropped", True), [])


@pytest.fixture
def at_once(worker, officer, secretary, subdistrict_admin):
    """Everybody is written to, each matter at once and by a message of its own."""
    for person in (worker, officer, secretary, subdistrict_admin):
        person.email = f"{person.username}@example.org"
        person.save()
        for topic in Topic:
            Preference.objects.create(user=person, topic=topic, channel=Channel.EMAIL, mode=Mode.AT_ONCE)


def held():
    """By username who has a message that waits through the night."""
    rows = Message.objects.filter(state="planned", send_after=NEXT)
    return sorted(rows.values_list("recipient__username", flat=True))


@pytest.mark.usefixtures("at_once")
def test_news_held_over_the_night_are_not_sent_to_who_handles_it_no_longer(
    make, officer, worker, secretary, tree, mail
):
    ticket = make()
    take(ticket, "supervise", secretary, leader=officer, answer_by=DUE, demand="限期", now=NIGHT)
    run(NIGHT)
    assert held() == ["officer", "worker"]
    give_to_another(ticket, officer, tree["005001"], NIGHT + timedelta(minutes=20))
    assert send_due("email", now=NEXT) == 0  # the officer took a step on it and has read what there was
    assert set(Message.objects.values_list("state", flat=True)) == {"dropped"}


@pytest.mark.usefixtures("at_once")
def test_news_read_in_the_inbox_at_night_are_not_sent_in_the_morning(make, secretary, officer, mail):
    ticket = make()
    take(ticket, "supervise", secretary, leader=officer, answer_by=DUE, demand="限期", now=NIGHT)
    run(NIGHT)
    InboxItem.objects.filter(recipient=officer).update(read_at=NIGHT)
    assert send_due("email", now=NEXT) == 1
    assert [letter["To"] for letter in mail.letters] == ["worker@example.org"]


@pytest.mark.usefixtures("at_once")
def test_news_of_a_case_that_was_closed_at_night_are_not_sent(make, secretary, officer, mail):
    ticket = make()
    take(ticket, "supervise", secretary, leader=officer, answer_by=DUE, demand="限期", now=NIGHT)
    run(NIGHT)
    Case.objects.filter(pk=ticket.pk).update(closed_at=NIGHT + timedelta(hours=1))
    assert send_due("email", now=NEXT) == 0
    assert set(Message.objects.values_list("state", flat=True)) == {"dropped"}


@pytest.mark.usefixtures("at_once")
def test_that_a_case_was_closed_at_night_is_told_to_its_watchers(make, secretary, officer, worker, mail):
    ticket = make()
    set_watch(case=ticket, user=officer, watching=True)
    finish(ticket, worker, now=NIGHT)
    take(ticket, "pass_review", secretary, now=NIGHT + timedelta(minutes=9))
    deliver_all(now=NIGHT + timedelta(minutes=9))
    assert held() == ["officer", "officer"]
    assert send_due("email", now=NEXT) == 1
    assert Message.objects.get(state="sent").lines.get().facts["verb"] == "pass_review"


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("is_answered", [False, True])
def test_an_overdue_sheet_answered_at_night_is_not_told_in_the_morning(
    is_answered, make, secretary, officer, mail
):
    ticket = make()
    supervise(ticket, secretary, officer, days=1, now=at("2023-03-01 21:30"))
    run(NIGHT)
    Message.objects.exclude(lines__rule="supervision_late").delete()
    if is_answered:
        take(ticket, "lift_supervision", secretary, answer="已整改", now=NIGHT + timedelta(hours=1))
    assert (send_due("email", now=NEXT) > 0) is not is_answered


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("has_come", [False, True])
def test_a_department_that_reported_in_at_night_is_not_complained_of_in_the_morning(
    has_come, make, secretary, department, department_handler, mail
):
    ticket = make()
    whistle(ticket, secretary, department, hours=1, now=at("2023-03-02 20:30"))
    run(NIGHT)
    Message.objects.exclude(lines__rule="whistle_late").delete()
    assert Message.objects.exists()
    if has_come:
        take(ticket, "report_in", department_handler, now=NIGHT + timedelta(hours=1))
        Message.objects.exclude(lines__rule="whistle_late").delete()
    assert (send_due("email", now=NEXT) > 0) is not has_come


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("is_decided", [False, True])
def test_an_extension_decided_at_night_waits_for_nobody_in_the_morning(
    is_decided, make, secretary, worker, mail
):
    ticket = make()
    extend(ticket, worker, now=at("2023-03-09 09:00"))
    run(at("2023-03-09 22:00"))
    Message.objects.exclude(lines__rule="extension_waits").delete()
    assert Message.objects.get().recipient == secretary
    if is_decided:
        take(ticket, "refuse_extension", secretary, reason="期限充足", now=at("2023-03-09 23:00"))
        Message.objects.exclude(lines__rule="extension_waits").delete()
    assert (send_due("email", now=at("2023-03-10 08:00")) > 0) is not is_decided


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("is_signed", [False, True])
def test_a_ticket_signed_for_at_night_is_not_called_unsigned_in_the_morning(
    is_signed, officer, worker, micro_grid_worker, tree, mail
):
    now = at("2023-03-02 16:00")
    ticket = accept(report(micro_grid_worker, tree["00500101"], now=now), officer, "community", now=now)
    dispatch(ticket, officer, worker, now=now)
    night = at("2023-03-03 22:00")
    run(night)
    Message.objects.exclude(lines__rule="unsigned").delete()
    assert Message.objects.count() == 1
    if is_signed:
        take(ticket, "sign", worker, now=night + timedelta(minutes=10))
    assert (send_due("email", now=at("2023-03-04 08:00")) > 0) is not is_signed


@pytest.fixture
def chat(settings, tree):
    with http_server() as server:
        server.behaviour = json_answer(errcode=0)
        settings.ROBOT_HOSTS = [server.origin]
        Robot.objects.create(
            name="社区群", channel=Channel.WECOM, area=tree["005"], url=f"{server.origin}/send?key=k"
        )
        yield server


@pytest.mark.parametrize("what", ["closed", "extended", "suspended", "secret", "elsewhere"])
def test_a_robot_says_nothing_of_a_case_that_changed_before_its_list_was_sent(what, make, change, chat):
    ticket = make()
    plan_robot_messages(now=MORNING)
    change(what, ticket, MORNING + timedelta(seconds=30))
    assert send_due("wecom", now=MORNING + timedelta(minutes=1)) == 0
    assert (Message.objects.get(channel="wecom").state, chat.requests) == ("dropped", [])


def test_a_robot_does_not_call_a_case_urgent_that_was_closed_meanwhile(officer, tree, chat):
    ticket = report(officer, tree["00500101"], urgency="urgent", now=NIGHT)
    plan_robot_messages(now=NIGHT)
    Case.objects.filter(pk=ticket.pk).update(closed_at=NIGHT)
    assert send_due("wecom", now=NIGHT + timedelta(minutes=1)) == 0
    assert chat.requests == []


def test_a_line_of_a_rule_without_a_check_holds_while_its_case_is_open(make, officer, mail):
    ticket = make()
    assert "gone" not in OUTWARD
    officer.email = "officer@example.org"
    officer.save()
    for closed_at, sent in ((None, 1), (NIGHT, 0)):
        message = Message.objects.create(
            dedupe_key=f"{closed_at}", channel="email", recipient=officer, planned_at=NEXT, send_after=NEXT
        )
        MessageLine.objects.create(message=message, rule="gone", case_id=ticket.pk, facts={})
        Case.objects.filter(pk=ticket.pk).update(closed_at=closed_at)
        assert send_due("email", now=NEXT) == sent
