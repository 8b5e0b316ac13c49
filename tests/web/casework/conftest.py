"""People only the pages of the desk need."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.choices import Role
from tests.factories.accounts import UserFactory
from tests.factories.requests import report

NOW = datetime(2023, 2, 22, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def clock():
    """A Wednesday morning in the office."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def make(clock, grid_worker, tree):
    """Reports a ticket that many hours before now."""

    def build(area="00500101", hours=1, **fields):
        then = clock - timedelta(hours=hours)
        return report(fields.pop("actor", grid_worker), tree[area], now=then, **fields)

    return build


@pytest.fixture
def auditor(db):
    """Reads the tables of the administration and the record of what was done there; sees no case."""
    return UserFactory(username="auditor", name="钱审计", role=Role.AUDITOR)


@pytest.fixture
def english_for(client_for, settings):
    """A signed-in test client that reads the pages in English."""

    def build(user):
        client = client_for(user)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return client

    return build
