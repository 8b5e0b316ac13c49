"""Administrators come in without their second factor here: that door has its own tests."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    settings.ADMIN_SECOND_FACTOR = False
