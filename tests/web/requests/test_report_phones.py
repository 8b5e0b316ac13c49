"""The phone of a resident on the report form: read as people write it, stored in one form, refused in words."""

import importlib
import uuid
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from accounts.models import Organisation
from requests_.models import Ticket
from tests.factories.accounts import OrganisationFactory
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.requests import SMALL, report

pytestmark = pytest.mark.django_db
REPORT = "/tickets/report/"


@pytest.fixture
def building(tree):
    return BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]), no="5")


def typed(building, phone, **more):
    return {
        "key": uuid.uuid4(),
        "place": f"building:{building.pk}",
        "place_text": "二楼",
        "category": SMALL,
        "description": "三单元二楼踏步破损。",
        "urgency": "normal",
        "type": "help",
        "source": "visit",
        "caller_name": "欧阳明",
        "caller_phone": phone,
        **more,
    }


def test_the_same_resident_is_found_however_the_number_is_written(client_for, officer, tree, building):
    first = report(officer, tree["00500101"], caller_phone="13812345678")
    answer = client_for(officer).post(REPORT, typed(building, "＋８６ 138\u00a01234—5678"))
    assert answer.status_code == 302
    second = Ticket.objects.exclude(pk=first.pk).get()
    assert second.caller_phone == "13812345678"
    assert (second.repeat_of_id, second.repeat_number) == (first.pk, 2)


def test_an_extension_is_stored_and_the_number_masked(client_for, officer, tree, building):
    client_for(officer).post(REPORT, typed(building, "（0931）841 2345-801"))
    ticket = Ticket.objects.get()
    assert ticket.caller_phone == "0931-8412345转801"
    assert ticket.masked_caller == "欧阳* 093****2345"


@pytest.mark.parametrize("phone", ["138001380001", "没有电话", "1381234567"])
def test_what_is_no_number_is_refused_and_nothing_typed_is_lost(client_for, officer, building, phone):
    answer = client_for(officer).post(REPORT, typed(building, phone))
    assert answer.status_code == 400
    form = answer.context["form"]
    assert "11位" in str(form.errors["caller_phone"])
    assert form["caller_phone"].value() == phone
    assert form["description"].value() == "三单元二楼踏步破损。"
    assert not Ticket.objects.exists()


def migration(app):
    (path,) = (Path(settings.BASE_DIR) / app / "migrations").glob("*_phone_numbers.py")
    return importlib.import_module(f"{app}.migrations.{path.stem}")


def test_numbers_that_stand_already_get_the_stored_form_and_what_is_none_stays(officer, tree):
    written = {
        "+86 138 1234 5678": "13812345678",
        "(0931) 841 2345": "0931-8412345",
        "138001380001": "138001380001",
    }
    tickets = {old: report(officer, tree["00500101"]) for old in written}
    for old, ticket in tickets.items():
        Ticket.objects.filter(pk=ticket.pk).update(caller_phone=old)
    office = OrganisationFactory()
    Organisation.objects.filter(pk=office.pk).update(phone="0931 8412345-801")
    migration("requests_").store_in_one_form(apps, None)
    migration("accounts").store_in_one_form(apps, None)
    for old, ticket in tickets.items():
        ticket.refresh_from_db()
        assert ticket.caller_phone == written[old]
    assert tickets["+86 138 1234 5678"].caller_digits == "13812345678"
    office.refresh_from_db()
    assert office.phone == "0931-8412345转801"
