"""Two reports of one matter become one: nobody who reported is forgotten, and nothing secret is told."""

import pytest

from casework.errors import RuleBroken
from casework.models import CaseEvent
from requests_.models import Ticket
from requests_.selectors import mergeable_into
from tests.factories.requests import accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db
PHONE = "09310000000"


def passed(ticket, leader, worker):
    """The ticket after its review."""
    accept(ticket, leader)
    dispatch(ticket, leader, worker)
    take(ticket, "sign", worker)
    finish(ticket, worker)
    return take(ticket, "pass_review", leader)


@pytest.fixture
def main(micro_grid_worker, tree):
    return report(micro_grid_worker, tree["00500102"])


@pytest.fixture
def called(micro_grid_worker, tree):
    """Reported by a resident who left a phone number."""
    return report(micro_grid_worker, tree["00500101"], caller_name="张某", caller_phone=PHONE)


def test_whoever_reported_what_was_merged_is_called_back(main, called, officer, grid_leader, grid_worker):
    take(called, "merge", officer, main_ticket=main)
    assert passed(main, grid_leader, grid_worker).status == "to_call_back"


def test_nobody_is_called_back_about_what_workers_found(
    main, micro_grid_worker, officer, grid_leader, grid_worker, tree
):
    take(report(micro_grid_worker, tree["00500101"]), "merge", officer, main_ticket=main)
    assert passed(main, grid_leader, grid_worker).status == "closed"


def test_what_was_merged_before_moves_along(main, called, micro_grid_worker, officer, tree):
    between = report(micro_grid_worker, tree["00500101"])
    take(called, "merge", officer, main_ticket=between)
    take(between, "merge", officer, main_ticket=main)
    assert set(Ticket.objects.filter(merged_into=main)) == {called, between}


def test_both_timelines_tell_it(main, called, officer):
    take(called, "merge", officer, main_ticket=main)
    events = CaseEvent.objects.order_by("-pk").values_list("case__number", "verb", "facts")[:2]
    assert list(events) == [
        (called.number, "merge", {"main": main.number}),
        (main.number, "merged_in", {"other": called.number}),
    ]


def test_one_that_was_closed_meanwhile_takes_nothing_in(main, called, officer):
    stale = Ticket.objects.get(pk=main.pk)
    take(main, "cancel", officer, reason="误报")
    with pytest.raises(RuleBroken):
        take(called, "merge", officer, main_ticket=stale)


def test_tickets_of_two_communities_stay_apart(called, officer, foreign_officer, tree):
    foreign = report(foreign_officer, tree["00600101"])
    with pytest.raises(RuleBroken):
        take(called, "merge", officer, main_ticket=foreign)


def test_secret_and_open_ones_stay_apart(main, called, officer, tree):
    secret = report(officer, tree["00500101"], is_secret=True)
    assert set(mergeable_into(officer, called)) == {main}
    assert not mergeable_into(officer, secret)
    for ticket, into in ((called, secret), (secret, main)):
        with pytest.raises(RuleBroken):
            take(ticket, "merge", officer, main_ticket=into)


def test_the_page_of_the_main_ticket_names_whom_to_call_back(client_for, main, called, officer):
    take(called, "merge", officer, main_ticket=main)
    page = client_for(officer).get(f"/cases/{main.number}/").content.decode()
    assert called.number in page
    assert "093****0000" in page
    assert main.number in client_for(officer).get(f"/cases/{called.number}/").content.decode()
