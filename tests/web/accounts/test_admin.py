"""People are set up in the administration; rights follow the role."""

import re

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.choices import Role
from accounts.models import User
from tests.factories.accounts import PASSWORD, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:accounts_user_add")


@pytest.fixture(autouse=True)
def by_password_alone(settings):
    settings.ADMIN_SECOND_FACTOR = False


@pytest.fixture
def site(client_for, system_admin):
    return client_for(system_admin)


@pytest.fixture
def keeper():
    """A security administrator."""
    return UserFactory(name="安管", role=Role.SECURITY_ADMIN)


@pytest.fixture
def office(client_for, keeper):
    return client_for(keeper)


def new_person(**fields):
    return {
        "username": "wangwu",
        "name": "王五",
        "role": Role.GRID_WORKER.value,
        "organisation": OrganisationFactory().pk,
        "usable_password": "true",
        "password1": "First-2023-pass",
        "password2": "First-2023-pass",
        **formset("assignments"),
        **fields,
    }


def formset(prefix):
    return {f"{prefix}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}


def test_a_new_person_must_change_the_first_password(site, client):
    response = site.post(ADD, new_person())
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert User.objects.get(username="wangwu").must_change_password
    signed_in = client.post(
        "/accounts/sign-in/", {"username": "wangwu", "password": "First-2023-pass"}, follow=True
    )
    assert signed_in.redirect_chain[-1][0] == "/accounts/password/"


TOO_LONG = "First-2023-pass" + "x" * 114


@pytest.mark.parametrize(
    "fields",
    [
        {"username": "a b"},
        {"role": "king"},
        {"password1": "short"},
        {"password1": TOO_LONG, "password2": TOO_LONG},
        {"name": ""},
    ],
)
def test_a_mistake_is_shown_and_saves_nobody(site, fields):
    response = site.post(ADD, new_person(**fields))
    assert response.status_code == 200
    assert not User.objects.filter(name="王五").exists()


def test_a_password_set_by_another_is_a_first_password_again(site):
    user = UserFactory()
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    response = site.post(
        url, {"usable_password": "true", "password1": "Reset-2023-pass", "password2": "Reset-2023-pass"}
    )
    assert response.status_code == 302
    user.refresh_from_db()
    assert user.must_change_password
    assert user.check_password("Reset-2023-pass")


def test_nobody_is_deleted(site):
    user = UserFactory()
    assert (
        site.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"}).status_code == 403
    )


def test_people_are_found_by_name_and_number(site):
    UserFactory(name="周淑芬", employee_no="G-017")
    for text in ("淑芬", "G-017"):
        assert "周淑芬" in site.get(reverse("admin:accounts_user_changelist"), {"q": text}).content.decode()


def test_groups_are_not_offered():
    assert Group not in admin.site._registry


def test_the_list_of_tables_opens_and_signs_out_through_the_site(site):
    assert site.get("/admin/").status_code == 200
    assert site.get("/admin/password_change/").url == "/accounts/password/"
    assert site.post("/admin/logout/").url == "/accounts/sign-in/"


@pytest.mark.parametrize(
    ("role", "people", "areas", "may_add"),
    [
        (Role.SECURITY_ADMIN, 200, 403, True),
        (Role.AUDITOR, 200, 200, False),
        (Role.COMMUNITY_SECRETARY, 302, 302, False),
    ],
)
def test_rights_follow_the_role(client_for, role, people, areas, may_add):
    client = client_for(UserFactory(role=role))
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == people
    assert client.get(reverse("admin:grids_area_changelist")).status_code == areas
    assert (client.get(ADD).status_code == 200) is may_add


def test_what_was_changed_stands_in_the_history_in_the_readers_language(site):
    organisation = OrganisationFactory(name="城管中队")
    url = reverse("admin:accounts_organisation_change", args=[organisation.pk])
    assert site.post(url, {"name": "城管执法中队", "kind": "enforcement", "phone": ""}).status_code == 302
    page = site.get(reverse("admin:accounts_organisation_history", args=[organisation.pk]))
    assert re.search("已修改[^。]*名称[^。]*类别", page.content.decode())


def test_nothing_of_a_password_is_shown(site, officer):
    html = site.get(reverse("admin:accounts_user_change", args=[officer.pk])).content.decode()
    assert officer.password.split("$")[0] not in html
    assert officer.password.split("$")[2][:6] not in html


def lock_out(client, user):
    for _ in range(5):
        client.post("/accounts/sign-in/", {"username": user.username, "password": "Wrong-2023-pass"})
    right = {"username": user.username, "password": PASSWORD}
    assert client.post("/accounts/sign-in/", right).status_code == 429
    return right


def test_a_lock_out_is_lifted_and_stays_on_record(site, client, officer):
    right = lock_out(client, officer)
    url = reverse("admin:axes_accessattempt_changelist")
    assert officer.username in site.get(url, {"locked_out": "yes"}).content.decode()
    rows = [row.pk for row in AccessAttempt.objects.all()]
    answer = site.post(url, {"action": "lift", "_selected_action": rows}, follow=True)
    assert answer.status_code == 200
    assert client.post("/accounts/sign-in/", right).status_code == 302
    assert AccessFailureLog.objects.filter(username=officer.username).exists()
    assert LogEntry.objects.get().object_repr.startswith(officer.username)


def test_an_auditor_lifts_no_lock_out(client_for, client, officer):
    right = lock_out(client, officer)
    auditor = client_for(UserFactory(role=Role.AUDITOR))
    rows = [row.pk for row in AccessAttempt.objects.all()]
    url = reverse("admin:axes_accessattempt_changelist")
    auditor.post(url, {"action": "lift", "_selected_action": rows})
    assert client.post("/accounts/sign-in/", right).status_code == 429


@pytest.mark.parametrize("model", [AccessLog, AccessFailureLog, AccessAttempt])
def test_records_of_sign_ins_are_neither_changed_nor_deleted(site, model):
    more = {"failures_since_start": 1} if model is AccessAttempt else {}
    row = model.objects.create(username="wangwu", ip_address="192.0.2.7", path_info="/", **more)
    name = f"admin:axes_{model._meta.model_name}"
    assert site.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    assert site.post(reverse(f"{name}_change", args=[row.pk]), {"username": "x"}).status_code == 403
    assert site.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_a_lost_second_factor_is_deleted_and_none_is_made_for_somebody_else(site, officer):
    device = TOTPDevice.objects.create(user=officer, name="手机验证器")
    change = reverse("admin:otp_totp_totpdevice_change", args=[device.pk])
    assert device.key not in site.get(change).content.decode()
    assert site.get(reverse("admin:otp_totp_totpdevice_add")).status_code == 403
    assert site.post(change, {"key": "00" * 20}).status_code == 403
    found = site.get(reverse("admin:otp_totp_totpdevice_changelist"), {"q": officer.name})
    assert officer.name in found.content.decode()
    delete = reverse("admin:otp_totp_totpdevice_delete", args=[device.pk])
    assert officer.name in site.get(delete).content.decode()
    assert site.post(delete, {"post": "yes"}).status_code == 302
    assert not TOTPDevice.objects.exists()


def test_the_key_of_a_second_factor_is_no_filter(client_for, system_admin):
    TOTPDevice.objects.create(user=system_admin, name="手机", key="ab" * 20)
    url = reverse("admin:otp_totp_totpdevice_changelist")
    assert client_for(UserFactory(role=Role.AUDITOR)).get(url, {"key__startswith": "ab"}).status_code == 400


def as_it_is(user, **changed):
    fields = {
        name: getattr(user, name) or "" for name in ("username", "name", "phone", "employee_no", "language")
    }
    return {**fields, "role": user.role, "is_active": "on", **formset("assignments"), **changed}


def test_who_keeps_people_makes_nobody_a_system_administrator(office, officer):
    url = reverse("admin:accounts_user_change", args=[officer.pk])
    assert office.post(url, as_it_is(officer, role=Role.AUDITOR.value)).status_code == 302
    refused = office.post(url, as_it_is(officer, role=Role.SYSTEM_ADMIN.value))
    assert refused.context["adminform"].form.errors["role"]
    assert office.post(ADD, new_person(role=Role.SYSTEM_ADMIN.value)).status_code == 200
    assert not User.objects.filter(role=Role.SYSTEM_ADMIN).exists()
    officer.refresh_from_db()
    assert officer.role == Role.AUDITOR


@pytest.mark.parametrize("who", ["keeper", "system_admin"])
def test_nobody_changes_the_own_role(request, client_for, who):
    person = request.getfixturevalue(who)
    before = person.role
    url = reverse("admin:accounts_user_change", args=[person.pk])
    sent = as_it_is(person, name="新名", role=Role.AUDITOR.value)
    assert client_for(person).post(url, sent).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.role) == ("新名", before)


