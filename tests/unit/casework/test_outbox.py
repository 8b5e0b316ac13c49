"""What leaves the house: who hears how, at night and in the morning, once; sent to real servers on this machine."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from casework.choices import Channel, Mode, Topic
from casework.models import Case, Message, MessageLine, Preference, Reminder
from casework.outbox import (
    BACKOFF,
    LEASE,
    MAX_ATTEMPTS,
    channels_due,
    claim_messages,
    plan_messages,
    resend,
    send_due,
)
from grids.models import OfficeHours
from tests.factories.accounts import UserFactory
from tests.factories.calendar import at
from tests.factories.requests import report
from tests.servers import smtp_server

pytestmark = pytest.mark.django_db
MORNING = at("2023-02-21 10:00")  # a Tuesday
NIGHT = at("2023-02-21 23:30")


@pytest.fixture
def ticket(micro_grid_worker, tree):
    return report(micro_grid_worker, tree["00500101"], caller_name="张桂兰", caller_phone="09310000001")


@pytest.fixture
def leader(grid_leader):
    grid_leader.email, grid_leader.phone = "leader@example.org", "13800000001"
    grid_leader.save()
    return grid_leader


@pytest.fixture
def mail(settings):
    """A mail server that takes everything until it is told otherwise."""
    with smtp_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


@pytest.fixture
def remind(ticket, leader):
    """Makes a reminder for the leader and plans what follows from it; returns it."""

    def make(rule="late", *, now=MORNING, person=leader, case=ticket, **more):
        facts = {
            "number": case.number,
            "title": case.title,
            "handler": "王工",
            "step": "handle",
            "days": 0,
            "who": "马微",
        }
        row = Reminder.objects.create(
            dedupe_key=f"{rule}:{Reminder.objects.count()}",
            rule=rule,
            recipient=person,
            case_id=case.pk,
            planned_at=now,
            facts=facts | more.pop("facts", {}),
            **more,
        )
        plan_messages([row.pk], now=now)
        return row

    return make


def prefer(person, topic, channel, mode):
    Preference.objects.create(user=person, topic=topic, channel=channel, mode=mode)


def planned():
    rows = Message.objects.order_by("pk").values_list("channel", "is_digest", "send_after")
    return [(channel, is_digest, timezone.localtime(when)) for channel, is_digest, when in rows]


def states():
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


# --- who hears how ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("news", []),
        ("due_soon", [("email", True)]),
        ("late", [("email", True)]),
        ("news_decision", [("email", False)]),
        ("calendar_provisional", [("email", False)]),
    ],
)
def test_who_chose_nothing_hears_by_the_defaults(remind, rule, expected):
    remind(rule)
    assert [(channel, digest) for channel, digest, _at in planned()] == expected


def test_a_choice_goes_before_the_default(remind, leader):
    prefer(leader, Topic.LATE, Channel.EMAIL, Mode.AT_ONCE)
    prefer(leader, Topic.LATE, Channel.SMS, Mode.DIGEST)
    prefer(leader, Topic.DUE_SOON, Channel.EMAIL, Mode.OFF)
    remind("late")
    remind("due_soon")
    assert planned() == [
        ("email", False, MORNING),
        ("sms", True, at("2023-02-22 08:40")),
    ]


def test_without_a_carrier_a_text_message_is_called_noted_and_not_sent(remind, leader):
    prefer(leader, Topic.LATE, Channel.SMS, Mode.AT_ONCE)
    remind("late")
    assert send_due("sms", now=MORNING) == 1
    row = Message.objects.get(channel="sms")
    assert (row.state, row.sent_at) == ("noted", None)


def test_nobody_is_written_to_without_an_address_or_after_leaving(remind, leader):
    remind(person=UserFactory(email="", phone=""))
    remind(person=UserFactory(email="gone@example.org", is_active=False))
    assert planned() == []


# --- at night and in the morning -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        ("2023-02-21 20:59", "2023-02-21 20:59"),
        ("2023-02-21 21:00", "2023-02-22 08:00"),
        ("2023-02-22 07:59", "2023-02-22 08:00"),
        ("2023-02-22 08:00", "2023-02-22 08:00"),
    ],
)
def test_what_comes_in_the_quiet_hours_waits_for_their_end(remind, now, sent):
    remind("news_decision", now=at(now))
    assert planned() == [("email", False, at(sent))]


EVENING, NEXT_MORNING = at("2023-02-21 20:58"), at("2023-02-22 08:00")


def test_a_retry_that_falls_into_the_night_waits_for_its_end_without_losing_a_try(remind, mail):
    mail.answers["MAIL"] = "451 later"
    remind("news_decision", now=EVENING)
    assert send_due("email", now=EVENING) == 0
    mail.answers.clear()
    for minute in (5, 30, 600):
        assert send_due("email", now=EVENING + timedelta(minutes=minute)) == 0
    row = Message.objects.get()
    assert (row.state, row.attempts, row.send_after) == ("planned", 1, NEXT_MORNING)
    assert mail.letters == []
    assert send_due("email", now=NEXT_MORNING) == 1


@pytest.mark.parametrize("late", ["2023-02-21 20:59:30", "2023-02-21 23:30", "2023-02-22 07:59"])
def test_a_worker_that_comes_late_sends_at_night_only_what_is_urgent(remind, mail, late):
    """Half a minute before the night is too late as well: a run takes that long."""
    remind("news_decision", now=EVENING)
    remind("news_decision", now=EVENING, is_urgent=True)
    assert send_due("email", now=at(late)) == 1
    assert Message.objects.get(state="planned").send_after == NEXT_MORNING
    assert Message.objects.get(state="sent").is_urgent


def test_what_is_put_back_by_hand_at_night_waits_for_the_morning(remind, mail):
    remind("news_decision", now=EVENING)
    Message.objects.update(state="dead", attempts=MAX_ATTEMPTS)
    resend(Message.objects.all(), now=NIGHT)
    assert (send_due("email", now=NIGHT), mail.letters) == (0, [])
    assert send_due("email", now=NEXT_MORNING) == 1


def test_the_night_is_that_of_the_place_the_message_is_about(remind, mail, tree):
    OfficeHours.objects.create(area=tree["005"], quiet_from=time(22), quiet_to=time(6), basis="社区作息")
    remind("news_decision", now=EVENING)
    assert send_due("email", now=at("2023-02-21 21:30")) == 1


def test_what_is_urgent_goes_at_once_also_at_night_and_past_the_morning_list(remind):
    remind("news_decision", now=NIGHT, is_urgent=True)
    remind("late", now=NIGHT, is_urgent=True)
    assert planned() == [("email", False, NIGHT), ("email", False, NIGHT)]
    assert Message.objects.filter(is_urgent=True).count() == 2


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2023-02-21 08:39", "2023-02-21 08:40"),
        ("2023-02-21 08:40", "2023-02-22 08:40"),
        ("2023-02-24 18:00", "2023-02-27 08:40"),  # over a weekend
        ("2023-01-27 12:00", "2023-01-28 08:40"),  # a Saturday that is worked
        ("2023-09-28 18:00", "2023-10-07 08:40"),  # over the National Day
    ],
)
def test_the_morning_list_comes_on_the_next_workday(remind, now, morning):
    remind(now=at(now))
    assert planned() == [("email", True, at(morning))]


def test_all_of_one_morning_stand_in_one_message_once_each(remind):
    rows = [remind(), remind("due_soon"), remind(now=at("2023-02-21 20:00"))]
    plan_messages([row.pk for row in rows], now=MORNING)
    assert len(planned()) == 1
    assert MessageLine.objects.count() == 3


def test_a_reminder_that_comes_while_its_list_is_being_sent_goes_into_the_next_workdays(remind):
    friday = at("2023-02-24 08:39")
    remind(now=friday)
    assert len(claim_messages("email", now=at("2023-02-24 08:40"))) == 1
    remind(now=friday)
    assert planned()[1:] == [("email", True, at("2023-02-27 08:40"))]
    assert [m.lines.count() for m in Message.objects.order_by("pk")] == [1, 1]


def test_planning_the_same_reminder_again_changes_nothing(remind):
    row = remind("news_decision")
    plan_messages([row.pk], now=MORNING + timedelta(hours=1))
    assert planned() == [("email", False, MORNING)]
    assert MessageLine.objects.count() == 1


# --- claims ----------------------------------------------------------------------------------------------------


def test_nothing_is_claimed_before_its_hour(remind):
    remind()
    assert claim_messages("email", now=at("2023-02-22 08:39")) == []
    assert channels_due(now=at("2023-02-22 08:39")) == []
    assert channels_due(now=at("2023-02-22 08:40")) == ["email"]


def test_a_claim_holds_until_its_lease_is_over_and_is_then_taken_again(remind):
    remind("news_decision")
    assert len(claim_messages("email", now=MORNING)) == 1
    assert claim_messages("email", now=MORNING + LEASE) == []
    assert channels_due(now=MORNING + LEASE) == []
    (again,) = claim_messages("email", now=MORNING + LEASE + timedelta(seconds=1))
    assert again.attempts == 2


# --- sending ---------------------------------------------------------------------------------------------------


def test_a_message_is_sent_once_and_marked(remind, mail):
    remind("news_decision")
    assert send_due("email", now=MORNING) == 1
    assert send_due("email", now=MORNING + timedelta(days=1)) == 0
    assert [letter["To"] for letter in mail.letters] == ["leader@example.org"]
    row = Message.objects.get()
    assert (row.state, row.sent_at, row.lease_until, row.last_error) == ("sent", MORNING, None, "")


def test_a_server_that_fails_is_tried_later_and_later_and_then_given_up(remind, mail):
    mail.answers["DATA"] = "451 try again later"
    remind("news_decision")
    now = MORNING
    for turn in range(MAX_ATTEMPTS):
        assert send_due("email", now=now) == 0
        row = Message.objects.get()
        if turn < MAX_ATTEMPTS - 1:
            assert (row.state, row.send_after - now) == ("planned", BACKOFF[min(turn, len(BACKOFF) - 1)])
            assert row.last_error
            assert claim_messages("email", now=row.send_after - timedelta(seconds=1)) == []
        now = row.send_after
    assert states() == ["dead"]


def test_a_refusal_for_good_is_given_up_and_can_be_sent_again(remind, mail):
    mail.answers["RCPT"] = "550 no such person"
    remind("news_decision")
    assert send_due("email", now=MORNING) == 0
    row = Message.objects.get()
    assert (row.state, row.attempts) == ("dead", 1)
    assert "example.org" not in row.last_error
    mail.answers.clear()
    later = MORNING + timedelta(days=3)
    assert resend(Message.objects.all(), now=later) == 1
    assert resend(Message.objects.all(), now=later) == 0
    assert send_due("email", now=later) == 1
    assert states() == ["sent"]


def test_only_what_was_given_up_is_sent_again(remind, mail):
    remind("news_decision")
    assert resend(Message.objects.all(), now=MORNING) == 0
    send_due("email", now=MORNING)
    assert resend(Message.objects.all(), now=MORNING) == 0


# --- what is no longer to be told ------------------------------------------------------------------------------


def test_nothing_is_sent_about_a_case_the_recipient_no_longer_sees(remind, mail, tree):
    remind("news_decision")
    Case.objects.update(path=tree["00600101"].code)
    assert send_due("email", now=MORNING) == 0
    assert states() == ["dropped"]
    assert mail.letters == []


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_nothing_is_sent_to_who_left_or_took_the_address_away(remind, mail, leader, change):
    remind("news_decision")
    type(leader).objects.filter(pk=leader.pk).update(**change)
    assert send_due("email", now=MORNING) == 0
    assert states() == ["dropped"]
    assert mail.letters == []


def test_of_a_list_only_what_is_still_seen_is_sent(remind, mail, micro_grid_worker, tree):
    other = report(micro_grid_worker, tree["00500102"])
    remind()
    remind(case=other)
    Case.objects.filter(pk=other.pk).update(path=tree["00600101"].code)
    assert send_due("email", now=at("2023-02-22 08:40")) == 1
    text = mail.letters[0].get_content()
    assert other.number not in text
