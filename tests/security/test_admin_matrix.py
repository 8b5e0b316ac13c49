"""Every address of the administration × every role: only the three administrators get in, as far as their duty goes."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.choices import ADMIN_SITE_ROLES, Role
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
MODELS = {model._meta.label: model._meta for model in admin.site._registry}
# What is made in the administration. Everything else there comes about by work and is only looked at.
MADE_HERE = frozenset(
    {
        "accounts.Organisation", "accounts.User",
        "casework.EscalationStep", "casework.Robot", "casework.ServiceLevel",
        "grids.Area", "grids.AreaAssignment", "grids.Building", "grids.Community", "grids.Compound",
        "grids.DoorPlate", "grids.Entrance", "grids.Grid", "grids.MicroGrid", "grids.OfficeHours",
        "requests.Category",
    }
)  # fmt: skip
ACCESS = frozenset(
    {
        "accounts.Organisation", "accounts.User",
        "axes.AccessAttempt", "axes.AccessFailureLog", "axes.AccessLog", "otp_totp.TOTPDevice",
    }
)  # fmt: skip
# The record of what administrators did, and of files of cases that people took.
AUDITED = frozenset({"admin.LogEntry", "casework.ExportRecord"})
# Whose lists open to each administrator, and what each may add.
LISTS = {
    Role.SYSTEM_ADMIN: frozenset(MODELS) - AUDITED,
    Role.SECURITY_ADMIN: ACCESS | {"grids.AreaAssignment"},
    Role.AUDITOR: frozenset(MODELS),
}
ADDS = {
    Role.SYSTEM_ADMIN: MADE_HERE,
    Role.SECURITY_ADMIN: ACCESS & MADE_HERE,
    Role.AUDITOR: frozenset(),
}
# The calendar has pages of its own; only who keeps the installation changes it.
CALENDAR = {
    "grids_workday_day": ["2023-04-04"],
    "grids_workday_import": [],
    "grids_workday_import_confirm": [],
    "grids_workday_export": [2023],
}


@pytest.fixture
def visit(client_for, settings):
    """A person of the role, signed in; the code of each address is what one gets at once."""
    settings.ADMIN_SECOND_FACTOR = False

    def build(role):
        return client_for(UserFactory(username=role, role=role))

    return build


def url_of(label, page):
    return reverse(f"admin:{MODELS[label].app_label}_{MODELS[label].model_name}_{page}")


@pytest.mark.parametrize("role", sorted(ADMIN_SITE_ROLES))
def test_an_administrator_opens_the_lists_and_forms_of_the_own_duty_alone(role, visit):
    client = visit(role)
    for page, opened in (("changelist", LISTS[role]), ("add", ADDS[role])):
        codes = {label: client.get(url_of(label, page)).status_code for label in MODELS}
        assert codes == {label: 200 if label in opened else 403 for label in MODELS}
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("role", [Role.SECURITY_ADMIN, Role.AUDITOR])
def test_who_keeps_people_or_reads_changes_neither_tables_nor_the_calendar(role, visit):
    client = visit(role)
    refused = [url_of(label, "add") for label in MADE_HERE - ADDS[role]]
    refused += [
        reverse(f"admin:{name}", args=args) for name, args in CALENDAR.items() if "export" not in name
    ]
    assert {client.post(url).status_code for url in refused} == {403}


@pytest.mark.parametrize("role", sorted(set(Role) - ADMIN_SITE_ROLES))
def test_nobody_else_gets_into_the_administration(role, visit):
    client = visit(role)
    addresses = [url_of(label, page) for label in MODELS for page in ("changelist", "add")]
    addresses += [reverse("admin:index"), reverse("admin:app_list", args=["requests"])]
    addresses += [reverse("admin:autocomplete")]
    addresses += [reverse(f"admin:{name}", args=args) for name, args in CALENDAR.items()]
    assert {client.get(url).status_code for url in addresses} == {302}
    assert {client.post(url).status_code for url in addresses} == {302}
    # The way to the administration's door ends there: nobody is sent on in a circle.
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_who_is_not_signed_in_is_led_to_the_sign_in_page(client):
    page = client.get(url_of("requests.Category", "changelist"), follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[-1][0].startswith(reverse("accounts:sign_in"))