def test_a_system_administrators_account_is_no_business_of_who_keeps_people(office, system_admin):
    device = TOTPDevice.objects.create(user=system_admin, name="手机")
    change = reverse("admin:accounts_user_change", args=[system_admin.pk])
    assert office.get(change).status_code == 200
    assert office.post(change, as_it_is(system_admin, role=Role.AUDITOR.value)).status_code == 403
    password = {"usable_password": "true", "password1": "Taken-2023-pass", "password2": "Taken-2023-pass"}
    assert (
        office.post(reverse("admin:auth_user_password_change", args=[system_admin.pk]), password).status_code
        == 403
    )
    delete = reverse("admin:otp_totp_totpdevice_delete", args=[device.pk])
    assert office.post(delete, {"post": "yes"}).status_code == 403
    devices = reverse("admin:otp_totp_totpdevice_changelist")
    chosen = {"action": "delete_selected", "_selected_action": [device.pk], "post": "yes"}
    assert office.post(devices, chosen).status_code == 403
    assert TOTPDevice.objects.exists()
    system_admin.refresh_from_db()
    assert system_admin.role == Role.SYSTEM_ADMIN
    assert system_admin.check_password(PASSWORD)


def test_system_administrators_keep_each_other(site):
    other = UserFactory(role=Role.SYSTEM_ADMIN)
    url = reverse("admin:accounts_user_change", args=[other.pk])
    assert site.post(url, as_it_is(other, role=Role.AUDITOR.value)).status_code == 302
    other.refresh_from_db()
    assert other.role == Role.AUDITOR
