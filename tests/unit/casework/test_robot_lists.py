"""Group robots: the morning list once a workday, what is urgent once, secret cases never; sent to a real server."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework import robot_lists
from casework.channels.bucket import MARGIN, WINDOW
from casework.choices import Channel
from casework.models import Case, Deadline, Message, MessageLine, Robot, ServiceLevel
from casework.outbox import MAX_ATTEMPTS, resend, send_due
from casework.robot_lists import MOST_LINES, plan_robot_messages, plan_tests
from casework.transport import bucket_of
from core.redis import redis_client
from tests.factories.bulk import copy_case, copy_ticket
from tests.factories.calendar import at
from tests.factories.requests import accept, report, take
from tests.servers import Answer, http_server, json_answer

pytestmark = pytest.mark.django_db
MONDAY = at("2023-02-20 10:00")
# Three weeks on, a workday: whatever was accepted on that Monday is late.
LATE = at("2023-03-13 08:40")


@pytest.fixture
def chat(settings):
    """The server of both kinds of robots; everything is taken."""
    with http_server() as server:
        server.behaviour = json_answer(errcode=0, errmsg="ok")
        settings.ROBOT_HOSTS = [server.origin]
        yield server


@pytest.fixture
def robot(tree, chat):
    return Robot.objects.create(
        name="社区群",
        channel=Channel.WECOM,
        area=tree["005"],
        url=f"{chat.origin}/cgi-bin/webhook/send?key=k",
    )


@pytest.fixture
def late(micro_grid_worker, officer, tree):
    return accept(report(micro_grid_worker, tree["00500101"], now=MONDAY), officer, now=MONDAY)


def keys():
    return list(Message.objects.order_by("pk").values_list("dedupe_key", flat=True))


def said(chat):
    return [unquote(request.json["markdown"].get("content", "")) for request in chat.requests]


def redis_keys():
    with redis_client() as client:
        return client.keys("channels:robot:*")


def send(now):
    return send_due("wecom", now=now)


def test_the_morning_list_goes_out_once_a_workday(robot, late, chat):
    assert plan_robot_messages(now=LATE - timedelta(minutes=1)) == 0
    for minute in range(3):
        plan_robot_messages(now=LATE + timedelta(minutes=minute))
    assert keys() == [f"digest:robot:{robot.pk}:2023-03-13"]
    assert send(LATE) == 1
    assert late.number in said(chat)[0]
    plan_robot_messages(now=at("2023-03-14 08:40"))
    assert len(keys()) == 2


@pytest.mark.parametrize("now", ["2023-03-18 09:00", "2023-03-13 21:00", "2023-03-13 06:00"])
def test_no_list_on_a_day_off_at_night_or_before_its_hour(robot, late, now):
    assert plan_robot_messages(now=at(now)) == 0


def test_a_system_that_slept_sends_the_list_later_in_the_day(robot, late):
    assert plan_robot_messages(now=at("2023-03-13 15:00")) == 1


def test_what_becomes_due_during_the_day_waits_for_the_next_morning(robot, late):
    Case.objects.update(due_at=at("2023-03-13 11:00"), yellow_at=at("2023-03-13 10:00"))
    assert plan_robot_messages(now=LATE) == 0
    assert plan_robot_messages(now=at("2023-03-13 11:30")) == 0
    assert plan_robot_messages(now=at("2023-03-14 08:40")) == 1


def test_nothing_to_say_is_no_message(robot):
    assert plan_robot_messages(now=LATE) == 0


def test_what_is_urgent_is_told_at_once_and_once_also_at_night(robot, micro_grid_worker, tree, chat):
    night = at("2023-02-21 23:30")
    ticket = report(micro_grid_worker, tree["00500101"], urgency="urgent", now=night)
    for minute in (1, 2):
        plan_robot_messages(now=night + timedelta(minutes=minute))
    assert keys() == [f"urgent:robot:{robot.pk}:{ticket.pk}"]
    assert send(night + timedelta(minutes=2)) == 1
    assert ticket.number in said(chat)[0]
    assert Message.objects.get().is_urgent


def test_each_of_many_urgent_cases_is_told_once(robot, micro_grid_worker, tree):
    tickets = [
        report(micro_grid_worker, tree["00500101"], urgency="urgent", now=MONDAY)
        for _n in range(MOST_LINES + 2)
    ]
    for minute in range(3):
        plan_robot_messages(now=MONDAY + timedelta(minutes=minute))
    assert sorted(keys()) == sorted(f"urgent:robot:{robot.pk}:{ticket.pk}" for ticket in tickets)
    lines = MessageLine.objects.filter(rule="urgent")
    assert sorted(lines.values_list("case", flat=True)) == [ticket.pk for ticket in tickets]


def test_what_becomes_urgent_days_after_it_was_opened_is_told(robot, micro_grid_worker, officer, tree):
    ServiceLevel.objects.filter(step="accept").delete()  # or it would be on the list of what is late
    ticket = report(micro_grid_worker, tree["00500101"], now=MONDAY)
    assert plan_robot_messages(now=MONDAY + timedelta(days=3)) == 0
    accepted = {"urgency": "urgent", "handling_level": "grid"}
    take(ticket, "accept", officer, now=MONDAY + timedelta(days=3), **accepted)
    assert plan_robot_messages(now=MONDAY + timedelta(days=3)) == 1
    assert plan_robot_messages(now=MONDAY + timedelta(days=4, hours=-2)) == 0


def test_a_closed_urgent_case_is_told_to_no_robot_that_comes_later(robot, micro_grid_worker, tree):
    report(micro_grid_worker, tree["00500101"], urgency="urgent", now=MONDAY)
    Case.objects.update(closed_at=MONDAY)
    assert plan_robot_messages(now=MONDAY) == 0


def test_the_list_names_the_latest_first_and_no_more_than_fits(robot, late, monkeypatch):
    monkeypatch.setattr(robot_lists, "MOST_LINES", 3)
    copy_case(late, 5)
    for place, case in enumerate(Case.objects.order_by("-pk")):
        day = at(f"2023-03-1{place} 18:00")
        Case.objects.filter(pk=case.pk).update(due_at=day, yellow_at=at("2023-03-13 08:30"))
    plan_robot_messages(now=LATE)
    lines = MessageLine.objects.order_by("pk").values_list("case__due_at", "rule")
    days = [(timezone.localtime(due).day, rule) for due, rule in lines]
    assert days == [(10, "late"), (11, "late"), (12, "late")]


def listed(chat):
    """Of the one message that was sent: its headline, the lines that name a case, and the last line."""
    (text,) = said(chat)
    head, *lines = text.split("\n")
    return head, [line for line in lines if "/cases/T-" in line], lines[-1]


def test_eighty_due_cases_of_one_grid_are_named_or_truly_counted_once_with_the_way_to_all_of_them(
    robot, late, chat, client_for, officer, tree
):
    copy_ticket(late, 79)
    for case in Case.objects.exclude(pk=late.pk):
        Case.objects.filter(pk=case.pk).update(number=f"T-2023-1{case.pk:05d}")
    plan_robot_messages(now=LATE)
    assert send(LATE) == 1
    head, named, last = listed(chat)
    assert "80" in head
    assert len(named) > 20
    assert said(chat)[0].count("另有") == 1
    assert f"另有 {80 - len(named)} 条" in last
    way = last.partition("](")[2].rstrip(")")
    assert f"area={tree['005'].code}" in way
    page = client_for(officer).get(way[way.index("/cases/") :]).content.decode()
    assert Case.objects.earliest("due_at", "pk").number in page


def test_what_the_list_leaves_out_is_counted_when_it_is_sent(robot, late, chat):
    copy_ticket(late, 9)
    plan_robot_messages(now=LATE)
    Case.objects.filter(pk__in=Case.objects.order_by("-pk").values("pk")[:4]).update(closed_at=LATE)
    Deadline.objects.filter(case__closed_at__isnull=False).update(ended_at=LATE, result="met")
    assert send(LATE) == 1
    head, _named, last = listed(chat)
    assert "6" in head
    assert "另有" not in last


def test_secret_cases_are_not_counted_in_the_list_of_a_robot(robot, late, chat):
    copy_ticket(late, 2)
    Case.objects.filter(pk=Case.objects.latest("pk").pk).update(is_secret=True)
    plan_robot_messages(now=LATE)
    assert send(LATE) == 1
    assert "2" in listed(chat)[0]
    assert "另有" not in said(chat)[0]


def test_a_robot_says_late_of_what_fell_due_before_its_list_was_sent_again(robot, late, chat):
    Case.objects.update(due_at=at("2023-03-13 09:00"), yellow_at=at("2023-03-13 08:30"))
    Deadline.objects.filter(is_main=True, ended_at=None).update(due_at=at("2023-03-13 09:00"))
    plan_robot_messages(now=LATE)
    chat.behaviour = Answer(status=503)
    assert send(LATE) == 0
    chat.behaviour = json_answer(errcode=0)
    assert send(at("2023-03-13 09:30")) == 1
    assert "已超期" in unquote(chat.requests[-1].json["markdown"]["content"]).split("\n")[1]


def test_more_robots_take_no_more_queries(robot, late, tree):
    def look(minute):
        with CaptureQueriesContext(connection) as seen:
            plan_robot_messages(now=LATE + timedelta(minutes=minute))
        return len(seen)

    look(0)
    one = look(1)
    for n in range(9):
        Robot.objects.create(name=f"群{n}", channel=Channel.WECOM, area=tree["005"], url=robot.url)
    assert look(2) == one
    assert look(3) == one
    assert Message.objects.count() == 10


def test_two_rows_with_the_same_address_share_its_twenty_a_minute(robot, micro_grid_worker, tree, chat):
    Robot.objects.create(name="同一群", channel=Channel.WECOM, area=tree["00500101"], url=robot.url)
    for _n in range(11):
        report(micro_grid_worker, tree["00500101"], urgency="urgent", now=MONDAY)
    assert plan_robot_messages(now=MONDAY) == 22
    assert send(MONDAY) == 20
    assert robot.url not in str(redis_keys())


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}, {"Retry-After": "90"}])
def test_a_server_that_stays_out_of_order_is_given_up_in_the_end(robot, late, chat, headers):
    chat.behaviour = Answer(status=503, headers=headers)
    plan_robot_messages(now=LATE)
    now = LATE
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert send(now) == 0
        assert send(now + timedelta(seconds=59)) == 0
        row = Message.objects.get()
        assert row.attempts == attempt
        now = max(row.send_after, at("2023-03-14 10:00"))
    assert row.state == "dead"
    assert len(chat.requests) == MAX_ATTEMPTS


def test_a_secret_case_is_named_to_no_robot(robot, late, officer, tree, chat):
    Case.objects.filter(pk=late.pk).update(is_secret=True)
    report(officer, tree["00500101"], is_secret=True, urgency="urgent", now=LATE)
    assert plan_robot_messages(now=LATE) == 0


def test_a_case_that_became_secret_after_the_list_was_planned_is_left_out(robot, late, chat):
    plan_robot_messages(now=LATE)
    Case.objects.filter(pk=late.pk).update(is_secret=True)
    assert send(LATE) == 0
    assert chat.requests == []
    assert Message.objects.get().state == "dropped"


def test_a_robot_tells_of_its_own_area_only(robot, micro_grid_worker, officer, foreign_officer, tree, chat):
    other = report(foreign_officer, tree["00600101"], now=MONDAY)
    accept(other, foreign_officer, now=MONDAY)
    assert plan_robot_messages(now=LATE) == 0
    district = Robot.objects.create(name="街道群", channel=Channel.WECOM, area=tree[""], url=robot.url)
    assert plan_robot_messages(now=LATE) == 1
    assert Message.objects.get().robot == district


def test_a_robot_switched_off_is_planned_nothing_and_sends_nothing(robot, late, chat):
    plan_robot_messages(now=LATE)
    Robot.objects.update(is_active=False)
    assert plan_robot_messages(now=at("2023-03-14 08:40")) == 0
    assert send(LATE) == 0
    assert chat.requests == []
    assert Message.objects.get().state == "dead"


def test_the_limit_per_minute_costs_no_try(robot, late, chat):
    chat.behaviour = json_answer(errcode=45009, errmsg="freq limit")
    plan_robot_messages(now=LATE)
    assert send(LATE) == 0
    row = Message.objects.get()
    assert (row.state, row.attempts, row.send_after) == ("planned", 0, LATE + timedelta(minutes=1))
    chat.behaviour = json_answer(errcode=0)
    assert send(LATE + timedelta(minutes=1)) == 1


def test_after_a_refusal_for_too_many_the_robot_goes_on_where_it_was_refused(
    robot, micro_grid_worker, tree, chat
):
    tickets = [
        report(micro_grid_worker, tree["00500101"], urgency="urgent", now=MONDAY).number for _n in range(12)
    ]
    plan_robot_messages(now=MONDAY)
    chat.behaviour = lambda request: json_answer(errcode=45009 if len(chat.requests) > 2 else 0)
    assert send(MONDAY) == 2
    assert len(chat.requests) == 3
    chat.requests.clear()
    chat.behaviour = json_answer(errcode=0)
    assert send(MONDAY + timedelta(seconds=59)) == 0
    assert send(MONDAY + timedelta(minutes=1)) == 10
    assert [next(n for n in tickets if n in text) for text in said(chat)] == tickets[2:]


def test_a_call_is_counted_from_after_it_has_arrived(robot, late, chat):
    def arrive(request):
        with redis_client() as client:
            arrivals.append(client.time())
        return json_answer(errcode=0)

    arrivals, chat.behaviour = [], arrive
    plan_robot_messages(now=LATE)
    assert send(LATE) == 1
    with redis_client() as client:
        ((_call, counted_from),) = client.zrange(
            f"channels:robot:{bucket_of(robot.url)}", 0, -1, withscores=True
        )
    ((seconds, microseconds),) = arrivals
    assert 0 <= counted_from - (seconds * 1_000_000 + microseconds) < 10_000_000


def test_the_twenty_first_message_of_a_minute_waits_and_is_sent_after_it(
    robot, micro_grid_worker, tree, chat
):
    for _n in range(21):
        report(micro_grid_worker, tree["00500101"], urgency="urgent", now=MONDAY)
    assert plan_robot_messages(now=MONDAY) == 21
    assert send(MONDAY) == 20
    assert len(chat.requests) == 20
    row = Message.objects.get(state="planned")
    assert row.attempts == 0
    assert timedelta() < row.send_after - MONDAY <= WINDOW + MARGIN


def test_one_robot_that_is_refused_holds_up_no_other(robot, late, tree, chat):
    chat.behaviour = lambda request: json_answer(errcode=93000 if request.query["key"] == "k" else 0)
    Robot.objects.create(
        name="另一群", channel=Channel.WECOM, area=tree["005"], url=robot.url.replace("=k", "=other")
    )
    plan_robot_messages(now=LATE)
    assert send(LATE) == 1
    assert sorted(Message.objects.values_list("state", flat=True)) == ["dead", "sent"]
    chat.behaviour = json_answer(errcode=0)
    assert resend(Message.objects.all(), now=LATE) == 1
    assert send(LATE) == 1


def test_a_test_message_goes_through_the_outbox_once_a_minute(robot, chat):
    assert plan_tests([robot], now=MONDAY) == 1
    assert plan_tests([robot], now=MONDAY) == 0
    assert send(MONDAY) == 1
    assert len(chat.requests) == 1
    assert plan_tests([robot], now=MONDAY + timedelta(minutes=1)) == 1


def test_a_test_message_goes_out_at_night_too(robot, chat):
    night = MONDAY.replace(hour=3)
    assert plan_tests([robot], now=night) == 1
    assert send(night) == 1
    assert len(chat.requests) == 1


def test_what_is_written_down_never_holds_the_address_of_the_robot(robot, late, chat):
    chat.behaviour = json_answer(errcode=93000, errmsg=f"invalid webhook url {robot.url}")
    plan_robot_messages(now=LATE)
    send(LATE)
    row = Message.objects.get()
    assert row.state == "dead"
    assert "key" not in row.last_error
    assert chat.origin not in row.last_error
