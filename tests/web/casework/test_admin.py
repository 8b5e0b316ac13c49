"""The administration keeps reference data; of the cases that people work on it shows nothing."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.choices import Role
from casework.exporting import record_export
from casework.models import ExportRecord
from casework.photos import stage_photo
from requests_.models import Category
from tests.factories.accounts import UserFactory
from tests.factories.requests import picture, report

pytestmark = pytest.mark.django_db
LOOKED_UP = ["casework_numberseries", "casework_stagedphoto"]
AUDITED = ["admin_logentry", "casework_exportrecord"]
EDITED = ["requests_category"]


@pytest.fixture
def keeper(client_for, system_admin, settings):
    settings.ADMIN_SECOND_FACTOR = False
    return client_for(system_admin)


@pytest.fixture
def ticket(grid_worker, officer, tree):
    stage_photo(owner=officer, upload=picture())
    return report(grid_worker, tree["00500101"], caller_name="张桂兰", caller_phone="09310000001")


@pytest.mark.parametrize("name", LOOKED_UP + EDITED)
def test_list_opens_and_can_be_searched(keeper, ticket, name):
    url = reverse(f"admin:{name}_changelist")
    assert keeper.get(url).status_code == 200
    assert keeper.get(url, {"q": "T-2023"}).status_code == 200


@pytest.mark.parametrize("name", LOOKED_UP)
def test_nothing_that_happened_can_be_added(keeper, name):
    assert keeper.get(reverse(f"admin:{name}_add")).status_code == 403


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.AUDITOR])
def test_no_table_names_a_case(client_for, role, ticket, settings):
    """Neither its number nor its words nor whom it is about; reminders and messages of it are only counted."""
    settings.ADMIN_SECOND_FACTOR = False
    client = client_for(UserFactory(role=role))
    index = client.get(reverse("admin:index"))
    urls = [model["admin_url"] for app in index.context["app_list"] for model in app["models"]]
    assert len(urls) > 10
    for url in urls:
        html = client.get(url).content.decode()
        for text in (ticket.number, ticket.title, "张桂兰", "09310000001"):
            assert text not in html, url


# --- the audit ---------------------------------------------------------------------------------------------


@pytest.fixture
def acted(keeper, officer, system_admin):
    """An administrator renamed a category and was seen doing it; an officer took a file."""
    category = Category.objects.get(code="noise")
    data = {
        "parent": category.parent_id, "code": category.code, "name": "噪声", "boundary_note": "", "order": 20,
        "is_active": "on", "default_level": "community", "basis": "街道文件",
    }  # fmt: skip
    assert keeper.post(reverse("admin:requests_category_change", args=[category.pk]), data).status_code == 302
    entry = LogEntry.objects.get()
    record_export(actor=officer, chosen=["状态 待签收", "关键词 踏步"], count=12, now=entry.action_time)
    return entry


def test_the_auditor_reads_what_administrators_did_searches_and_filters_it(client_for, auditor, acted):
    client, url = client_for(auditor), reverse("admin:admin_logentry_changelist")
    html = client.get(url).content.decode()
    for text in ("陈管理", "噪声", "事项分类", "修改", "名称"):
        assert text in html
    found = {
        query: len(client.get(f"{url}?{query}").context["cl"].result_list)
        for query in ("q=噪声", "q=陈管理", "q=nothing", "action_flag__exact=2", "action_flag__exact=3",
                      f"user__id__exact={acted.user_id}", f"content_type__id__exact={acted.content_type_id}",
                      f"action_time__year={acted.action_time.year}")
    }  # fmt: skip
    assert [query for query, rows in found.items() if not rows] == ["q=nothing", "action_flag__exact=3"]
    assert client.get(reverse("admin:admin_logentry_change", args=[acted.pk])).status_code == 200


def test_the_auditor_reads_who_took_cases_out(client_for, auditor, officer, acted):
    client, url = client_for(auditor), reverse("admin:casework_exportrecord_changelist")
    html = client.get(url).content.decode()
    for text in (officer.name, "状态 待签收 · 关键词 踏步", "12"):
        assert text in html
    assert len(client.get(url, {"q": "踏步"}).context["cl"].result_list) == 1
    assert len(client.get(url, {"q": "无此内容"}).context["cl"].result_list) == 0
    newer = acted.action_time + timedelta(minutes=1)
    record_export(actor=officer, chosen=[], count=0, now=newer)
    assert client.get(url).context["cl"].result_list[0].at == newer


@pytest.mark.parametrize("name", AUDITED)
def test_the_record_is_the_auditor_s_alone_and_nobody_changes_it(client_for, keeper, auditor, acted, name):
    model = LogEntry if name == "admin_logentry" else ExportRecord
    row, changelist = model.objects.get(), reverse(f"admin:{name}_changelist")
    change, delete = (reverse(f"admin:{name}_{page}", args=[row.pk]) for page in ("change", "delete"))
    other = client_for(UserFactory(role=Role.SECURITY_ADMIN))
    assert [client.get(changelist).status_code for client in (keeper, other)] == [403, 403]
    for client in (keeper, other, client_for(auditor)):
        assert client.post(change, {"change_message": "x", "count": 0}).status_code == 403
        assert client.post(delete, {"post": "yes"}).status_code == 403
        client.post(changelist, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert model.objects.filter(pk=row.pk).exists()


def test_a_lifted_lock_out_stands_in_the_record(keeper, client_for, auditor):
    client_for(auditor).logout()
    for _try in range(5):
        keeper.post(
            "/accounts/password/", {"old_password": "wrong-1", "new_password1": "x", "new_password2": "x"}
        )
    url = reverse("admin:axes_accessattempt_changelist")
    row = keeper.get(url).context["cl"].result_list[0]
    keeper.post(url, {"action": "lift", "_selected_action": row.pk})
    html = client_for(auditor).get(reverse("admin:admin_logentry_changelist")).content.decode()
    assert row.username in html


# --- categories --------------------------------------------------------------------------------------------


def test_category_is_edited(acted):
    category = Category.objects.get(code="noise")
    assert (category.name, category.basis) == ("噪声", "街道文件")


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
    response = client_for(officer).get(reverse("admin:requests_category_changelist"))
    assert response.status_code == 302
