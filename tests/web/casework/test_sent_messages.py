"""Deliveries about a case on its page: for officers and above, by name or robot, never with an address."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.models import InboxItem, Reminder
from tests.factories.accounts import UserFactory
from tests.factories.messages import HOOK, message_to, robot_of
from tests.factories.requests import report

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = timedelta(hours=1)


@pytest.fixture
def ticket(grid_worker, tree):
    return report(grid_worker, tree["00500101"])


@pytest.fixture
def sent(ticket, grid_leader, tree):
    grid_leader.email, grid_leader.phone = "leader@example.org", "13800000001"
    grid_leader.save()
    other = report(grid_leader, tree["00500101"])
    return [
        message_to(grid_leader, ticket, other, now=NOW, is_digest=True, state="sent", sent_at=NOW),
        message_to(robot_of(tree["005"]), ticket, now=NOW, state="dead", last_error="机器人拒收"),
        message_to(grid_leader, other, now=NOW),
    ]


def page(client, ticket):
    return client.get(reverse("casework:case_detail", args=[ticket.number]))


def test_officers_and_those_above_see_to_whom_through_what_and_what_became_of_it(
    client_for, officer, secretary, subdistrict_admin, ticket, sent
):
    for person in (officer, secretary, subdistrict_admin):
        response = page(client_for(person), ticket)
        told = response.context["deliveries"].newest
        assert [(one.name, one.way, one.state) for one in told] == [
            ("社区工作群", "wecom", "dead"),
            ("李长", "email", "sent"),
        ]
        html = response.content.decode()
        for text in (
            "李长",
            "社区工作群",
            "机器人拒收",
            sent[0].get_state_display(),
            sent[1].get_channel_display(),
        ):
            assert str(text) in html
        for private in ("leader@example.org", "13800000001", HOOK):
            assert private not in html


def test_others_do_not(client_for, grid_worker, grid_leader, ticket, sent):
    for person in (grid_worker, grid_leader):
        response = page(client_for(person), ticket)
        assert response.context["deliveries"].newest == []
        assert "desk-sent" not in response.content.decode()


def test_the_officer_of_another_community_sees_none_of_it(client_for, foreign_officer, ticket, sent):
    assert page(client_for(foreign_officer), ticket).status_code == 404


def test_nothing_sent_is_no_section(client_for, officer, ticket):
    assert "desk-sent" not in page(client_for(officer), ticket).content.decode()


def into_inboxes(ticket, *people, read=None):
    for n, person in enumerate(people):
        reminder = Reminder.objects.create(
            dedupe_key=f"test:{ticket.pk}:{n}",
            rule="late",
            recipient=person,
            case_id=ticket.pk,
            planned_at=NOW,
        )
        InboxItem.objects.create(
            reminder=reminder,
            recipient=person,
            rule="late",
            case_id=ticket.pk,
            read_at=read,
            created_at=NOW - HOUR,
        )


def test_inbox_entries_stand_beside_the_messages_with_when_they_were_read(
    client_for, officer, grid_leader, grid_worker, ticket, sent
):
    into_inboxes(ticket, grid_leader, grid_worker)
    InboxItem.objects.filter(recipient=grid_leader).update(read_at=NOW)
    response = page(client_for(officer), ticket)
    told = response.context["deliveries"].newest
    assert [(one.name, one.way, one.done_at == NOW) for one in told] == [
        ("社区工作群", "wecom", False),
        ("李长", "email", True),
        ("王工", "inbox", False),
        ("李长", "inbox", True),
    ]
    html = response.content.decode()
    for text in ("消息", "未读", "已读"):
        assert text in html
    assert "仅显示" not in html


def test_more_messages_cost_no_more_queries_and_the_page_says_that_there_are_more(
    client_for, officer, grid_leader, ticket, django_assert_max_num_queries
):
    client = client_for(officer)
    page(client, ticket)
    for _n in range(30):
        message_to(grid_leader, ticket, now=NOW)
    into_inboxes(ticket, *UserFactory.create_batch(21))
    with django_assert_max_num_queries(15):
        response = page(client, ticket)
    deliveries = response.context["deliveries"]
    assert (len(deliveries.newest), deliveries.has_more) == (50, True)
    assert "仅显示最新 50 条" in response.content.decode()
