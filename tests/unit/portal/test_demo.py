"""The demonstration is whole on whatever day and at whatever hour it is built."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.demo import STAFF
from accounts.models import User
from casework.consistency import (
    missing_limits,
    series_behind,
    wrong_due_times,
    wrong_statuses,
    wrong_tallies,
)
from casework.deadlines import workdays_late
from casework.models import Attachment, CaseEvent, InboxItem
from grids.office_calendar import calendar_for
from portal.demo import COMMUNITY, build
from requests_.choices import TicketStatus
from requests_.demo import ENDINGS, HANDLED
from requests_.models import ProactiveTopic, Ticket

ZONE = ZoneInfo("Asia/Shanghai")
WHEN = {
    "weekday": datetime(2025, 11, 26, 10, 40, tzinfo=ZONE),
    "holiday": datetime(2026, 10, 6, 15, tzinfo=ZONE),
    "sunday night": datetime(2025, 11, 30, 23, 15, tzinfo=ZONE),
}


@pytest.mark.parametrize("now", WHEN.values(), ids=WHEN)
def test_it_is_whole_whenever_it_is_built(db, now):
    build(now=now, scale=0.01)
    assert set(Ticket.objects.values_list("status", flat=True)) == {status.value for status in TicketStatus}
    _the_office_acted_in_its_hours(now)
    _some_is_due_when_the_office_closes_next_and_some_overdue(now)
    _everything_is_marked_synthetic()
    _repeats_and_topics_are_told_and_callers_are_distinct()
    _inboxes_tell_of_several_days_and_what_is_old_was_read(now)
    assert [
        *missing_limits(),
        *wrong_due_times(),
        *wrong_statuses(),
        *wrong_tallies(),
        *series_behind(),
    ] == []


def _the_office_acted_in_its_hours(now):
    calendar, minute = calendar_for(COMMUNITY), timedelta(minutes=1)
    acted = CaseEvent.objects.filter(actor__isnull=False).values_list("verb", "at")
    assert max(at for _verb, at in acted) <= now
    assert not [
        f"{verb} {calendar.local(at)}"
        for verb, at in acted
        if not calendar.working_time_between(at - minute, at + minute)
    ]


def _some_is_due_when_the_office_closes_next_and_some_overdue(now):
    calendar = calendar_for(COMMUNITY)
    closings = (calendar.closing(now.date() + timedelta(days=n)) for n in range(10))
    closing = next(at for at in closings if at > now and calendar.is_workday(at.date()))
    handled = Ticket.objects.filter(status=TicketStatus.HANDLING)
    assert handled.filter(due_at=closing).exists()
    assert handled.filter(due_at__lt=now).exists()


def _everything_is_marked_synthetic():
    assert not Ticket.objects.filter(is_synthetic=False).exists()
    assert not User.objects.exclude(employee_no__startswith="DEMO-").exists()
    assert set(Attachment.objects.values_list("kind", flat=True)) >= {"before", "after"}


def _repeats_and_topics_are_told_and_callers_are_distinct():
    topics = ProactiveTopic.objects.filter(is_synthetic=True)
    assert {(t.category.code, t.status) for t in topics} >= {
        ("heating", "in_hand"),
        ("water-drain", "to_take_up"),
    }
    assert all(topic.tickets.count() >= 3 for topic in topics)
    third = Ticket.objects.get(category__code="noise", caller_phone="0931-0000001", repeat_number=3)
    assert list(
        third.repeat_of.repeats.order_by("repeat_number").values_list("repeat_number", flat=True)
    ) == [2, 3]
    assert third.topic is None

    phones = Counter(Ticket.objects.exclude(caller_phone="").values_list("caller_phone", flat=True))
    assert all(phone.startswith("0931-0000") for phone in phones)
    assert {phone for phone, count in phones.items() if count > 1} == {"0931-0000001"}
    repeats = Ticket.objects.filter(repeat_of__isnull=False).select_related("repeat_of")
    assert all(ticket.opened_at >= ticket.repeat_of.opened_at for ticket in repeats)


def _inboxes_tell_of_several_days_and_what_is_old_was_read(now):
    """Lateness among them, from before the first sweep of the running site."""
    assert InboxItem.objects.filter(rule="late", created_at__lt=now - timedelta(hours=3)).exists()
    assert len(set(InboxItem.objects.dates("created_at", "day"))) > 5
    assert not InboxItem.objects.filter(created_at__gt=now).exists()
    calendar = calendar_for("")
    for item in InboxItem.objects.filter(rule="late"):
        due_at = datetime.fromisoformat(item.facts["due_at"])
        assert workdays_late(due_at, item.created_at, calendar) == item.facts["days"]
    assert InboxItem.objects.unread().exists()
    for item in InboxItem.objects.unread().select_related("case"):
        assert item.created_at > now - timedelta(days=2)
        assert not item.case.events.filter(actor=item.recipient, at__gte=item.created_at).exists()


def test_at_full_size_it_has_about_400_tickets_and_an_office_of_14():
    assert 390 <= sum(count for _ending, count, *_ in (*ENDINGS, *HANDLED)) <= 410
    assert len(STAFF) == 14
