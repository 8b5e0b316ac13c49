"""The limits as delivered (domain page 2.2), what they do to tickets, and what an upgrade leaves alone."""

from datetime import datetime
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps

from casework.models import ServiceLevel
from requests_.models import Category
from tests.factories.requests import accept, report, take

pytestmark = pytest.mark.django_db
upgrade = import_module("requests_.migrations.0009_default_limits")

# step, category or type, urgency, level, amount, unit
TABLE = {
    ("accept", "", "", "", 4, "working_hour"),
    ("accept", "", "urgent", "", 30, "minute"),
    ("accept", "", "emergency", "", 30, "minute"),
    ("sign", "", "", "", 2, "working_hour"),
    ("sign", "", "urgent", "", 30, "minute"),
    ("sign", "", "emergency", "", 30, "minute"),
    ("first_contact", "", "", "", 24, "calendar_hour"),
    ("handle", "", "urgent", "", 24, "calendar_hour"),
    ("handle", "", "emergency", "", 12, "calendar_hour"),
    ("handle", "type:consult", "", "", 3, "workday"),
    ("handle", "", "", "grid", 5, "workday"),
    ("handle", "", "", "community", 7, "workday"),
    ("handle", "", "", "subdistrict", 15, "workday"),
    ("handle", "", "", "district", 15, "workday"),
    ("handle", "illegal-building", "", "", 15, "workday"),
    ("handle", "exposed-rubbish", "", "", 1, "workday"),
    ("handle", "greenery", "", "", 5, "workday"),
    ("return", "", "", "", 2, "workday"),
    ("rework", "", "", "", 5, "workday"),
    ("review", "", "", "", 2, "workday"),
    ("callback", "", "", "", 2, "workday"),
}
COLUMNS = ("step", "subject", "urgency", "level", "amount", "unit")


def at(month, day, hour=10):
    return datetime(2023, month, day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


def rows():
    return set(ServiceLevel.objects.filter(kind="ticket").values_list(*COLUMNS))


def test_the_table_is_that_of_the_domain_page_and_each_row_has_its_basis():
    assert rows() == TABLE
    assert not ServiceLevel.objects.filter(basis="").exists()
    subjects = {subject for _step, subject, *_ in TABLE if subject and not subject.startswith("type:")}
    assert Category.objects.filter(code__in=subjects, parent__isnull=False).count() == len(subjects)


def test_noise_has_the_limit_of_its_level_and_escalated_that_of_the_level_above(secretary, tree):
    ticket = report(secretary, tree["00500101"], category="noise", now=at(2, 20))
    assert accept(ticket, secretary, "community", now=at(2, 20)).due_at == at(3, 1, 18)
    ticket = take(ticket, "escalate", secretary, reason="需街道协调", now=at(2, 21))
    assert (ticket.handling_level, ticket.due_at) == ("subdistrict", at(3, 13, 18))


@pytest.mark.parametrize(
    ("category", "type", "due_at"),
    [
        ("heating", "complaint", at(3, 1, 18)),
        ("heating", "consult", at(2, 23, 18)),
        ("illegal-building", "help", at(3, 13, 18)),
        ("exposed-rubbish", "help", at(2, 21, 18)),
        ("greenery", "help", at(2, 27, 18)),
    ],
)
def test_type_and_standard_go_before_the_level(secretary, tree, category, type, due_at):
    ticket = report(secretary, tree["00500101"], category=category, type=type, now=at(2, 20))
    assert accept(ticket, secretary, "community", now=at(2, 20)).due_at == due_at


def of_hours(step, subject, amount, unit, **fields):
    """A row as the plain hours of a category became one."""
    fixed = {"kind": "ticket", "basis": upgrade.HOURS_BASIS, "valid_from": upgrade.VALID_FROM}
    return ServiceLevel.objects.create(
        **fixed | {"step": step, "subject": subject, "amount": amount, "unit": unit} | fields
    )


def test_an_upgrade_takes_back_what_nobody_edited_and_nothing_else():
    ServiceLevel.objects.filter(subject__in=["illegal-building", "exposed-rubbish", "greenery"]).delete()
    Category.objects.filter(code="greenery").delete()
    for step, amount, unit, codes in upgrade.FROM_HOURS:
        for code in codes.split():
            of_hours(step, code, amount, unit)
    for code, amount, _basis in upgrade.BY_STANDARD:
        of_hours("handle", code, amount, "workday")
    edited = [
        of_hours("handle", "dispute", 4, "workday"),
        of_hours("handle", "other", 3, "workday", basis="街道文件"),
        of_hours("handle", "noise", 3, "workday", level="grid"),
    ]
    ServiceLevel.objects.filter(subject="heating").update(amount=2)
    ServiceLevel.objects.filter(subject="lift").update(basis="特种设备条例")
    ServiceLevel.objects.filter(step="sign", urgency="urgent").update(amount=20)

    upgrade.settle(apps, None)
    kept = {
        ("handle", "dispute", "", "", 4, "workday"),
        ("handle", "other", "", "", 3, "workday"),
        ("handle", "noise", "", "grid", 3, "workday"),
        ("handle", "heating", "", "", 2, "workday"),
        ("handle", "lift", "", "", 1, "workday"),
        ("sign", "", "urgent", "", 20, "minute"),
    }
    assert rows() == TABLE - {("sign", "", "urgent", "", 30, "minute")} | kept
    assert ServiceLevel.objects.filter(pk__in=[row.pk for row in edited]).count() == len(edited)
    assert set(ServiceLevel.objects.filter(basis=upgrade.HOURS_BASIS).values_list("subject", flat=True)) == {
        "dispute",
        "noise",
        "heating",
    }


def test_an_upgrade_leaves_a_catalogue_with_greenery_of_its_own_alone():
    Category.objects.filter(code="greenery").update(code="green")
    ServiceLevel.objects.filter(subject="greenery").delete()
    upgrade.settle(apps, None)
    assert not Category.objects.filter(code="greenery").exists()
    assert not ServiceLevel.objects.filter(subject="greenery").exists()
