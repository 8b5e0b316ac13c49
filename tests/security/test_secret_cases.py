"""Nobody learns of a secret case by a way round: a whistle, a deputy's post, an organisation."""

import pytest

from casework.models import Case
from grids.choices import Duty
from requests_.models import Ticket
from requests_.selectors import handlers_for
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory
from tests.factories.measures import whistle
from tests.factories.requests import COMMUNITY, accept, dispatch, report, take

pytestmark = pytest.mark.django_db


def page_of(client, ticket):
    return client.get(f"/cases/{ticket.number}/")


@pytest.fixture
def handled(tree, officer, grid_worker):
    ticket = accept(report(officer, tree["00500101"], category=COMMUNITY), officer, level="community")
    return take(dispatch(ticket, officer, grid_worker), "sign", grid_worker)


def test_a_department_called_by_whistle_loses_sight_when_the_case_becomes_secret(
    handled, secretary, department, department_handler, client_for
):
    whistle(handled, secretary, department)
    assert page_of(client_for(department_handler), handled).status_code == 200
    Case.objects.filter(pk=handled.pk).update(is_secret=True)
    assert page_of(client_for(department_handler), handled).status_code == 404
    assert not Case.objects.visible_to(department_handler).exists()
    assert not Ticket.objects.visible_to(department_handler).exists()


def test_no_department_is_called_to_a_secret_case(handled, secretary, department, client_for):
    Case.objects.filter(pk=handled.pk).update(is_secret=True)
    assert "whistle" not in page_of(client_for(secretary), handled).content.decode()
    assert client_for(secretary).get(f"/cases/{handled.number}/do/whistle/").status_code == 403


def test_a_deputy_secretary_sees_no_secret_case(tree, officer, secretary, client_for):
    deputy = UserFactory(username="deputy", name="副书记", role=secretary.role)
    AssignmentFactory(user=deputy, area=tree["005"], duty=Duty.COMMUNITY_SECRETARY, is_deputy=True)
    open_one = report(officer, tree["00500101"])
    secret = report(officer, tree["00500101"], is_secret=True)
    assert page_of(client_for(deputy), open_one).status_code == 200
    assert page_of(client_for(secretary), secret).status_code == 200
    assert page_of(client_for(deputy), secret).status_code == 404
    assert set(Case.objects.visible_to(deputy)) == {Case.objects.get(pk=open_one.pk)}


def test_a_secret_case_is_dispatched_to_a_person_and_to_no_organisation(
    tree, officer, secretary, grid_worker, department, client_for
):
    secret = accept(
        report(officer, tree["00500101"], is_secret=True, category=COMMUNITY), officer, "community"
    )
    people, organisations = handlers_for(officer, secret)
    assert grid_worker in people
    assert not organisations.exists()
    url = f"/cases/{secret.number}/do/dispatch/"
    assert department.name not in client_for(officer).get(url).content.decode()
    answer = client_for(officer).post(
        url, {"handler": f"org:{department.pk}", "opinion": "请处理", "version": secret.version}
    )
    secret.refresh_from_db()
    assert answer.status_code != 302
    assert (secret.status, secret.handler) == ("to_dispatch", None)
