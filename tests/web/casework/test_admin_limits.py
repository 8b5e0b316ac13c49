"""Limits, escalation and the numbers of the rules are edited by system administrators; bad input is refused."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from casework.limits import limit_for
from casework.models import Deadline, EscalationStep, Parameter, ServiceLevel
from requests_.models import Category
from tests.factories.accounts import UserFactory
from tests.factories.messages import every_measure
from tests.factories.requests import accept, report

pytestmark = pytest.mark.django_db
EDITED = ["parameter", "servicelevel", "escalationstep"]
LOOKED_UP = ["recountorder"]
LIMIT = {
    "kind": "ticket", "step": "handle", "subject": "noise", "urgency": "", "level": "", "amount": "3",
    "unit": "workday", "cut_off": "", "valid_from": "2023-01-01", "basis": "街道文件",
}  # fmt: skip


def url(name, page="changelist", *args):
    return reverse(f"admin:casework_{name}_{page}", args=args)


def rows_of(response):
    """The texts of a list, cell by cell."""
    cells = re.findall(r'<t[dh][^>]*class="field-[^>]*>(.*?)</t[dh]>', response.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


@pytest.fixture
def keeper(client_for, system_admin, settings):
    settings.ADMIN_SECOND_FACTOR = False
    ServiceLevel.objects.filter(subject="noise").delete()
    return client_for(system_admin)


@pytest.fixture
def ticket(micro_grid_worker, officer, department, tree):
    made = accept(report(micro_grid_worker, tree["00500101"], caller_phone="09310000001"), officer)
    every_measure(made, actor=officer, department=department, now=timezone.now())
    return made


@pytest.mark.parametrize("name", EDITED + LOOKED_UP)
def test_lists_open_and_can_be_searched(keeper, ticket, name):
    assert keeper.get(url(name)).status_code == 200
    assert keeper.get(url(name), {"q": ticket.number}).status_code == 200


# --- limits ----------------------------------------------------------------------------------------------------


def test_a_limit_is_added_reads_as_a_sentence_and_holds(keeper, ticket):
    assert keeper.post(url("servicelevel", "add"), LIMIT).status_code == 302
    row = ServiceLevel.objects.get(subject="noise", step="handle")
    noise = Category.objects.get(code="noise")
    first = rows_of(keeper.get(url("servicelevel"), {"q": "noise"}))[0]
    assert first.split(" · ")[0] == row.get_step_display()
    assert first.split(" · ")[1] == noise.name
    assert "3" in first.split(" · ")[3]
    ticket.category = noise
    assert limit_for(ticket, "handle", on=timezone.localdate()) == row


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "wish"),
        ("kind", ""),
        ("step", "sleep"),
        ("subject", "unheard-of"),
        ("subject", "type:unheard-of"),
        ("urgency", "soon"),
        ("level", "moon"),
        ("unit", "fortnight"),
        ("unit", ""),
        ("amount", "0"),
        ("amount", "-1"),
        ("amount", "401"),
        ("amount", "99999999999"),
        ("amount", "drei"),
        ("amount", ""),
        ("cut_off", "25:00"),
        ("valid_from", "2023-02-30"),
        ("valid_from", ""),
        ("basis", ""),
        ("basis", "长" * 201),
    ],
)
def test_a_limit_that_cannot_be_is_refused_with_the_reason_and_nothing_is_saved(keeper, field, value):
    before = ServiceLevel.objects.count()
    response = keeper.post(url("servicelevel", "add"), LIMIT | {field: value})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert ServiceLevel.objects.count() == before


@pytest.mark.parametrize("amount", ["0", "401"])
def test_the_bounds_of_the_amount_are_said(keeper, amount):
    response = keeper.post(url("servicelevel", "add"), LIMIT | {"amount": amount})
    assert "400" in str(response.context["adminform"].form.errors)


@pytest.mark.parametrize("amount", ["1", "400"])
def test_the_bounds_themselves_are_taken(keeper, amount):
    assert keeper.post(url("servicelevel", "add"), LIMIT | {"amount": amount}).status_code == 302


def test_an_overlapping_limit_is_refused_with_the_words_of_the_constraint(keeper):
    keeper.post(url("servicelevel", "add"), LIMIT)
    response = keeper.post(url("servicelevel", "add"), LIMIT | {"amount": "9", "unit": "minute"})
    constraint = next(c for c in ServiceLevel._meta.constraints if c.name == "casework_limit_no_overlap")
    assert str(constraint.violation_error_message) in response.content.decode()
    assert ServiceLevel.objects.filter(subject="noise", step="handle").count() == 1
    for other in (
        {"valid_from": "2023-06-01"},
        {"urgency": "urgent"},
        {"step": "sign"},
        {"subject": "type:help"},
    ):
        assert keeper.post(url("servicelevel", "add"), LIMIT | other).status_code == 302


def test_changing_one_limit_into_another_that_exists_is_refused_too(keeper):
    keeper.post(url("servicelevel", "add"), LIMIT)
    keeper.post(url("servicelevel", "add"), LIMIT | {"valid_from": "2023-06-01"})
    row = ServiceLevel.objects.get(subject="noise", step="handle", valid_from="2023-06-01")
    response = keeper.post(url("servicelevel", "change", row.pk), LIMIT)
    assert response.status_code == 200
    row.refresh_from_db()
    assert str(row.valid_from) == "2023-06-01"


def test_the_list_says_what_is_in_force_to_come_and_replaced(keeper):
    today = timezone.localdate()
    days = {"replaced": today - timedelta(days=9), "in_force": today, "to_come": today + timedelta(days=1)}
    for day in days.values():
        keeper.post(url("servicelevel", "add"), LIMIT | {"valid_from": day.isoformat()})
    for standing, day in days.items():
        cl = keeper.get(url("servicelevel"), {"standing": standing, "q": "noise"}).context["cl"]
        assert [(row.standing, row.valid_from) for row in cl.result_list] == [(standing, day)]


@pytest.mark.parametrize(
    ("name", "value"), [("step", "sign"), ("urgency", "urgent"), ("level", "grid"), ("unit", "minute")]
)
def test_the_list_is_filtered(keeper, name, value):
    cl = keeper.get(url("servicelevel"), {f"{name}__exact": value}).context["cl"]
    assert cl.result_list
    assert {getattr(row, name) for row in cl.result_list} == {value}


def test_more_limits_cost_no_more_queries(keeper, django_assert_max_num_queries):
    for n in range(1, 30):
        ServiceLevel.objects.create(
            kind="ticket", step="handle", subject="noise", amount=n, unit="workday", valid_from=f"2022-01-{n:02d}",
            basis="x",
        )  # fmt: skip
    with django_assert_max_num_queries(12):
        keeper.get(url("servicelevel"))


def test_a_limit_of_a_category_no_longer_offered_is_kept_when_it_is_saved_again(keeper):
    keeper.post(url("servicelevel", "add"), LIMIT)
    Category.objects.filter(code="noise").update(is_active=False)
    row = ServiceLevel.objects.get(subject="noise", step="handle")
    assert keeper.post(url("servicelevel", "change", row.pk), LIMIT | {"amount": "4"}).status_code == 302
    row.refresh_from_db()
    assert (row.subject, row.amount) == ("noise", 4)
    assert keeper.post(url("servicelevel", "add"), LIMIT | {"step": "sign"}).status_code == 200


def test_a_changed_limit_leaves_what_runs_alone(keeper, ticket):
    before = list(Deadline.objects.values_list("pk", "due_at"))
    for row in ServiceLevel.objects.filter(step="handle"):
        row.amount = 1
        row.save()
    assert list(Deadline.objects.values_list("pk", "due_at")) == before


# --- escalation and parameters ---------------------------------------------------------------------------------

STEP = {"kind": "ticket", "step": "handle", "after_workdays": "10", "tell": "subdistrict_admin", "basis": ""}


def test_a_step_of_escalation_is_added_and_said_in_words(keeper):
    assert keeper.post(url("escalationstep", "add"), STEP).status_code == 302
    assert EscalationStep.objects.get(after_workdays=10).tell == "subdistrict_admin"
    texts = rows_of(keeper.get(url("escalationstep"), {"tell__exact": "subdistrict_admin"}))
    assert any("10" in text for text in texts)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("after_workdays", "-2"),
        ("after_workdays", "61"),
        ("tell", "everybody"),
        ("kind", "wish"),
        ("step", ""),
    ],
)
def test_a_step_of_escalation_that_cannot_be_is_refused(keeper, field, value):
    before = EscalationStep.objects.count()
    assert keeper.post(url("escalationstep", "add"), STEP | {field: value}).status_code == 200
    assert EscalationStep.objects.count() == before


def test_the_same_step_of_escalation_stands_once(keeper):
    keeper.post(url("escalationstep", "add"), STEP)
    assert keeper.post(url("escalationstep", "add"), STEP).status_code == 200
    assert EscalationStep.objects.filter(after_workdays=10).count() == 1


def test_a_parameter_is_edited_and_none_is_added_or_deleted(keeper):
    row = Parameter.objects.get(key="reopen_days")
    assert (
        keeper.post(url("parameter", "change", row.pk), {"value": 15, "basis": "街道文件"}).status_code == 302
    )
    row.refresh_from_db()
    assert (row.key, row.value) == ("reopen_days", 15)
    assert keeper.post(url("parameter", "change", row.pk), {"value": -1, "basis": ""}).status_code == 200
    assert keeper.get(url("parameter", "add")).status_code == 403
    assert keeper.post(url("parameter", "delete", row.pk), {"post": "yes"}).status_code == 403


# --- who may ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOOKED_UP)
def test_what_runs_or_was_ordered_is_only_looked_at(keeper, ticket, name):
    row = keeper.get(url(name)).context["cl"].result_list[0]
    assert keeper.get(url(name, "change", row.pk)).status_code == 200
    assert keeper.get(url(name, "add")).status_code == 403
    assert keeper.post(url(name, "change", row.pk), {"reason": "x"}).status_code == 403
    assert keeper.post(url(name, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", EDITED + LOOKED_UP)
def test_the_auditor_reads_and_changes_nothing(client_for, auditor, ticket, name):
    client = client_for(auditor)
    row = client.get(url(name)).context["cl"].result_list[0]
    page = client.get(url(name, "change", row.pk))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert client.post(url(name, "change", row.pk), LIMIT).status_code == 403
    assert client.get(url(name, "add")).status_code == 403


@pytest.mark.parametrize("name", EDITED + LOOKED_UP)
def test_the_security_administrator_keeps_people_not_limits(client_for, ticket, name, settings):
    settings.ADMIN_SECOND_FACTOR = False
    assert client_for(UserFactory(role=Role.SECURITY_ADMIN)).get(url(name)).status_code == 403
