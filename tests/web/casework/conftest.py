"""People only the pages of the desk need."""

import pytest

from accounts.choices import Role
from tests.factories.accounts import UserFactory


@pytest.fixture
def auditor(db):
    """Sees everything, works on nothing."""
    return UserFactory(username="auditor", name="钱审计", role=Role.AUDITOR)
