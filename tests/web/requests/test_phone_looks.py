"""The report page does not answer for any phone number whether it has reported before."""

import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from casework.models import Parameter
from requests_.models import Ticket
from requests_.phone_looks import may_look_for
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.requests import COMMUNITY, report

pytestmark = pytest.mark.django_db
REPORT, NEARBY = "/tickets/report/", "/tickets/report/nearby/"
PHONE, BEFORE = "13893112345", "已有人反映过"


@pytest.fixture(autouse=True)
def no_looks_yet():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def earlier(tree, officer):
    """An earlier report by the officer, somewhere in the micro-grid."""
    return report(
        officer, tree["00500101"], category=COMMUNITY, caller_phone=PHONE, now=timezone.now() - timedelta(days=2)
    )  # fmt: skip


def typed(tree, **more):
    return {
        "key": uuid.uuid4(), "area": tree["00500101"].code, "category": COMMUNITY, "urgency": "normal",
        "type": "help", "source": "patrol", "description": "夜间噪声", "caller_phone": PHONE, **more,
    }  # fmt: skip


def hinted(client, tree, **more):
    """What the page says when the form is refused: the description is missing."""
    answer = client.post(REPORT, typed(tree, description="", **more))
    assert answer.status_code == 400
    return answer.content.decode()


def test_who_may_not_reveal_a_contact_is_not_told_that_a_number_has_reported(
    client_for, micro_grid_worker, grid_worker, earlier, tree
):
    for person in (micro_grid_worker, grid_worker):
        html = hinted(client_for(person), tree)
        assert BEFORE not in html
        assert earlier.number not in html


def test_who_may_reveal_is_told_before_saving(client_for, grid_leader, officer, earlier, tree):
    for person in (grid_leader, officer):
        html = hinted(client_for(person), tree)
        assert BEFORE in html
        assert earlier.number in html


def test_after_saving_the_reporter_is_told_of_what_they_see(client_for, micro_grid_worker, earlier, tree):
    html = client_for(micro_grid_worker).post(REPORT, typed(tree), follow=True).content.decode()
    assert "第 2 次反映" in html
    assert earlier.number in html
    assert Ticket.objects.latest("pk").repeat_of == earlier


def test_after_saving_nothing_is_told_of_reports_one_may_not_see(
    client_for, officer, foreign_officer, tree, earlier
):
    data = typed(tree, area=tree["00600101"].code)
    html = client_for(foreign_officer).post(REPORT, data, follow=True).content.decode()
    assert Ticket.objects.latest("pk").repeat_number == 2
    assert "次反映" not in html


def test_the_same_place_is_told_to_whoever_sees_it(client_for, micro_grid_worker, officer, tree):
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]))
    there = report(officer, tree["00500101"], category=COMMUNITY, caller_phone=PHONE, building=building)
    html = hinted(client_for(micro_grid_worker), tree, place=f"building:{building.pk}", area="")
    assert BEFORE in html
    assert there.number in html


def test_no_number_is_looked_for_by_an_address(client_for, officer, earlier, tree):
    query = {"caller_phone": PHONE, "category": COMMUNITY, "area": tree["00500101"].code}
    assert BEFORE not in client_for(officer).get(NEARBY, query).content.decode()


def test_guesses_are_limited_for_each_person_and_written_down(
    client_for, officer, secretary, earlier, tree, caplog
):
    Parameter.objects.filter(key="phone_looks_per_hour").update(value=3)
    caplog.set_level("INFO", "requests_.phone_looks")
    client = client_for(officer)
    for n in range(3):
        assert BEFORE not in hinted(client, tree, caller_phone=f"1380000000{n}")
    assert BEFORE not in hinted(client, tree)
    assert BEFORE not in hinted(client, tree)
    assert BEFORE in hinted(client_for(secretary), tree)
    ours = [line.getMessage() for line in caplog.records if f"user {officer.pk} " in line.getMessage()]
    assert len(ours) == 4
    assert ours[-1].endswith("refused")
    assert PHONE not in caplog.text
    assert client.post(REPORT, typed(tree)).status_code == 302


def test_the_same_number_again_is_no_new_guess(officer):
    Parameter.objects.filter(key="phone_looks_per_hour").update(value=1)
    assert [may_look_for(officer, phone) for phone in (PHONE, PHONE, "138-9311 2345")] == [True] * 3
    assert not may_look_for(officer, "13893112346")
    assert may_look_for(officer, PHONE)


def test_too_few_digits_are_no_number(officer):
    assert not may_look_for(officer, "12345")
