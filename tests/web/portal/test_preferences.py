"""通知设置: what a person chooses is kept, defaults are shown as chosen, nonsense is refused with the form kept."""

from datetime import time

import pytest

from casework.choices import Channel, Mode, Topic
from casework.errors import RuleBroken
from casework.models import Preference
from casework.outbox import DEFAULT_MODES
from casework.preferences import CELLS, modes_for, save_preferences
from grids.choices import Duty
from grids.models import OfficeHours
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory

pytestmark = pytest.mark.django_db
URL = "/inbox/preferences/"


def shown(client):
    form = client.get(URL).context["form"]
    return {field.html_name: field.initial for field in form}


@pytest.fixture
def client_of(client_for, officer):
    return client_for(officer)


def test_everybody_who_is_signed_in_has_the_page(
    client_for, client, leader_view, department_handler, system_admin, settings
):
    settings.ADMIN_SECOND_FACTOR = False
    for person in (leader_view, department_handler, system_admin):
        assert client_for(person).get(URL).status_code == 200
    assert client.get(URL).status_code == 302


def test_it_is_linked_from_the_inbox_and_from_one_s_own_page(client_of):
    for page in ("/inbox/", "/accounts/me/"):
        assert f'href="{URL}"' in client_of.get(page).content.decode()


def test_defaults_are_shown_as_chosen(client_of):
    values = shown(client_of)
    for topic, channel in CELLS:
        assert values[f"{topic}-{channel}"] == DEFAULT_MODES.get((topic, channel), Mode.OFF)


def test_a_choice_is_kept_and_what_equals_the_default_needs_no_row(client_of, officer):
    data = shown(client_of) | {"late-email": "at_once", "turn-sms": "digest", "email": " su@example.org "}
    assert client_of.post(URL, data).url == URL
    rows = Preference.objects.filter(user=officer).values_list("topic", "channel", "mode")
    assert sorted(rows) == [("late", "email", "at_once"), ("turn", "sms", "digest")]
    officer.refresh_from_db()
    assert officer.email == "su@example.org"
    assert shown(client_of)["late-email"] == "at_once"
    client_of.post(URL, shown(client_of) | {"late-email": "digest", "turn-sms": "at_once", "email": ""})
    rows = Preference.objects.filter(user=officer).values_list("topic", "channel", "mode")
    assert list(rows) == [("turn", "sms", "at_once")]
    officer.refresh_from_db()
    assert officer.email == ""


def test_saving_the_same_twice_changes_nothing(client_of):
    data = shown(client_of) | {"late-email": "off"}
    client_of.post(URL, data)
    client_of.post(URL, data)
    assert Preference.objects.count() == 1


def test_one_changes_only_one_s_own(client_of, grid_leader):
    save_preferences(actor=grid_leader, modes={(Topic.LATE, Channel.EMAIL): Mode.OFF}, email="li@example.org")
    client_of.post(URL, shown(client_of) | {"late-email": "at_once", "email": "su@example.org"})
    assert modes_for(grid_leader)[Topic.LATE, Channel.EMAIL] == Mode.OFF
    grid_leader.refresh_from_db()
    assert grid_leader.email == "li@example.org"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", "a@b"),
        ("email", "a@example.org\nBcc: b@example.org"),
        ("email", "x" * 250 + "@example.org"),
        ("late-email", "hourly"),
        ("late-email", ""),
        ("turn-sms", "' OR 1=1"),
    ],
)
def test_nonsense_is_refused_nothing_is_saved_and_the_form_is_kept(client_of, officer, field, value):
    data = shown(client_of) | {"decision-email": "off", "system-sms": "digest", field: value}
    response = client_of.post(URL, data)
    assert response.status_code == 400
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert form["decision-email"].value() == "off"
    html = response.content.decode()
    assert 'role="alert"' in html
    assert "aria-invalid" in html
    assert not Preference.objects.exists()
    officer.refresh_from_db()
    assert officer.email == ""


def test_an_empty_form_changes_nothing(client_of):
    assert client_of.post(URL).status_code == 400
    assert client_of.put(URL).status_code == 405
    assert not Preference.objects.exists()


def test_the_writer_refuses_what_no_page_offers(officer):
    for cell, mode in (
        (("gossip", "email"), "off"),
        (("late", "pigeon"), "off"),
        (("late", "wecom"), "off"),
        (("late", "email"), "hourly"),
    ):
        with pytest.raises(RuleBroken):
            save_preferences(actor=officer, modes={cell: mode}, email="")
    assert not Preference.objects.exists()


def test_the_phone_is_masked_and_its_lack_is_said(client_for):
    with_phone = client_for(UserFactory(phone="13812345678")).get(URL).content.decode()
    assert "138****5678" in with_phone
    assert "13812345678" not in with_phone
    assert "****" not in client_for(UserFactory()).get(URL).content.decode()


def test_the_quiet_hours_are_those_of_the_main_post(client_for, tree, officer):
    AssignmentFactory(user=officer, area=tree["006"], duty=Duty.COMMUNITY_OFFICER, is_deputy=True)
    OfficeHours.objects.create(
        area=tree["005"],
        quiet_from=time(20, 15),
        quiet_to=time(7, 5),
        digest_at=time(9, 25),
        basis="社区约定",
    )
    html = client_for(officer).get(URL).content.decode()
    for text in ("20:15", "07:05", "09:25"):
        assert text in html
    elsewhere = client_for(UserFactory()).get(URL).content.decode()
    for text in ("21:00", "08:00", "08:40"):
        assert text in elsewhere


def test_whether_text_messages_are_sent_here_is_said(client_of, settings):
    assert not client_of.get(URL).context["sends_text_messages"]
    settings.SMS_GATEWAY = "tests.unit.casework.test_letters.KeptSms"
    assert client_of.get(URL).context["sends_text_messages"]


def test_the_page_asks_few_queries(client_of, django_assert_max_num_queries):
    client_of.get(URL)
    with django_assert_max_num_queries(6):
        client_of.get(URL)
