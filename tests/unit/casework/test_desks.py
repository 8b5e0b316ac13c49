"""Every open case lies with somebody, in every status, at every level, whoever is missing; and whoever is told finds it
among the work.
"""

from itertools import product

import pytest

from accounts.models import User
from casework.choices import HandlingLevel
from casework.desks import desk_filter, people_at
from casework.models import Case
from grids.choices import Duty
from grids.models import AreaAssignment
from requests_.choices import TicketStatus as S
from requests_.models import Category, Ticket
from tests.factories.accounts import UserFactory
from tests.factories.bulk import copy_ticket
from tests.factories.measures import at
from tests.factories.requests import SMALL, report

pytestmark = pytest.mark.django_db
NOW = at(20)
POSTS = (Duty.GRID_LEADER, Duty.COMMUNITY_OFFICER, Duty.COMMUNITY_SECRETARY, Duty.SUBDISTRICT_ADMIN)
# Who is missing: nobody, one after the other from below, each alone. Two who could act are left in most.
MISSING = (
    (), POSTS[:1], POSTS[:2], POSTS[:3], POSTS[1:2], POSTS[2:3], POSTS[3:], POSTS[1:3], (POSTS[0], POSTS[2]),
)  # fmt: skip
LEVELS = (HandlingLevel.GRID, HandlingLevel.COMMUNITY, HandlingLevel.SUBDISTRICT)
# What a ticket may be in, beside its level: a condition is a change of its row.
CONDITIONS = {
    "reported": {"status": S.REPORTED, "handler": None},
    "to dispatch": {"status": S.TO_DISPATCH, "handler": None},
    "sent back often": {"status": S.TO_DISPATCH, "handler": None, "is_for_secretary": True},
    "to sign, the handler left": {"status": S.TO_SIGN, "handler": "gone"},
    "handled, the handler left": {"status": S.HANDLING, "handler": "gone"},
    "an extension is asked for": {"status": S.HANDLING, "handler": "worker", "pending_request": "extension"},
    "a second extension": {
        "status": S.HANDLING, "handler": "worker", "pending_request": "extension", "extension_count": 1,
    },
    "the secretary asks for time": {"status": S.HANDLING, "handler": "secretary", "pending_request": "extension"},
    "a suspension is proposed": {"status": S.HANDLING, "handler": "worker", "pending_request": "suspension"},
    "of 12345": {
        "status": S.HANDLING, "handler": "worker", "pending_request": "suspension", "external_number": "LZ1",
    },
    "done by the worker": {"status": S.TO_REVIEW, "handler": "worker", "finished": "worker"},
    "done by the leader": {"status": S.TO_REVIEW, "handler": "leader", "finished": "leader"},
    "done by the officer": {"status": S.TO_REVIEW, "handler": "officer", "finished": "officer"},
    "done by the secretary": {"status": S.TO_REVIEW, "handler": "secretary", "finished": "secretary"},
    "to call back": {"status": S.TO_CALL_BACK, "handler": "worker", "finished": "worker"},
}  # fmt: skip


@pytest.fixture
def cast(grid_worker, grid_leader, officer, secretary, subdistrict_admin, neighbour, foreign_officer):
    users = (grid_worker, grid_leader, officer, secretary, subdistrict_admin, neighbour, foreign_officer)
    return {user.username: user for user in users} | {"gone": UserFactory(username="gone", is_active=False)}


def put(ticket, cast, level, condition):
    """Writes what the steps of weeks would have led to."""
    row = dict(condition)
    handler, finished = cast.get(row.pop("handler") or ""), cast.get(row.pop("finished", ""))
    Ticket.objects.filter(pk=ticket.pk).update(
        handler_user=handler, finished_by=finished, handling_level=level, **row
    )
    return Ticket.objects.get(pk=ticket.pk)


@pytest.mark.parametrize("missing", MISSING, ids=lambda duties: "+".join(duties) or "nobody")
@pytest.mark.parametrize("small", [True, False], ids=["small", "large"])
def test_the_desk_is_never_empty_and_who_is_told_finds_it_among_the_work(tree, cast, missing, small):
    ticket = report(cast["worker"], tree["00500101"])
    AreaAssignment.objects.filter(duty__in=missing).exclude(user=cast["foreign"]).delete()
    Category.objects.filter(code=SMALL).update(is_small=small)
    situations = list(product(CONDITIONS.items(), LEVELS))
    copy_ticket(ticket, len(situations) - 1)
    rows = Ticket.objects.order_by("pk")
    rows = [
        put(row, cast, level, condition)
        for row, ((_n, condition), level) in zip(rows, situations, strict=True)
    ]
    found = {
        user.pk: set(Case.objects.filter(desk_filter(user, NOW)).values_list("pk", flat=True))
        for user in User.objects.all()
    }
    for row, ((name, condition), level) in zip(rows, situations, strict=True):
        where = f"{name}, {level}, without {missing}"
        told, on_desk = people_at(row, NOW), {user for user, keys in found.items() if row.pk in keys}
        assert told, where
        assert told <= on_desk, where
        # Beyond those who are told: the handler, and the subdistrict where it may decide as well.
        may_decide = {cast["street"].pk} if "pending_request" in condition else set()
        assert on_desk - told <= {row.handler_user_id} | may_decide, where
