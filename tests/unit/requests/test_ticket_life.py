"""A ticket's life through the one door: what each step requires, changes, counts and writes down."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from casework.errors import InputMissing, NotAllowed, NotOffered, RuleBroken, StalePage
from casework.models import CaseEvent, ClosedTally, Parameter
from casework.photos import stage_photo
from casework.services import apply_transition
from casework.tallies import COUNTERS
from requests_.models import Ticket
from requests_.services import archive_closed_tickets
from tests.factories.requests import COMMUNITY, accept, dispatch, finish, picture, report, take

pytestmark = pytest.mark.django_db
NOON = "2023-03-06T12:00:00+08:00"


@pytest.fixture
def ticket(micro_grid_worker, tree):
    return report(micro_grid_worker, tree["00500101"])


@pytest.fixture
def with_worker(ticket, grid_leader, grid_worker):
    accept(ticket, grid_leader)
    return dispatch(ticket, grid_leader, grid_worker)


def verbs(ticket):
    return list(ticket.events.order_by("seq").values_list("verb", flat=True))


def test_a_whole_life_from_report_to_callback(micro_grid_worker, grid_leader, grid_worker, officer, tree):
    ticket = report(micro_grid_worker, tree["00500101"], caller_name="李四", caller_phone="09310000000")
    accept(ticket, grid_leader)
    dispatch(ticket, grid_leader, grid_worker)
    take(ticket, "sign", grid_worker)
    finish(ticket, grid_worker)
    ticket = take(ticket, "pass_review", grid_leader)
    assert ticket.status == "to_call_back"
    ticket = take(ticket, "callback", officer, solved="yes", satisfaction="satisfied")
    assert (ticket.status, ticket.is_open, ticket.solved) == ("closed", False, "yes")
    assert verbs(ticket) == ["report", "accept", "dispatch", "sign", "finish", "pass_review", "callback"]
    assert ticket.number.startswith(f"T-{timezone.localdate().year}-")


def test_found_by_the_grid_it_closes_with_the_review(with_worker, grid_worker, grid_leader):
    take(with_worker, "sign", grid_worker)
    finish(with_worker, grid_worker)
    assert take(with_worker, "pass_review", grid_leader).status == "closed"


@time_machine.travel(NOON, tick=False)
def test_accepting_starts_the_clock_of_the_level(ticket, grid_leader):
    ticket = accept(ticket, grid_leader)
    deadline = ticket.deadlines.get(step="handle")
    assert (deadline.amount, deadline.unit) == (5, "workday")
    assert deadline.due_at == ticket.due_at > timezone.now()


def test_the_handler_may_not_pass_their_own_work_even_as_leader(ticket, grid_leader):
    accept(ticket, grid_leader)
    dispatch(ticket, grid_leader, grid_leader)
    take(ticket, "sign", grid_leader)
    finish(ticket, grid_leader)
    with pytest.raises(NotAllowed):
        take(ticket, "pass_review", grid_leader)


def test_a_photo_category_is_not_finished_without_a_photo(with_worker, grid_worker):
    take(with_worker, "sign", grid_worker)
    with pytest.raises(InputMissing) as refused:
        finish(with_worker, grid_worker, photo=False)
    assert refused.value.field == "photos"
    assert Ticket.objects.get().status == "handling"


@pytest.mark.parametrize("missing", ["urgency", "handling_level"])
def test_a_required_input_is_asked_for(ticket, grid_leader, missing):
    data = {"urgency": "normal", "handling_level": "grid"} | {missing: ""}
    with pytest.raises(InputMissing):
        take(ticket, "accept", grid_leader, **data)


def test_a_step_that_is_not_offered_is_refused_and_writes_nothing(ticket, officer):
    with pytest.raises(NotOffered):
        take(ticket, "callback", officer, solved="yes", satisfaction="satisfied")
    with pytest.raises(NotOffered):
        take(ticket, "fly", officer)
    assert verbs(ticket) == ["report"]


def test_who_may_not_is_refused_and_nothing_is_written(ticket, neighbour):
    with pytest.raises(NotAllowed):
        accept(ticket, neighbour)
    assert verbs(ticket) == ["report"]


def test_a_stale_page_is_told_who_did_what(ticket, grid_leader, officer):
    accept(ticket, grid_leader)
    with pytest.raises(StalePage) as refused:
        apply_transition(
            number=ticket.number, verb="cancel", actor=officer, data={"reason": "误报"}, version=1
        )
    assert grid_leader.name in str(refused.value)
    assert Ticket.objects.get().status == "to_dispatch"


def test_sent_back_three_times_it_lies_with_the_secretary(
    ticket, grid_leader, grid_worker, officer, secretary
):
    accept(ticket, grid_leader)
    for _time in range(3):
        dispatch(ticket, officer, grid_worker)
        take(ticket, "send_back", grid_worker, reason="不属于本网格")
    ticket.refresh_from_db()
    assert (ticket.return_count, ticket.handler) == (3, None)
    with pytest.raises(NotAllowed):
        dispatch(ticket, officer, grid_worker)
    assert dispatch(ticket, secretary, grid_worker).status == "to_sign"


def test_how_often_it_is_sent_back_before_is_for_the_administrator_to_say(
    ticket, grid_leader, grid_worker, officer, secretary
):
    accept(ticket, grid_leader)
    dispatch(ticket, officer, grid_worker)
    Parameter.objects.filter(key="returns_to_secretary").update(value=1)
    assert take(ticket, "send_back", grid_worker, reason="不属于本网格").is_for_secretary
    # Whoever lies with the secretary stays there, whatever the number says later.
    dispatch(ticket, secretary, grid_worker)
    Parameter.objects.filter(key="returns_to_secretary").update(value=9)
    assert take(ticket, "send_back", grid_worker, reason="不属于本网格").is_for_secretary
    with pytest.raises(NotAllowed):
        dispatch(ticket, officer, grid_worker)


def test_escalation_goes_one_level_up_and_the_grid_still_sees_it(
    ticket, grid_leader, secretary, subdistrict_admin
):
    accept(ticket, grid_leader)
    assert take(ticket, "escalate", grid_leader, reason="需要资金").handling_level == "community"
    assert take(ticket, "escalate", secretary, reason="需要街道协调").handling_level == "subdistrict"
    ticket = take(ticket, "escalate", subdistrict_admin, reason="需要区里协调")
    assert ticket.handling_level == "district"
    assert Ticket.objects.visible_to(grid_leader).filter(pk=ticket.pk).exists()


def test_asking_to_escalate_changes_no_status_and_tells_the_secretary(
    micro_grid_worker, officer, secretary, tree, inbox_of
):
    ticket = report(micro_grid_worker, tree["00500101"], category=COMMUNITY)
    accept(ticket, officer, "community")
    assert take(ticket, "request_escalation", officer, reason="多部门").status == "to_dispatch"
    assert [item.facts["verb"] for item in inbox_of(secretary)] == ["request_escalation"]


def test_dissatisfied_it_goes_back_to_the_handler(micro_grid_worker, grid_leader, grid_worker, officer, tree):
    ticket = report(micro_grid_worker, tree["00500101"], caller_phone="09310000000")
    accept(ticket, grid_leader)
    dispatch(ticket, grid_leader, grid_worker)
    take(ticket, "sign", grid_worker)
    finish(ticket, grid_worker)
    take(ticket, "pass_review", grid_leader)
    ticket = take(ticket, "callback", officer, solved="yes", satisfaction="dissatisfied")
    assert (ticket.status, ticket.dissatisfied_count, ticket.handler) == ("handling", 1, grid_worker)


def test_unreached_needs_three_tries_on_two_days(micro_grid_worker, grid_leader, grid_worker, officer, tree):
    with time_machine.travel(NOON, tick=False) as clock:
        ticket = report(micro_grid_worker, tree["00500101"], caller_phone="09310000000")
        accept(ticket, grid_leader)
        dispatch(ticket, grid_leader, grid_worker)
        take(ticket, "sign", grid_worker)
        finish(ticket, grid_worker)
        take(ticket, "pass_review", grid_leader)
        for _try in range(3):
            take(ticket, "try_contact", officer)
        with pytest.raises(RuleBroken):
            take(ticket, "close_unreached", officer)
        clock.shift(timedelta(days=1))
        take(ticket, "try_contact", officer)
        assert take(ticket, "close_unreached", officer).status == "closed"


def test_settled_on_the_spot_and_not_sampled_passes_at_once(ticket, grid_worker, no_sample):
    ticket = take(
        ticket, "settle_on_spot", grid_worker, result="当场清理", photos=staged(grid_worker, picture())
    )
    assert (ticket.status, verbs(ticket)) == ("closed", ["report", "settle_on_spot", "pass_review"])
    assert ticket.events.last().actor is None


def test_settled_on_the_spot_and_sampled_waits_for_another_person(ticket, grid_worker, full_sample):
    ticket = take(
        ticket, "settle_on_spot", grid_worker, result="当场清理", photos=staged(grid_worker, picture())
    )
    assert ticket.status == "to_review"


def test_the_system_does_not_pass_what_was_handled_by_somebody(with_worker, grid_worker):
    take(with_worker, "sign", grid_worker)
    finish(with_worker, grid_worker)
    with pytest.raises(RuleBroken):
        take(with_worker, "pass_review", None)


def test_merging_points_to_the_main_ticket_and_closes(ticket, micro_grid_worker, officer, tree):
    main = report(micro_grid_worker, tree["00500102"])
    ticket = take(ticket, "merge", officer, main_ticket=main)
    assert (ticket.status, ticket.merged_into, ticket.is_open) == ("merged", main, False)


def test_a_ticket_is_not_merged_into_itself_nor_into_a_closed_one(ticket, micro_grid_worker, officer, tree):
    with pytest.raises(RuleBroken):
        take(ticket, "merge", officer, main_ticket=ticket)
    other = report(micro_grid_worker, tree["00500102"])
    other = take(other, "cancel", officer, reason="误报")
    with pytest.raises(RuleBroken):
        take(ticket, "merge", officer, main_ticket=other)


def closed_in_march(actor, reviewer, worker, area):
    ticket = report(actor, area)
    accept(ticket, reviewer)
    dispatch(ticket, reviewer, worker)
    take(ticket, "sign", worker)
    finish(ticket, worker)
    return take(ticket, "pass_review", reviewer)


def test_reopened_within_thirty_days_and_not_after(
    micro_grid_worker, grid_leader, grid_worker, officer, tree
):
    with time_machine.travel(NOON, tick=False) as clock:
        ticket = closed_in_march(micro_grid_worker, grid_leader, grid_worker, tree["00500101"])
        clock.shift(timedelta(days=31))
        with pytest.raises(RuleBroken):
            take(ticket, "reopen", officer, reason="又坏了")
        clock.shift(timedelta(days=-2))
        ticket = take(ticket, "reopen", officer, reason="又坏了")
    assert (ticket.status, ticket.is_open, ticket.handler) == ("to_dispatch", True, None)


def test_the_tally_follows_closing_and_reopening(micro_grid_worker, grid_leader, grid_worker, officer, tree):
    ticket = closed_in_march(micro_grid_worker, grid_leader, grid_worker, tree["00500101"])
    tally = ClosedTally.objects.get()
    assert (tally.count, tally.path, tally.handling_level, tally.status) == (1, ticket.path, "grid", "closed")
    assert (tally.handling_due, tally.handling_kept, tally.signing_due, tally.signing_kept) == (1, 1, 1, 1)
    take(ticket, "reopen", officer, reason="又坏了")
    tally.refresh_from_db()
    assert [tally.count, *(getattr(tally, name) for name in COUNTERS)] == [0] * (1 + len(COUNTERS))


def test_a_secret_ticket_is_in_no_figure(officer, grid_leader, grid_worker, tree):
    ticket = report(officer, tree["00500101"], is_secret=True)
    take(ticket, "cancel", officer, reason="误报")
    assert not ClosedTally.objects.exists()


def test_a_month_after_closing_it_is_archived(micro_grid_worker, grid_leader, grid_worker, officer, tree):
    with time_machine.travel(NOON, tick=False) as clock:
        ticket = closed_in_march(micro_grid_worker, grid_leader, grid_worker, tree["00500101"])
        clock.shift(timedelta(days=29))
        assert archive_closed_tickets() == 0
        clock.shift(timedelta(days=2))
        assert archive_closed_tickets() == 1
        assert archive_closed_tickets() == 0
    ticket.refresh_from_db()
    assert ticket.status == "archived"
    with pytest.raises(NotOffered):
        take(ticket, "reopen", officer, reason="晚了")


def test_a_person_named_on_a_secret_ticket_sees_it_and_naming_twice_is_harmless(officer, grid_leader, tree):
    ticket = report(officer, tree["00500101"], is_secret=True)
    assert not Ticket.objects.visible_to(grid_leader).exists()
    for _time in range(2):
        take(ticket, "name_person", officer, person=grid_leader)
    assert Ticket.objects.visible_to(grid_leader).get() == ticket
    with pytest.raises(NotAllowed):
        take(ticket, "name_person", grid_leader, person=officer)


def test_every_event_has_its_place_in_one_unbroken_sequence(with_worker, grid_worker):
    take(with_worker, "sign", grid_worker)
    assert list(CaseEvent.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]


def staged(owner, *uploads):
    return [stage_photo(owner=owner, upload=upload) for upload in uploads]
