"""The callback of a matter with several reporters, on the page of its main ticket."""

import pytest

from requests_.models import Ticket
from tests.factories.measures import signed
from tests.factories.requests import finish, report, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared(tree, officer, grid_worker):
    main = signed(tree["00500101"], officer, grid_worker, caller_phone="09310000001", caller_name="张某")
    other = report(officer, tree["00500102"], caller_phone="09310000002", caller_name="李某")
    take(other, "merge", officer, main_ticket=main)
    finish(main, grid_worker)
    return take(main, "pass_review", officer), other


def version(ticket):
    return Ticket.objects.get(pk=ticket.pk).version


def test_the_form_names_each_reporter_masked_and_keeps_what_was_typed(client_for, officer, shared):
    main, other = shared
    client = client_for(officer)
    url = f"/cases/{main.number}/do/callback/"
    page = client.get(url).content.decode()
    for number, masked in ((main.number, "093****0001"), (other.number, "093****0002")):
        assert f'<option value="{number}">' in page
        assert masked in page
    assert "09310000001" not in page
    data = {"version": version(main), "solved": "yes", "satisfaction": "fairly", "opinion": "态度很好"}
    refused = client.post(url, data)
    assert refused.status_code in (200, 400)
    assert "态度很好" in refused.content.decode()
    client.post(url, data | {"report": other.number})
    client.post(url, data | {"version": version(main)})  # one is left: nothing to choose
    assert Ticket.objects.get(pk=main.pk).status == "closed"


def test_the_page_says_who_was_called_and_what_they_said(client_for, officer, shared):
    main, other = shared
    take(main, "callback", officer, report=other.number, solved="yes", satisfaction="fairly")
    take(main, "try_contact", officer)
    page = client_for(officer).get(f"/cases/{main.number}/").content.decode()
    for words in ("已解决 · 基本满意", "未接通1次"):
        assert words in page


def test_the_exported_queue_has_the_first_and_the_last_answer(client_for, officer, grid_worker, shared):
    main, _other = shared
    take(main, "callback", officer, report=main.number, solved="no", satisfaction="dissatisfied")
    finish(main, grid_worker)
    take(main, "pass_review", officer)
    for ticket in shared:
        take(main, "callback", officer, report=ticket.number, solved="yes", satisfaction="satisfied")
    text = client_for(officer).post("/cases/export/?status=any").content.decode("utf-8-sig")
    heading, *lines = text.splitlines()
    assert heading.endswith("首次回访：是否解决,首次回访：满意度,最终回访：是否解决,最终回访：满意度")
    line = next(line for line in lines if line.startswith(main.number))
    assert line.endswith("未解决；已解决,不满意；满意,已解决；已解决,满意；满意")
