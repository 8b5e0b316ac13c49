"""No English is left in the administration: every page of every table is read, with rows and with mistakes."""

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import SlugField
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.choices import Role
from accounts.models import User
from casework.exporting import record_export
from casework.models import NumberSeries
from casework.photos import stage_photo
from casework.reminders import deliver_all
from core.admin import LookUpMixin
from grids.choices import SourceCrs
from grids.models import AreaImport, Building, DoorPlate
from grids.reshape import Part, split_area
from portal.services import record_heartbeats
from tests.factories.accounts import UserFactory
from tests.factories.grids import box
from tests.factories.messages import every_measure, message_to, robot_of
from tests.factories.requests import accept, picture, report, take
from tests.web.chinese import Page, english_on

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
ROWS_PER_MODEL = 2
# The auditor's alone; everything else is read as the system administrator, who may change it.
AUDITED = ("/admin/admin/", "/admin/casework/exportrecord/")


@pytest.fixture
def records(lived_in, topics, tree, officer, secretary, system_admin, department):
    """At least one row of every table; who adds a model to the administration adds a row here."""
    now = timezone.now()
    building = Building.objects.first()
    for _repeat in range(3):  # the third of one place raises a topic
        report(officer, building.compound.micro_grid, building=building)
    done = report(officer, tree["00500102"])
    take(accept(report(officer, tree["00500102"]), officer), "cancel", officer, reason="重复登记")
    stage_photo(owner=officer, upload=picture())
    deliver_all(now=now)
    every_measure(done, actor=officer, department=department, now=now)
    record_export(actor=officer, chosen=["状态 待签收"], count=3, now=now)
    LogEntry.objects.log_actions(system_admin.pk, [officer], CHANGE, [{"changed": {"fields": ["姓名"]}}])
    message_to(officer, done, now=now)
    message_to(robot_of(tree["005"]), done, now=now, state="dead", last_error="发送失败")
    DoorPlate.objects.create(building=building, street="甘南路", number="154")
    AreaImport.objects.create(file_name="边界图", source_crs=SourceCrs.GCJ02, content=b"", owner=None)
    halves = [Part("西", box(2, 0, 3, 2)), Part("东", box(3, 0, 4, 2))]
    split_area(actor=secretary, code=tree["00500201"].code, parts=halves, now=now)
    tried = {"username": officer.username, "ip_address": "192.0.2.7", "path_info": "/accounts/sign-in/"}
    AccessLog.objects.create(**tried)
    AccessFailureLog.objects.create(**tried, locked_out=True)
    AccessAttempt.objects.create(**tried, failures_since_start=5)
    record_heartbeats(queues=settings.TASK_QUEUES)
    TOTPDevice.objects.create(user=system_admin, name="手机验证器", last_used_at=now)


@pytest.fixture
def site(client_for, system_admin, settings):
    settings.ADMIN_SECOND_FACTOR = False
    return client_for(system_admin)


@pytest.fixture
def read(site, client_for, records):
    """A function that opens a page, reads it and keeps the English it finds."""
    auditor = client_for(UserFactory(username="auditor", name="钱审计", role=Role.AUDITOR))
    AccessLog.objects.filter(path_info="<unknown>").delete()  # of the test client, which saw no sign-in page
    codes = {"/accounts/sign-in/", *NumberSeries.objects.values_list("prefix", flat=True)}
    codes |= {value for user in User.objects.all() for value in (user.username, user.employee_no) if value}
    for model in MODELS:
        names = [field.name for field in model._meta.fields if isinstance(field, SlugField)]
        codes |= {value for row in model.objects.values_list(*names) for value in row} if names else set()
    found: list[tuple[str, str]] = []

    def open_page(url, data=None, *, expect=(200,)):
        asks = auditor if url.startswith(AUDITED) else site
        response = asks.get(url, follow=True) if data is None else asks.post(url, data, follow=True)
        assert response.status_code in expect, (url, response.status_code)
        html = response.content.decode()
        for code in sorted((code for code in codes if len(code) > 1), key=len, reverse=True):
            html = html.replace(code, "")
        found.extend((url, text) for text in english_on(Page(html)))
        return response

    open_page.found = found
    return open_page


def empty_form(response):
    """What a browser sends of a form with nothing filled in: the counters of the inlines alone."""
    data = {"title": ""}
    for formset in response.context.get("inline_admin_formsets", ()):
        form = formset.formset.management_form
        data |= {form.add_prefix(name): value or 0 for name, value in form.initial.items()}
    return data


def url_of(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def change_every_field(model, row, request):
    """The record of a change of everything that can be changed."""
    table = admin.site._registry[model]
    form = table.get_form(request, row)(instance=row)
    form.changed_data = list(form.fields)
    message = table.construct_change_message(request, form, [])
    LogEntry.objects.log_actions(request.user.pk, [row], CHANGE, message, single_object=True)


# Making the rows takes longer than reading the pages of one table.
SHARES = 3


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_of_every_table_is_chinese(share, read):
    for model in MODELS[share::SHARES]:
        read_every_page(model, read)
    assert read.found == []


def read_every_page(model, read):
    is_looked_up = isinstance(admin.site._registry[model], LookUpMixin)
    changelist = url_of(model, "changelist")
    request = read(changelist).wsgi_request
    rows = list(admin.site._registry[model].get_queryset(request)[:ROWS_PER_MODEL])
    assert rows, f"the fixture `records` makes no row of {model._meta.label}"
    read(f"{changelist}?q=无此内容")
    read(changelist, {"action": "delete_selected"})
    read(changelist, {"action": "delete_selected", "_selected_action": rows[0].pk}, expect=(200, 403))
    form = read(url_of(model, "add"), expect=(200, 403))
    if form.status_code == 200:
        read(url_of(model, "add"), empty_form(form))
    for row in rows:
        form = read(url_of(model, "change", row.pk))
        read(url_of(model, "change", row.pk), empty_form(form), expect=(200, 403))
        read(url_of(model, "delete", row.pk), expect=(200, 403))
        change_every_field(model, row, form.wsgi_request)
        read(url_of(model, "history", row.pk), expect=(404,) if is_looked_up else (200,))


def test_the_lists_of_tables_are_chinese(read, system_admin):
    change_every_field(User, system_admin, read(reverse("admin:index")).wsgi_request)
    read(reverse("admin:index"))
    for app in {model._meta.app_label for model in MODELS}:
        read(reverse("admin:app_list", args=[app]))
    assert read.found == []


def test_setting_a_password_is_chinese(read, officer):
    url = reverse("admin:auth_user_password_change", args=[officer.pk])
    read(url)
    read(url, {"usable_password": "true", "password1": "abc", "password2": "abd"})
    assert read.found == []


def test_the_pages_of_the_workday_calendar_are_chinese(read):
    day, upload = (
        reverse(f"admin:grids_workday_{name}", args=args)
        for name, args in (("day", ["2026-02-20"]), ("import", []))
    )
    for url in (day, upload):
        read(url)
        read(url, {}, expect=(400,))
    assert read.found == []


def test_lists_that_are_edited_in_place_are_chinese(read):
    for model in MODELS:
        if not admin.site._registry[model].list_editable:
            continue
        formset = read(url_of(model, "changelist")).context["cl"].formset
        data = {formset.management_form.add_prefix(k): v for k, v in formset.management_form.initial.items()}
        data |= {form.add_prefix("id"): form.instance.pk for form in formset.forms}
        read(url_of(model, "changelist"), {**data, "_save": "1"})
    assert read.found == []
