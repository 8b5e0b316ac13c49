"""One channel hangs or is out of order; the inbox and the other channels go on, and what waited goes out later."""

import pytest
from django.utils import timezone

from casework.models import InboxItem, Message, Robot
from tests.faults.outbox.conftest import SWEEP
from tests.processes import worker
from tests.servers import Answer, http_server, json_answer

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
TICKETS = 12


@pytest.fixture
def group(tree):
    """The server of group robots, with a robot of the community."""
    with http_server() as server:
        server.behaviour = json_answer(errcode=0)
        Robot.objects.create(name="群", channel="wecom", area=tree["005"], url=f"{server.origin}/send?key=1")
        yield server


@pytest.fixture
def all_ways(ways, group):
    return ways | {"ROBOT_HOSTS": group.origin, "EMAIL_TIMEOUT": "2"}


def bring_forward():
    """What waits for another try is due now."""
    Message.objects.filter(state="planned").update(send_after=timezone.now())


def states(channel):
    return set(Message.objects.filter(channel=channel).values_list("state", flat=True))


def test_the_mail_server_hangs(late_tickets, all_ways, broker, mail, group, settle, told_once):
    late_tickets(TICKETS)
    mail.hangs_at = "DATA"
    with worker(**all_ways):
        broker.send(SWEEP)
        broker.finish()
        assert InboxItem.objects.filter(rule="late").count() == 2 * TICKETS
        assert states("wecom") == {"sent"}
        # One letter was tried; the others wait without having lost a try.
        assert mail.senders == 1
        assert states("email") == {"planned"}
        assert sum(Message.objects.filter(channel="email").values_list("attempts", flat=True)) == 1
        mail.hangs_at = ""
        bring_forward()
        settle()
    told_once(TICKETS)
    assert len({request.body for request in group.requests}) == len(group.requests)


def test_the_robots_server_is_out_of_order_for_a_while(
    late_tickets, all_ways, broker, mail, group, settle, told_once
):
    late_tickets(TICKETS)
    group.behaviour = Answer(status=500)
    with worker(**all_ways):
        for round_ in range(1, 4):
            broker.send(SWEEP)
            broker.finish()
            assert len(group.requests) == round_
            bring_forward()
        assert states("wecom") == {"planned"}
        assert states("email") == {"sent"}
        group.behaviour = json_answer(errcode=0)
        settle()
    told_once(TICKETS)
    sent = [request.body for request in group.requests[3:]]
    assert len(sent) == len(set(sent)) == Message.objects.filter(channel="wecom").count()
