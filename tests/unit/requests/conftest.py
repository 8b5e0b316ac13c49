"""Fixtures of the ticket tests."""

import pytest
from django.utils import timezone

from casework.models import InboxItem, Parameter
from casework.reminders import deliver_all


@pytest.fixture
def no_sample(db):
    Parameter.objects.filter(key="spot_check_percent").update(value=0)


@pytest.fixture
def full_sample(db):
    Parameter.objects.filter(key="spot_check_percent").update(value=100)


@pytest.fixture
def inbox_of(db):
    """Delivers what is planned and returns a person's inbox entries."""

    def inbox(user):
        deliver_all(now=timezone.now())
        return list(InboxItem.objects.visible_to(user))

    return inbox
