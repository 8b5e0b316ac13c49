"""Too many messages to one person in ten minutes come as one list; what is urgent comes at once all the same."""

from datetime import timedelta

import pytest

from casework.choices import Channel, Mode, Topic
from casework.models import Message, MessageLine, Parameter, Preference, Reminder
from casework.outbox import plan_messages, send_due
from casework.planning import sweep
from casework.reminders import deliver_all
from tests.factories.accounts import UserFactory
from tests.factories.bulk import copy_ticket
from tests.factories.calendar import at
from tests.factories.requests import report
from tests.servers import smtp_server

pytestmark = pytest.mark.django_db
NIGHT = at("2023-02-21 00:52")
DAY, SLOT, NEXT_SLOT = (at(f"2023-02-21 10:{minute}") for minute in ("07", "00", "10"))


@pytest.fixture
def mail(settings):
    with smtp_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


@pytest.fixture
def person(officer):
    """The officer, who is written to at once of everything."""
    officer.email = "officer@example.org"
    officer.save()
    for topic in Topic:
        Preference.objects.create(user=officer, topic=topic, channel=Channel.EMAIL, mode=Mode.AT_ONCE)
    return officer


@pytest.fixture
def remind(person, tree):
    """So many reminders, planned and delivered together, about one open ticket."""
    ticket = report(person, tree["00500101"], now=NIGHT)

    def make(count, *, now, to=person, **fields):
        rows = Reminder.objects.bulk_create(
            Reminder(
                dedupe_key=f"{Reminder.objects.count()}:{n}",
                rule="late",
                recipient=to,
                case_id=ticket.pk,
                planned_at=now,
                facts={"number": ticket.number},
                **fields,
            )
            for n in range(count)
        )
        plan_messages([row.pk for row in rows], now=now)
        return rows

    return make


def planned():
    """How many lines each message has, whether it is a list, and when it may go out."""
    return [
        (message.lines.count(), message.is_digest, message.send_after)
        for message in Message.objects.order_by("pk")
    ]


def test_forty_five_urgent_tickets_nobody_accepted_come_as_one_mail_at_once(person, tree, mail):
    ticket = report(person, tree["00500101"], urgency="urgent", now=NIGHT - timedelta(hours=3))
    Reminder.objects.all().delete()
    copy_ticket(ticket, 44)
    sweep(now=NIGHT)
    deliver_all(now=NIGHT)
    assert MessageLine.objects.filter(message__recipient=person, rule="late").count() == 45
    Message.objects.exclude(lines__rule="late").delete()
    assert send_due("email", now=NIGHT) == 1
    (letter,) = mail.letters
    assert "另有 44 条" in str(letter["Subject"])
    assert letter.get_content().count("/cases/") == 45


def test_up_to_five_go_out_each_by_itself(remind):
    remind(5, now=DAY)
    assert planned() == [(1, False, DAY)] * 5


def test_how_many_is_what_the_administrator_has_set(remind):
    Parameter.objects.filter(key="single_messages").update(value=2)
    remind(3, now=DAY)
    assert planned() == [(3, True, SLOT)]


def test_what_comes_one_by_one_comes_as_a_list_from_the_sixth_on(remind):
    for minute in range(9):
        remind(1, now=DAY + timedelta(seconds=minute))
    assert planned() == [*((1, False, DAY + timedelta(seconds=n)) for n in range(5)), (4, True, SLOT)]


def test_after_a_list_was_sent_the_next_comes_ten_minutes_later_or_a_minute_when_urgent(remind, mail):
    remind(6, now=DAY)
    remind(6, now=DAY, is_urgent=True)
    assert send_due("email", now=DAY) == 2
    remind(6, now=DAY)
    remind(6, now=DAY, is_urgent=True)
    assert planned()[2:] == [(6, True, NEXT_SLOT), (6, True, DAY + timedelta(minutes=1))]
    assert send_due("email", now=DAY + timedelta(seconds=59)) == 0


def test_what_waited_through_the_night_comes_as_a_list_too(remind):
    morning = at("2023-02-21 08:00")
    for minute in range(0, 80, 10):
        remind(1, now=NIGHT + timedelta(minutes=minute))
    assert planned() == [(1, False, morning)] * 5 + [(3, True, morning)]


def test_ten_minutes_later_each_goes_out_by_itself_again(remind):
    remind(5, now=DAY)
    remind(5, now=DAY + timedelta(minutes=10))
    assert [is_list for _lines, is_list, _at in planned()] == [False] * 10


def test_many_to_one_person_are_no_list_for_another(remind, person):
    other = UserFactory(email="other@example.org")
    Preference.objects.create(user=other, topic=Topic.LATE, channel=Channel.EMAIL, mode=Mode.AT_ONCE)
    remind(6, now=DAY)
    remind(1, now=DAY, to=other)
    assert planned() == [(6, True, SLOT), (1, False, DAY)]


def test_planning_the_same_reminders_again_lists_none_twice(remind):
    rows = remind(6, now=DAY)
    Message.objects.update(state="sent")
    plan_messages([row.pk for row in rows], now=DAY + timedelta(minutes=1))
    assert planned() == [(6, True, SLOT)]
