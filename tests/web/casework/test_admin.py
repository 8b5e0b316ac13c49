"""The administration looks cases up and edits reference data; it changes nothing that has happened."""

import pytest
from django.test import override_settings
from django.urls import reverse

from requests_.models import Category, Ticket
from tests.factories.requests import accept, report, take

pytestmark = pytest.mark.django_db
LOOKED_UP = [
    "casework_case", "casework_caseevent", "casework_attachment", "casework_caseperson", "casework_reminder",
    "casework_inboxitem", "casework_closedtally", "casework_numberseries", "casework_savedfilter",
    "casework_stagedphoto", "requests_ticket", "requests_contactattempt",
]  # fmt: skip
EDITED = ["requests_category"]


@pytest.fixture
def keeper(client_for, system_admin):
    with override_settings(ADMIN_SECOND_FACTOR=False):
        yield client_for(system_admin)


@pytest.fixture
def ticket(grid_worker, officer, tree):
    made = report(grid_worker, tree["00500101"], caller_name="张桂兰", caller_phone="09310000001")
    return accept(made, officer)


@pytest.mark.parametrize("name", LOOKED_UP + EDITED)
def test_list_opens_and_can_be_searched(keeper, ticket, name):
    url = reverse(f"admin:{name}_changelist")
    assert keeper.get(url).status_code == 200
    assert keeper.get(url, {"q": "T-2023"}).status_code == 200


@pytest.mark.parametrize("name", LOOKED_UP)
def test_nothing_that_happened_can_be_added(keeper, name):
    assert keeper.get(reverse(f"admin:{name}_add")).status_code == 403


def test_case_is_shown_with_its_timeline_and_cannot_be_changed(keeper, ticket):
    url = reverse("admin:requests_ticket_change", args=[ticket.pk])
    html = keeper.get(url).content.decode()
    assert ticket.number in html
    assert "张** 093****0001" in html
    assert "09310000001" not in html
    assert 'name="status"' not in html
    assert keeper.post(url, {"status": "closed"}).status_code == 403
    assert keeper.post(reverse("admin:requests_ticket_delete", args=[ticket.pk])).status_code == 403
    assert Ticket.objects.get(pk=ticket.pk).status == "to_dispatch"


def test_event_cannot_be_changed(keeper, ticket):
    event = ticket.events.first()
    url = reverse("admin:casework_caseevent_change", args=[event.pk])
    assert keeper.get(url).status_code == 200
    assert keeper.post(url, {"verb": "x"}).status_code == 403


def test_secret_cases_and_what_hangs_on_them_are_not_shown(keeper, officer, tree):
    secret = report(officer, tree["00500101"], is_secret=True, description="需要保密的事")
    take(secret, "cancel", officer, reason="误报")
    for name in (
        "casework_case",
        "requests_ticket",
        "casework_caseevent",
        "casework_reminder",
        "casework_inboxitem",
    ):
        html = keeper.get(reverse(f"admin:{name}_changelist")).content.decode()
        assert secret.number not in html
        assert "需要保密的事" not in html
    assert keeper.get(reverse("admin:requests_ticket_change", args=[secret.pk])).status_code == 302


def test_category_is_edited(keeper):
    category = Category.objects.get(code="noise")
    url = reverse("admin:requests_category_change", args=[category.pk])
    data = {
        "parent": category.parent_id, "code": category.code, "name": "噪声", "boundary_note": "", "order": 20,
        "is_active": "on", "default_level": "community", "basis": "街道文件",
    }  # fmt: skip
    assert keeper.post(url, data).status_code == 302
    category.refresh_from_db()
    assert (category.name, category.basis) == ("噪声", "街道文件")


@pytest.mark.parametrize("column", ["caller_phone", "caller_name"])
def test_what_is_masked_is_no_filter_either(client_for, auditor, ticket, column):
    url = reverse("admin:requests_ticket_changelist")
    assert client_for(auditor).get(url, {f"{column}__startswith": "0931"}).status_code == 400


def test_third_level_of_categories_is_refused(keeper):
    second = Category.objects.get(code="noise")
    data = {
        "parent": second.pk, "code": "deep", "name": "三级", "boundary_note": "", "order": 1, "is_active": "on",
        "default_level": "grid", "basis": "",
    }  # fmt: skip
    assert keeper.post(reverse("admin:requests_category_add"), data).status_code == 200
    assert not Category.objects.filter(code="deep").exists()


def test_auditor_reads_and_changes_nothing(client_for, auditor, ticket):
    client = client_for(auditor)
    for name in LOOKED_UP + EDITED:
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200
    url = reverse("admin:requests_category_change", args=[Category.objects.get(code="noise").pk])
    assert client.post(url, {"name": "x"}).status_code == 403


def test_staff_of_the_desk_have_no_administration(client_for, officer):
    response = client_for(officer).get(reverse("admin:requests_ticket_changelist"))
    assert response.status_code == 302
