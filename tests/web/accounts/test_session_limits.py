"""A session ends after thirty idle minutes and after twelve hours, and the sign-in page says so."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
MORNING = datetime(2023, 2, 20, 0, 30, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(MORNING, tick=False) as travel:
        yield travel


@pytest.fixture
def at_work(client, clock):
    user = UserFactory()
    client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    assert client.get("/").status_code == 200
    return client


def test_twenty_nine_idle_minutes_are_fine(at_work, clock):
    clock.shift(timedelta(minutes=29))
    assert at_work.get("/").status_code == 200


def test_thirty_one_idle_minutes_end_the_session_and_the_page_says_why(at_work, clock):
    clock.shift(timedelta(minutes=31))
    response = at_work.get("/inbox/")
    assert response.url == "/accounts/sign-in/?next=/inbox/"
    page = at_work.get(response.url)
    assert page.context["signed_out_by_limit"] is True
    assert "30" in page.content.decode()


def test_somebody_who_works_on_is_signed_out_after_twelve_hours(at_work, clock):
    for _step in range(35):
        clock.shift(timedelta(minutes=20))
        assert at_work.get("/").status_code == 200
    clock.shift(timedelta(minutes=21))
    assert at_work.get("/").status_code == 302


def test_signing_in_again_begins_a_new_day(at_work, clock):
    clock.shift(timedelta(hours=13))
    assert at_work.get("/").status_code == 302
    user = UserFactory()
    at_work.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    assert at_work.get("/").status_code == 200
    at_work.post("/accounts/sign-out/")
    assert at_work.get("/accounts/sign-in/").context["signed_out_by_limit"] is False
