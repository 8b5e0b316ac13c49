"""Deliveries in the administration: looked up, given-up ones sent again; robots whose secrets nobody reads twice."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from casework.choices import Channel
from casework.models import Case, Message, Reminder, Robot
from casework.reminders import MAX_ATTEMPTS, deliver_all
from tests.factories.accounts import UserFactory
from tests.factories.messages import HOOK, SECRET, every_measure, message_to, robot_of
from tests.factories.requests import report
from tests.servers import http_server, json_answer, smtp_server

pytestmark = pytest.mark.django_db
LOOKED_UP = ["message", "preference", "reminder"]
NOW = timezone.now()
NEW_HOOK = "https://oapi.dingtalk.com/robot/send?access_token=another-secret-token"


def url(name, page="changelist", *args):
    return reverse(f"admin:casework_{name}_{page}", args=args)


def act(client, name, action, *rows):
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(url(name), data, follow=True)


@pytest.fixture
def keeper(client_for, system_admin, settings):
    settings.ADMIN_SECOND_FACTOR = False
    return client_for(system_admin)


@pytest.fixture
def ticket(micro_grid_worker, grid_leader, tree):
    """The grid leader is told of it."""
    return report(micro_grid_worker, tree["00500101"])


@pytest.fixture
def leader(grid_leader):
    grid_leader.email, grid_leader.phone = "leader@example.org", "13800000001"
    grid_leader.save()
    return grid_leader


@pytest.fixture
def robot(tree):
    return robot_of(tree["005"])


@pytest.fixture
def rows(ticket, leader, robot, officer, department):
    every_measure(ticket, actor=officer, department=department, now=NOW)
    return [message_to(leader, ticket, now=NOW), message_to(robot, ticket, now=NOW)]


# --- the list of deliveries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*LOOKED_UP, "robot"])
def test_lists_open_and_can_be_searched(keeper, rows, ticket, name):
    assert keeper.get(url(name)).status_code == 200
    assert keeper.get(url(name), {"q": ticket.number}).status_code == 200


def test_a_delivery_says_channel_and_person_or_robot_and_neither_the_address_nor_the_case(
    keeper, rows, ticket
):
    private = ("leader@example.org", "13800000001", HOOK, SECRET, ticket.title, ticket.number)
    html = keeper.get(url("message")).content.decode()
    for text in ("李长", "社区工作群"):
        assert text in html
    pages = [html, *(keeper.get(url("message", "change", row.pk)).content.decode() for row in rows)]
    pages.append(keeper.get(url("reminder")).content.decode())
    pages += [
        keeper.get(url("reminder", "change", row.pk)).content.decode() for row in Reminder.objects.all()[:3]
    ]
    assert [text for page in pages for text in private if text in page] == []


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"state__exact": "dead"}, ["dead"]),
        ({"channel__exact": "wecom"}, ["planned"]),
        ({"is_digest__exact": "1"}, ["sent"]),
    ],
)
def test_the_list_is_filtered(keeper, leader, robot, ticket, query, kept):
    message_to(leader, ticket, now=NOW, state="dead")
    message_to(leader, ticket, now=NOW, state="sent", is_digest=True)
    message_to(robot, ticket, now=NOW)
    assert [row.state for row in keeper.get(url("message"), query).context["cl"].result_list] == kept


def test_a_delivery_says_how_many_entries_it_holds(keeper, leader, micro_grid_worker, tree):
    message_to(leader, *(report(micro_grid_worker, tree["00500101"]) for _n in range(7)), now=NOW)
    assert keeper.get(url("message")).context["cl"].result_list[0].size == 7


def test_what_was_given_up_of_a_secret_case_can_be_sent_again_and_does_not_name_it(keeper, leader, ticket):
    dead = message_to(leader, ticket, now=NOW, state="dead", attempts=8, last_error="x")
    Case.objects.filter(pk=ticket.pk).update(is_secret=True)
    page = keeper.get(url("message"))
    assert [row.pk for row in page.context["cl"].result_list] == [dead.pk]
    assert ticket.number not in page.content.decode()
    act(keeper, "message", "send_again", dead)
    dead.refresh_from_db()
    assert dead.state != "dead"


def test_more_messages_cost_no_more_queries(keeper, leader, robot, ticket, django_assert_max_num_queries):
    keeper.get(url("message"))
    for count in (2, 20):
        for _n in range(count):
            message_to(leader, ticket, now=NOW)
            message_to(robot, ticket, now=NOW)
        with django_assert_max_num_queries(11):
            keeper.get(url("message"))


# --- once more -------------------------------------------------------------------------------------------------


def test_given_up_messages_are_sent_again_with_their_number_said(
    keeper, leader, ticket, settings, django_capture_on_commit_callbacks
):
    # Urgent ones go out at any hour.
    dead = message_to(leader, ticket, now=NOW, state="dead", attempts=8, last_error="x", is_urgent=True)
    sent = message_to(leader, ticket, now=NOW, state="sent")
    with smtp_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        with django_capture_on_commit_callbacks(execute=True):
            page = act(keeper, "message", "send_again", dead, sent)
        assert len(server.letters) == 1
    assert "1" in str(next(iter(page.context["messages"])))
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.last_error) == ("sent", 1, "")
    log = LogEntry.objects.get()
    assert log.object_id == str(dead.pk)
    assert "李长" in log.object_repr


def test_choosing_nothing_that_was_given_up_is_said(keeper, leader, ticket):
    sent = message_to(leader, ticket, now=NOW, state="sent")
    page = act(keeper, "message", "send_again", sent)
    assert [m.level_tag for m in page.context["messages"]] == ["warning"]
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_given_up_reminders_are_put_back_and_reach_the_inbox(keeper, leader, ticket):
    deliver_all(now=timezone.now())
    dead = Reminder.objects.create(
        dedupe_key="late:x", rule="late", recipient=leader, case_id=ticket.pk, planned_at=NOW, state="dead",
        attempts=MAX_ATTEMPTS, facts={"number": ticket.number, "step": "handle"},
    )  # fmt: skip
    delivered = Reminder.objects.exclude(pk=dead.pk).first()
    act(keeper, "reminder", "put_given_up_back", dead, delivered)
    dead.refresh_from_db()
    delivered.refresh_from_db()
    assert (dead.state, dead.attempts, delivered.state) == ("planned", 0, "delivered")
    assert deliver_all(now=timezone.now() + timedelta(seconds=1)) == 1


@pytest.mark.parametrize(("name", "action"), [("message", "send_again"), ("reminder", "put_given_up_back")])
def test_the_auditor_sends_nothing_again(client_for, auditor, leader, ticket, name, action):
    dead = (
        message_to(leader, ticket, now=NOW, state="dead")
        if name == "message"
        else Reminder.objects.create(
            dedupe_key="x", rule="due_soon", recipient=leader, case_id=ticket.pk, planned_at=NOW, state="dead",
            facts={"number": ticket.number, "step": "handle"},
        )
    )  # fmt: skip
    client = client_for(auditor)
    assert action not in client.get(url(name)).content.decode()
    act(client, name, action, dead)
    dead.refresh_from_db()
    assert dead.state == "dead"


# --- who may look ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOOKED_UP)
def test_nothing_is_added_changed_or_deleted(keeper, client_for, auditor, rows, name):
    for client in (keeper, client_for(auditor)):
        row = client.get(url(name)).context["cl"].result_list[0]
        assert client.get(url(name, "change", row.pk)).status_code == 200
        assert client.get(url(name, "add")).status_code == 403
        assert client.post(url(name, "change", row.pk), {"state": "sent"}).status_code == 403
        assert client.post(url(name, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", [*LOOKED_UP, "robot"])
def test_the_security_administrator_sees_no_messages(client_for, rows, name, settings):
    settings.ADMIN_SECOND_FACTOR = False
    assert client_for(UserFactory(role=Role.SECURITY_ADMIN)).get(url(name)).status_code == 403


# --- robots ----------------------------------------------------------------------------------------------------


def fields(area, **more):
    return {
        "name": "社区群",
        "channel": "dingtalk",
        "area": area.pk,
        "url": NEW_HOOK,
        "secret": "SECabc",
        "is_active": "on",
    } | more


def test_a_robot_is_set_up(keeper, tree):
    assert keeper.post(url("robot", "add"), fields(tree["005"])).status_code == 302
    robot = Robot.objects.get()
    assert (robot.url, robot.secret, robot.channel, robot.is_active) == (NEW_HOOK, "SECabc", "dingtalk", True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", ""),
        ("url", "http://qyapi.weixin.qq.com/x"),
        ("url", "https://evil.example/x"),
        ("url", "https://127.0.0.1/x"),
        ("url", "https://qyapi.weixin.qq.com@evil.example/x"),
        ("url", "https://qyapi.weixin.qq.com:8443/x"),
        ("url", "javascript:alert(1)"),
        ("url", "https://qyapi.weixin.qq.com/" + "x" * 300),
        ("channel", "email"),
        ("channel", ""),
        ("area", "0"),
        ("name", ""),
        ("name", "长" * 41),
        ("secret", "x" * 121),
    ],
)
def test_a_robot_that_cannot_be_is_refused_with_the_reason(keeper, tree, field, value):
    response = keeper.post(url("robot", "add"), fields(tree["005"]) | {field: value})
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert not Robot.objects.exists()


def test_address_and_secret_are_never_shown_again(keeper, client_for, auditor, robot):
    pages = [
        keeper.get(url("robot")),
        keeper.get(url("robot", "change", robot.pk)),
        # A refused form shows neither what is there nor what was typed.
        keeper.post(url("robot", "change", robot.pk), fields(robot.area, name="", secret="SECtyped")),
        keeper.get(url("robot", "history", robot.pk)),
        client_for(auditor).get(url("robot")),
        client_for(auditor).get(url("robot", "change", robot.pk)),
    ]
    for page in pages:
        html = page.content.decode()
        for text in (
            HOOK,
            "0f1e2d3c-secret-key",
            SECRET,
            "webhook/send",
            NEW_HOOK,
            "another-secret-token",
            "SECtyped",
        ):
            assert text not in html
    for page in (pages[0], pages[1], pages[4], pages[5]):
        assert "qyapi.weixin.qq.com" in page.content.decode()


def test_left_empty_they_stay_what_they_are_and_the_history_does_not_call_them_changed(keeper, robot):
    data = fields(robot.area, name="新名字", channel="wecom", url="", secret="")
    assert keeper.post(url("robot", "change", robot.pk), data).status_code == 302
    robot.refresh_from_db()
    assert (robot.name, robot.url, robot.secret) == ("新名字", HOOK, SECRET)
    (change,) = json.loads(LogEntry.objects.get().change_message)
    assert len(change["changed"]["fields"]) == 1
    assert (
        keeper.post(
            url("robot", "change", robot.pk), data | {"url": NEW_HOOK, "secret": "SECnew"}
        ).status_code
        == 302
    )
    robot.refresh_from_db()
    assert (robot.url, robot.secret) == (NEW_HOOK, "SECnew")


def test_a_secret_is_taken_away(keeper, robot):
    data = fields(robot.area, url="", secret="", drop_secret="on", channel="wecom")
    assert keeper.post(url("robot", "change", robot.pk), data).status_code == 302
    robot.refresh_from_db()
    assert (robot.url, robot.secret) == (HOOK, "")


def test_the_name_is_unique_in_its_area(keeper, robot):
    response = keeper.post(url("robot", "add"), fields(robot.area, name=robot.name))
    assert response.status_code == 200
    assert Robot.objects.count() == 1


@pytest.mark.parametrize(
    "column", ["case", "case__number__startswith", "facts__contains", "dedupe_key__contains"]
)
def test_the_case_of_a_reminder_is_no_filter(keeper, ticket, column):
    assert keeper.get(url("reminder"), {column: ticket.pk}).status_code == 400


@pytest.mark.parametrize("column", ["lines__case__number__startswith", "lines__case"])
def test_the_cases_of_a_message_are_no_filter(keeper, rows, ticket, column):
    assert keeper.get(url("message"), {column: ticket.pk}).status_code == 400


@pytest.mark.parametrize("column", ["url", "secret"])
def test_address_and_secret_are_no_filter(client_for, auditor, robot, rows, column):
    client = client_for(auditor)
    assert client.get(url("robot"), {f"{column}__startswith": "h"}).status_code == 400
    assert client.get(url("message"), {f"robot__{column}__startswith": "h"}).status_code == 400
    assert not client.get(url("robot"), {"q": "0f1e2d3c"}).context["cl"].result_list


def test_a_robot_is_switched_off_not_deleted(keeper, robot):
    assert keeper.post(url("robot", "delete", robot.pk), {"post": "yes"}).status_code == 403


def test_a_test_message_goes_out_and_stands_in_the_list(
    keeper, tree, settings, django_capture_on_commit_callbacks
):
    with http_server() as server:
        server.behaviour = json_answer(errcode=0)
        settings.ROBOT_HOSTS = [server.origin]
        robot = robot_of(tree["005"], url=f"{server.origin}/hook?key=k", secret="")
        off = robot_of(tree["006"], url=f"{server.origin}/hook?key=off", is_active=False)
        with django_capture_on_commit_callbacks(execute=True):
            act(keeper, "robot", "send_test", robot, off)
        assert [request.query["key"] for request in server.requests] == ["k"]
    row = Message.objects.get()
    assert (row.robot, row.channel, row.state) == (robot, Channel.WECOM, "sent")
    assert robot.name in keeper.get(url("message")).content.decode()


def test_the_auditor_sends_no_test(client_for, auditor, robot):
    act(client_for(auditor), "robot", "send_test", robot)
    assert not Message.objects.exists()
