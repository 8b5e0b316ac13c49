"""Deliveries about a case on its page: for officers and above, by name or robot, never with an address."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories.messages import HOOK, message_to, robot_of
from tests.factories.requests import report

pytestmark = pytest.mark.django_db
NOW = timezone.now()


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
    client_for, officer, secretary, subdistrict_admin, auditor, ticket, sent
):
    for person in (officer, secretary, subdistrict_admin, auditor):
        response = page(client_for(person), ticket)
        assert [line.message for line in response.context["deliveries"]] == sent[1::-1]
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
        assert response.context["deliveries"] == []
        assert "desk-sent" not in response.content.decode()


def test_the_officer_of_another_community_sees_none_of_it(client_for, foreign_officer, ticket, sent):
    assert page(client_for(foreign_officer), ticket).status_code == 404


def test_nothing_sent_is_no_section(client_for, officer, ticket):
    assert "desk-sent" not in page(client_for(officer), ticket).content.decode()


def test_more_messages_cost_no_more_queries(
    client_for, officer, grid_leader, ticket, django_assert_max_num_queries
):
    client = client_for(officer)
    page(client, ticket)
    for _n in range(60):
        message_to(grid_leader, ticket, now=NOW)
    with django_assert_max_num_queries(15):
        response = page(client, ticket)
    assert len(response.context["deliveries"]) == 50
