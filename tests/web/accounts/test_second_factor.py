"""System and security administrators show a second factor; nobody replaces one with a password alone."""

from binascii import unhexlify
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.choices import Role
from accounts.services import set_up_device
from accounts.views import SET_UP_KEY
from core.errors import DomainError, NotAllowed
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
VERIFY, SET_UP = "/accounts/second-factor/", "/accounts/second-factor/set-up/"
PASSWORD_PAGE = "/accounts/password/"
NOON = datetime(2023, 2, 20, 4, tzinfo=UTC)
KEY = "3132333435363738393031323334353637383930"


@pytest.fixture(autouse=True)
def required(settings):
    settings.ADMIN_SECOND_FACTOR = True


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as travel:
        yield travel


@pytest.fixture
def admin(client_for, system_admin, clock):
    return client_for(system_admin)


@pytest.fixture
def device(system_admin):
    return TOTPDevice.objects.create(user=system_admin, key=KEY, confirmed=True)


def code(key=KEY):
    return f"{TOTP(unhexlify(key)).token():06d}"


def wrong(right):
    return f"{(int(right) + 1) % 1000000:06d}"


def test_an_administrator_without_a_device_sets_one_up(admin, system_admin):
    assert admin.get("/admin/").url == VERIFY
    assert admin.get(VERIFY).url == SET_UP
    page = admin.get(SET_UP)
    assert page.context["qr_source"].startswith("data:image/svg+xml;base64,")
    key = admin.session[SET_UP_KEY]
    assert admin.post(SET_UP, {"token": code(key)}).url == "/"
    assert admin.get("/").status_code == 200
    assert TOTPDevice.objects.get(user=system_admin).key == key


def test_looking_at_the_set_up_page_creates_no_device(admin):
    admin.get(SET_UP)
    assert not TOTPDevice.objects.exists()


def test_a_wrong_code_sets_nothing_up_and_keeps_the_key(admin):
    admin.get(SET_UP)
    key = admin.session[SET_UP_KEY]
    response = admin.post(SET_UP, {"token": wrong(code(key))})
    assert response.context["form"].errors["token"]
    assert admin.session[SET_UP_KEY] == key
    assert not TOTPDevice.objects.exists()


def test_a_new_session_asks_for_the_code(admin, device):
    assert admin.get("/").url == VERIFY
    assert admin.get(VERIFY).status_code == 200
    assert admin.post(VERIFY, {"token": code()}).url == "/"
    assert admin.get("/").status_code == 200
    assert admin.get(VERIFY).url == "/"


def test_a_code_serves_once(client_for, system_admin, device, clock):
    first, second = client_for(system_admin), client_for(system_admin)
    first.post(VERIFY, {"token": code()})
    assert second.post(VERIFY, {"token": code()}).context["form"].errors
    clock.shift(timedelta(seconds=60))
    assert second.post(VERIFY, {"token": code()}).status_code == 302


@pytest.mark.parametrize("token", ["", "12345", "1234567", "abcdef", "１２３４５６", "12\x003456"])
def test_what_is_no_code_is_refused(admin, device, token):
    assert admin.post(VERIFY, {"token": token}).context["form"].errors["token"]


def test_guessing_slows_down(admin, device):
    admin.post(VERIFY, {"token": wrong(code())})
    assert admin.post(VERIFY, {"token": code()}).context["form"].errors["token"]


def test_a_password_alone_replaces_no_device(admin, device, system_admin):
    assert admin.get(SET_UP).url == VERIFY
    assert admin.post(SET_UP, {"token": "123456"}).url == VERIFY
    with pytest.raises(NotAllowed):
        set_up_device(actor=system_admin, key=KEY, token=code())


def test_the_service_refuses_a_wrong_code(system_admin):
    with pytest.raises(DomainError):
        set_up_device(actor=system_admin, key=KEY, token=wrong(code()))


def test_who_keeps_people_shows_one_too(client_for):
    assert client_for(UserFactory(role=Role.SECURITY_ADMIN)).get("/admin/").url == VERIFY


def test_a_password_is_not_changed_before_the_second_factor(admin, device):
    assert admin.get(PASSWORD_PAGE).url == VERIFY
    admin.post(VERIFY, {"token": code()})
    assert admin.get(PASSWORD_PAGE).status_code == 200


def test_only_a_first_password_is_changed_before_it(admin, system_admin):
    system_admin.must_change_password = True
    system_admin.save()
    assert admin.get("/").url == PASSWORD_PAGE
    assert admin.get(PASSWORD_PAGE).status_code == 200


def test_others_need_none(client_for):
    client = client_for(UserFactory(role=Role.AUDITOR))
    assert client.get("/").status_code == 200
    assert client.get(VERIFY).url == "/"


def test_an_installation_may_switch_it_off(admin, settings):
    settings.ADMIN_SECOND_FACTOR = False
    assert admin.get("/admin/").status_code == 200
