"""Signing in and out, and everything that keeps others from doing it."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"


def sign_in(client, user, password=PASSWORD, **more):
    name = user if isinstance(user, str) else user.username
    return client.post(SIGN_IN, {"username": name, "password": password, **more})


def test_right_name_and_password_open_the_home_page(client):
    response = sign_in(client, UserFactory())
    assert response.status_code == 302
    assert response.url == reverse("portal:home")
    assert client.get(reverse("portal:home")).status_code == 200


def test_a_page_asked_for_before_is_opened_after_signing_in(client):
    wanted = client.get(reverse("portal:inbox"))
    assert wanted.url == f"{SIGN_IN}?next=/inbox/"
    assert sign_in(client, UserFactory(), next="/inbox/").url == "/inbox/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", SIGN_IN]
)
def test_next_never_leads_to_another_site_or_in_a_circle(client, target):
    user = UserFactory()
    assert sign_in(client, user, next=target).url == "/"
    assert client.get(SIGN_IN, {"next": target}).url == "/"


def test_nobody_learns_whether_a_name_exists(client):
    user, gone = UserFactory(), UserFactory(is_active=False)
    pages = [
        sign_in(client, name, password)
        for name, password in ((user, "wrong-1"), ("nobody", "wrong-1"), (gone, PASSWORD))
    ]
    errors = {str(page.context["form"].non_field_errors()) for page in pages}
    assert len(errors) == 1
    assert [page.status_code for page in pages] == [200] * 3


def test_what_was_typed_stays_except_the_password(client):
    text = sign_in(client, "zhang.san", "wrong-1").content.decode()
    assert "zhang.san" in text
    assert "wrong-1" not in text


@pytest.mark.parametrize(
    ("name", "password"), [("a\x00b", "x"), ("😀" * 50, "x"), ("a" * 5000, "b" * 5000), ("", "")]
)
def test_nonsense_is_refused_with_a_page(client, name, password):
    assert sign_in(client, name, password).status_code == 200


def test_the_session_key_changes_at_sign_in(client):
    client.get(SIGN_IN)
    client.session["planted"] = True
    before = client.session.session_key
    sign_in(client, UserFactory())
    assert client.session.session_key != before


def test_the_sixth_try_after_five_wrong_ones_waits_a_quarter_of_an_hour(client):
    user = UserFactory()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _try in range(4):
            assert sign_in(client, user, "wrong-1").status_code == 200
        assert sign_in(client, user, "wrong-1").status_code == 429
        locked = sign_in(client, user)
        assert locked.status_code == 429
        assert "15" in locked.content.decode()
        clock.shift(timedelta(minutes=16))
        assert sign_in(client, user).status_code == 302


def test_signing_out_is_a_post_and_ends_the_session(client_for):
    client = client_for(UserFactory())
    assert client.get("/accounts/sign-out/").status_code == 405
    assert client.post("/accounts/sign-out/").url == SIGN_IN
    assert client.get("/").status_code == 302


def test_the_form_needs_its_token():
    client = Client(enforce_csrf_checks=True)
    response = client.post(SIGN_IN, {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert "wg-public" in response.content.decode()


def test_the_cast_is_shown_in_a_demonstration_only(client, settings):
    assert PASSWORD not in client.get(SIGN_IN).content.decode()
    settings.DEMO = True
    assert PASSWORD in client.get(SIGN_IN).content.decode()


def test_a_fragment_asked_for_after_the_session_ended_reloads_the_page(client):
    response = client.get(reverse("casework:case_list"), headers={"HX-Request": "true"})
    assert response.headers["HX-Refresh"] == "true"
    assert response.content == b""


@pytest.mark.parametrize(
    ("sent_from", "back_to"),
    [
        ("http://testserver/cases/T-2026-000001/?x=1", "/cases/T-2026-000001/?x=1"),
        ("https://evil.example/cases/", "/"),
        ("", "/"),
    ],
)
def test_a_form_sent_after_the_session_ended_leads_back_to_its_page_and_says_it_was_not_saved(
    client, officer, sent_from, back_to
):
    response = client.post("/cases/T-2026-000001/notes/", {"text": "到场"}, headers={"Referer": sent_from})
    assert response.url == f"{SIGN_IN}?{urlencode({'next': back_to}, safe='/')}"
    assert "没有保存" in client.get(response.url).content.decode()
    assert "没有保存" not in Client().get(response.url).content.decode()


def test_the_administration_sends_people_to_the_same_sign_in_page(client):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith(SIGN_IN)
