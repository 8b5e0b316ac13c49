"""People only the pages of the desk need."""

import pytest

from accounts.choices import Role
from tests.factories.accounts import UserFactory


@pytest.fixture
def auditor(db):
    """Sees everything, works on nothing."""
    return UserFactory(username="auditor", name="钱审计", role=Role.AUDITOR)


@pytest.fixture
def english_for(client_for, settings):
    """A signed-in test client that reads the pages in English."""

    def build(user):
        client = client_for(user)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return client

    return build
