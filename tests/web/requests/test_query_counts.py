"""How many statements the pages of a ticket need, with 3 rows of everything and with 30 (docs/decisions/0014).

Statements of the transaction itself are counted with the others.
"""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.models import Attachment, CaseEvent, CasePerson
from tests.factories.accounts import UserFactory
from tests.factories.grids import AreaFactory, AssignmentFactory, BuildingFactory, CompoundFactory
from tests.factories.measures import extend, signed, suspend, whistle
from tests.factories.measures import supervise as issue_sheet
from tests.factories.requests import accept, report, take

pytestmark = pytest.mark.django_db
REPORT = "/tickets/report/"
# Reads of the session, the person, the posts and, on pages, the unread entries are in every number.
REPORTED, REPORT_PAGE, CASE_PAGE, CASE_PAGE_WITH_MEASURES = 28, 10, 12, 15
SIGNED, ACCEPTED, DISPATCHED, BULK, BULK_ROW = 15, 23, 25, 10, 20


def statements(call, *args):
    with CaptureQueriesContext(connection) as captured:
        status = call(*args).status_code
    assert status in (200, 302)
    return len(captured)


def form(building):
    return {
        "key": uuid.uuid4(), "place": f"building:{building.pk}", "category": "stairs-handrail", "urgency": "normal",
        "description": "二楼踏步破损", "type": "help", "source": "patrol",
    }  # fmt: skip


def more_places(tree, count):
    """That many more buildings, compounds and micro-grids in the community."""
    for number in range(count):
        area = AreaFactory(code=f"620102017005002{number + 10}", boundary=None)
        BuildingFactory(compound=CompoundFactory(micro_grid=area))


def test_a_report_needs_the_same_whatever_the_places_to_choose_from(client_for, grid_worker, tree):
    buildings = [BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"])) for _n in range(3)]
    client, counts = client_for(grid_worker), []
    client.get(REPORT)
    for more, building in zip((0, 27), buildings, strict=False):
        more_places(tree, more)
        counts.append(
            (
                statements(client.get, f"{REPORT}?form={uuid.uuid4()}"),
                statements(client.post, REPORT, form(building)),
            )
        )
    few, many = counts
    assert few == many
    assert few[0] <= REPORT_PAGE
    assert few[1] <= REPORTED


def grow(ticket, officer, count):
    """That many more notes with a picture each, and as many watchers."""
    events = CaseEvent.objects.bulk_create(
        CaseEvent(case_id=ticket.pk, seq=ticket.events.count() + 50 + n, verb="note", actor=officer,
                  at=ticket.opened_at, facts={"text": "x"})
        for n in range(count)
    )  # fmt: skip
    Attachment.objects.bulk_create(
        Attachment(case_id=ticket.pk, event=event, kind="before", file="a.jpg", thumbnail="b.jpg", width=1, height=1,
                   uploaded_by=officer, uploaded_at=ticket.opened_at)
        for event in events
    )  # fmt: skip
    watchers = [UserFactory() for _n in range(count)]
    CasePerson.objects.bulk_create(
        CasePerson(case_id=ticket.pk, user=user, kind="watcher") for user in watchers
    )


def test_a_case_page_needs_the_same_whatever_its_length(client_for, officer, tree):
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]))
    ticket = report(officer, tree["00500101"], building=building)
    client, url = client_for(officer), f"/cases/{ticket.number}/"
    client.get(url)
    counts = []
    for more in (3, 27):
        grow(ticket, officer, more)
        for _n in range(more):
            report(officer, tree["00500101"], building=building)
        counts.append(statements(client.get, url))
        page = client.get(url).context
        assert len(page["watchers"]) == len(page["before"]) == ticket.people.count()
    few, many = counts
    assert few == many <= CASE_PAGE


def test_a_case_page_with_every_measure_needs_one_more_for_each_kind(
    client_for, officer, secretary, grid_worker, department, tree
):
    ticket = signed(tree["00500101"], officer, grid_worker)
    take(extend(ticket, grid_worker), "approve_extension", secretary)
    whistle(ticket, secretary, department)
    issue_sheet(ticket, secretary, officer)
    suspend(ticket, officer, secretary)
    client = client_for(officer)
    client.get(f"/cases/{ticket.number}/")
    assert statements(client.get, f"/cases/{ticket.number}/") <= CASE_PAGE_WITH_MEASURES


def sending(ticket, worker):
    return {"version": ticket.version, "handler": f"person:{worker.pk}", "opinion": "请处理"}


def test_a_step_needs_the_same_whatever_the_people_to_choose_from(client_for, officer, grid_worker, tree):
    client, worker, counts = client_for(officer), client_for(grid_worker), []
    for person in (client, worker):
        person.get(REPORT)
    for more in (0, 27):
        for _n in range(more):
            AssignmentFactory(user=UserFactory(), area=tree["005001"], is_deputy=True)
        ticket = report(officer, tree["00500101"])
        step = f"/cases/{ticket.number}/do/"
        accepting = {"version": ticket.version, "urgency": "normal", "handling_level": "community"}
        accepted = statements(client.post, f"{step}accept/", accepting)
        ticket.refresh_from_db()
        dispatched = statements(client.post, f"{step}dispatch/", sending(ticket, grid_worker))
        ticket.refresh_from_db()
        signed_for = statements(worker.post, f"{step}sign/", {"version": ticket.version})
        counts.append((accepted, dispatched, signed_for))
    few, many = counts
    assert few == many
    assert all(count <= most for count, most in zip(few, (ACCEPTED, DISPATCHED, SIGNED), strict=True))


@pytest.mark.parametrize("rows", [3, 30])
def test_dispatching_many_needs_so_many_for_each_and_no_more(client_for, officer, grid_worker, tree, rows):
    tickets = [accept(report(officer, tree["00500101"]), officer, "community") for _n in range(rows)]
    client = client_for(officer)
    client.get(REPORT)
    chosen = {"number": [ticket.number for ticket in tickets]}
    chosen |= {f"version_{ticket.number}": ticket.version for ticket in tickets}
    sent = chosen | {"handler": f"person:{grid_worker.pk}", "opinion": "请处理"}
    assert statements(client.post, "/cases/bulk-dispatch/", sent) <= BULK + BULK_ROW * rows
    page = client.get("/cases/bulk-dispatch/?result").context
    assert (page["done"], page["refused"]) == (rows, 0)
