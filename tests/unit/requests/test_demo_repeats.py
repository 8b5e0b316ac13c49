"""The demonstration shows repeats and topics, and no two of its callers are the same person."""

from collections import Counter

import pytest
from django.utils import timezone

from portal.demo import build
from requests_.models import ProactiveTopic, Ticket


@pytest.fixture
def built(db):
    build(now=timezone.now(), scale=0.1)


def test_repeats_and_topics_are_told_and_callers_are_distinct(built):
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
    assert repeats
    assert all(ticket.opened_at >= ticket.repeat_of.opened_at for ticket in repeats)
