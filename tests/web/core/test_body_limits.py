"""A body that is too large for its address is refused by its length alone: in these tests no byte of it is there.

Reading what is not there would fail the test client.
"""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from casework.forms import MAX_PHOTOS
from core.middleware import BodyLimitMiddleware

pytestmark = pytest.mark.django_db
MB = 1024**2
ARGS = {"casework:case_note": ["T-2026-000001"], "casework:case_do": ["T-2026-000001", "finish"]}
UPLOADS = sorted(settings.BODY_LIMITS)


def url_of(name):
    return reverse(name, args=ARGS.get(name))


def announce(client, url, length):
    """The answer to a POST that says how long its body is and sends none of it."""
    form = "multipart/form-data; boundary=x"
    return client.generic("POST", url, content_type=form, CONTENT_LENGTH=str(length))


@pytest.mark.parametrize(
    "url", ["/accounts/sign-in/", "/tickets/report/", "/areas/import/", "/language/", "/nowhere/"]
)
def test_a_large_form_of_somebody_not_signed_in_is_refused_unread(client, url):
    for length in (200 * MB, settings.SIGNED_OUT_MAX_BYTES + 1):
        response = announce(client, url, length)
        assert response.status_code == 413
        assert "尚未登录" in response.content.decode()


def test_a_session_that_ended_counts_as_not_signed_in(client_for, officer):
    client = client_for(officer)
    session = client.session
    session["session_started_at"] = 0
    session.save()
    assert "尚未登录" in announce(client, "/tickets/report/", 20 * MB).content.decode()


@pytest.mark.parametrize("name", ["portal:preferences", "casework:filter_save", "accounts:change_password"])
def test_a_form_without_files_takes_five_megabytes(client_for, officer, name):
    response = announce(client_for(officer), url_of(name), 5 * MB + 1)
    assert response.status_code == 413
    assert "5 MB" in response.content.decode()


@pytest.mark.parametrize("name", UPLOADS)
def test_a_page_that_takes_files_takes_what_they_may_have_together_and_no_more(client_for, officer, name):
    limit = settings.BODY_LIMITS[name]
    response = announce(client_for(officer), url_of(name), limit + 1)
    assert response.status_code == 413
    assert f"{limit // MB} MB" in response.content.decode()
    request = RequestFactory().generic("POST", url_of(name), CONTENT_LENGTH=str(limit))
    request.user = officer
    assert BodyLimitMiddleware(lambda request: HttpResponse("in"))(request).content == b"in"


def test_the_limits_leave_room_for_as_many_files_as_the_forms_take():
    assert settings.BODY_LIMITS["requests:ticket_report"] > MAX_PHOTOS * settings.UPLOAD_MAX_BYTES
    assert settings.BODY_LIMITS["grids:import"] > settings.GEOJSON_MAX_BYTES


def test_a_text_sent_after_the_session_ended_is_read_and_led_back_to_its_page():
    response = Client().post("/cases/T-2026-000001/notes/", {"text": "长" * 2000})
    assert response.status_code == 302


@pytest.mark.parametrize("length", ["", "x", "-1"])
def test_a_length_that_is_no_number_is_no_length(client, length):
    assert client.generic("POST", "/language/", CONTENT_LENGTH=length).status_code < 500
