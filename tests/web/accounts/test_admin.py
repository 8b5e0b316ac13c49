"""People are set up in the administration; rights follow the role."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from tests.factories.accounts import OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:accounts_user_add")


@pytest.fixture
def site(client_for, system_admin, settings):
    settings.ADMIN_SECOND_FACTOR = False
    return client_for(system_admin)


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


@pytest.mark.parametrize(
    "fields", [{"username": "a b"}, {"role": "king"}, {"password1": "short"}, {"name": ""}]
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
