"""The list of whistle calls: scoped, filtered, with the figures of each department and a file for Excel."""

from datetime import timedelta

import pytest
from django.utils import timezone

from casework.models import ExportRecord
from tests.factories.accounts import OrganisationFactory
from tests.factories.measures import signed, whistle
from tests.factories.requests import take

pytestmark = pytest.mark.django_db
URL = "/cases/whistles/"


@pytest.fixture
def silent(tree, officer, grid_worker, secretary, department):
    """A department that was called two days ago and rated as silent, another that was called just now."""
    now = timezone.now()
    begun = now - timedelta(days=2)
    ticket = signed(tree["00500101"], officer, grid_worker, now=begun)
    whistle(ticket, secretary, department, now=begun)
    take(ticket, "rate_whistle", secretary, call=ticket.whistle_calls.get(), rating="absent", now=now)
    whistle(ticket, secretary, OrganisationFactory(name="供热公司"), now=now)
    return ticket


def test_a_silent_department_is_counted_in_its_figures(client_for, subdistrict_admin, silent, department):
    rows = {
        row["organisation__name"]: row
        for row in client_for(subdistrict_admin).get(URL).context["departments"]
    }
    assert (rows[department.name]["called"], rows[department.name]["silent"]) == (1, 1)
    assert (rows["供热公司"]["called"], rows["供热公司"]["silent"]) == (1, 0)


def test_the_list_is_narrowed_and_a_wrong_filter_is_refused(client_for, secretary, silent, department):
    client = client_for(secretary)
    for query in (f"organisation={department.pk}", "rating=absent", "state=rated"):
        page = client.get(f"{URL}?{query}").context["page"]
        assert [call.organisation for call in page] == [department]
    assert client.get(f"{URL}?since=2023-13-01").status_code == 400


def test_another_community_s_office_sees_none_and_a_worker_no_list(
    client_for, foreign_officer, grid_worker, silent
):
    assert list(client_for(foreign_officer).get(URL).context["page"]) == []
    assert client_for(grid_worker).get(URL).status_code == 403
    assert client_for(grid_worker).post(f"{URL}export/").status_code == 403


def test_the_file_holds_the_rows_of_the_filter_and_is_written_down(client_for, secretary, silent, department):
    client = client_for(secretary)
    assert client.get(f"{URL}export/").status_code == 405
    text = client.post(f"{URL}export/?rating=absent").content.decode("utf-8-sig")
    assert department.name in text
    assert "未报到" in text
    assert "供热公司" not in text
    assert ExportRecord.objects.get().count == 1
