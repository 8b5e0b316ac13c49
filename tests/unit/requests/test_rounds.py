"""What a second round does not inherit from the first: tries to reach the resident, and time to send back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from casework.errors import NotOffered, RuleBroken
from casework.services import add_note
from casework.timeline import sentence
from grids.reshape import Part, split_area
from portal.queries import my_work
from requests_.kinds import TICKET
from requests_.models import Callback
from tests.factories.grids import BuildingFactory, CompoundFactory, box
from tests.factories.requests import accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db
# A Monday, ten o'clock in Lanzhou.
MONDAY = datetime(2023, 2, 20, 2, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
def at_callback(tree, micro_grid_worker, grid_leader, grid_worker):
    ticket = report(micro_grid_worker, tree["00500101"], caller_phone="09310000000", now=MONDAY)
    accept(ticket, grid_leader, now=MONDAY)
    dispatch(ticket, grid_leader, grid_worker, now=MONDAY)
    take(ticket, "sign", grid_worker, now=MONDAY)
    finish(ticket, grid_worker, now=MONDAY)
    return take(ticket, "pass_review", grid_leader, now=MONDAY)


def try_thrice(ticket, officer, start):
    for day in range(3):
        ticket = take(ticket, "try_contact", officer, now=start + day * A_DAY)
    return ticket


def test_old_tries_do_not_count_after_a_rework(at_callback, officer, grid_worker, grid_leader):
    try_thrice(at_callback, officer, MONDAY)
    later = MONDAY + 4 * A_DAY
    take(at_callback, "callback", officer, solved="no", satisfaction="fairly", now=later)
    finish(at_callback, grid_worker, now=later)
    take(at_callback, "pass_review", grid_leader, now=later)
    with pytest.raises(RuleBroken):
        take(at_callback, "close_unreached", officer, now=later)
    ticket = take(at_callback, "try_contact", officer, now=later)
    assert ticket.events.latest("seq").facts["count"] == 1
    try_thrice(at_callback, officer, later + A_DAY)
    closed = take(at_callback, "close_unreached", officer, now=later + 4 * A_DAY)
    assert closed.status == "closed"


@pytest.mark.parametrize(("days", "possible"), [(1, True), (4, False)])
def test_the_time_to_send_back_began_with_the_dispatch(
    at_callback, officer, grid_worker, grid_leader, days, possible
):
    later = MONDAY + days * A_DAY
    take(at_callback, "callback", officer, solved="no", satisfaction="dissatisfied", now=later)
    if possible:
        ticket = take(at_callback, "send_back", grid_worker, reason="不归我管", now=later)
        assert ticket.status == "to_dispatch"
    else:
        with pytest.raises(RuleBroken):
            take(at_callback, "send_back", grid_worker, reason="不归我管", now=later)


def test_12345_may_have_called(at_callback, officer, tree, micro_grid_worker):
    with pytest.raises(RuleBroken):
        take(at_callback, "callback", officer, solved="yes", satisfaction="fairly", called_by="hotline")
    type(at_callback).objects.filter(pk=at_callback.pk).update(external_number="LZ2023022000017")
    ticket = take(
        at_callback, "callback", officer, solved="partly", satisfaction="fairly", called_by="hotline"
    )
    assert (ticket.status, ticket.first_contact_at) == ("closed", None)
    assert Callback.objects.get().by_hotline


def test_nothing_is_added_to_what_is_final(tree, micro_grid_worker, officer, client_for):
    ticket = report(micro_grid_worker, tree["00500101"])
    note = {"text": "补充一句", "key": "4f5c2d3e-8a11-4d5e-9b1f-0b7c6a5d4e3f"}
    page = f"/cases/{ticket.number}/"
    assert client_for(officer).get(page).context["may_note"]
    take(ticket, "cancel", officer, reason="误报")
    with pytest.raises(NotOffered):
        add_note(number=ticket.number, actor=officer, **note)
    assert not client_for(officer).get(page).context["may_note"]
    assert client_for(officer).post(f"{page}notes/", note).status_code == 409


def test_reopened_after_its_area_was_split_it_goes_on_where_it_lies_now(
    tree, grid_leader, grid_worker, officer, secretary
):
    building = BuildingFactory(
        compound=CompoundFactory(micro_grid=tree["00500102"], boundary=box(1.6, 1, 1.7, 1.2))
    )
    ticket = report(officer, tree["00500102"], building=building)
    accept(ticket, grid_leader)
    dispatch(ticket, grid_leader, grid_worker)
    take(ticket, "sign", grid_worker)
    finish(ticket, grid_worker)
    take(ticket, "pass_review", officer)
    west, middle, east = 1, 1.5, 2
    parts = [Part("西", box(west, 0, middle, 2)), Part("东", box(middle, 0, east, 2))]
    split_area(actor=secretary, code=tree["00500102"].code, parts=parts, now=timezone.now())
    ticket = take(ticket, "reopen", officer, reason="又坏了")
    assert (ticket.area.name, ticket.path, ticket.grid) == ("东", ticket.area.code, tree["005001"].code)
    assert ticket.pk in my_work(grid_leader).values_list("pk", flat=True)
    assert "东" in sentence(ticket.events.latest("seq"), TICKET)
