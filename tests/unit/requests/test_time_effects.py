"""Extension, suspension, supervision: who asks, who decides, and what it does to the clock, which is passed in."""

from datetime import date, timedelta

import pytest

from casework.choices import Light
from casework.errors import NotAllowed, NotOffered, RuleBroken
from casework.lights import light_of
from casework.models import Deadline, ExtensionRequest, Supervision, Suspension
from grids.models import AreaAssignment
from requests_.models import Ticket
from requests_.selectors import leaders_for
from requests_.services import archive_closed_tickets
from tests.factories.accounts import UserFactory
from tests.factories.grids import AssignmentFactory
from tests.factories.measures import at, extend, propose_suspension, signed, supervise, suspend
from tests.factories.requests import accept, dispatch, due, finish, report, take

pytestmark = pytest.mark.django_db
# Accepted on Wednesday 1 March 2023, seven workdays of the community.
DUE = at(10, 18)
SECOND = timedelta(seconds=1)


@pytest.fixture
def ticket(tree, officer, grid_worker):
    return signed(tree["00500101"], officer, grid_worker, now=at(1))


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def decide(ticket, verb, actor, now=None, **data):
    return take(ticket, verb, actor, now=now or at(6), **data)


# --- extension ---------------------------------------------------------------------------------------------


def test_an_extension_moves_the_limit_by_workdays_once_the_secretary_approves(ticket, grid_worker, secretary):
    asked = extend(ticket, grid_worker, 3, now=at(6))
    assert (asked.due_at, asked.pending_request) == (DUE, "extension")
    granted = decide(ticket, "approve_extension", secretary)
    assert granted.due_at == due(granted, "handle") == at(15, 18)
    assert (granted.pending_request, granted.extension_count) == ("", 1)
    row = ExtensionRequest.objects.get()
    assert (row.state, row.decided_by, row.decided_at) == ("approved", secretary, at(6))
    assert Deadline.objects.get(step="handle").extra_workdays == 3


def test_a_refused_extension_moves_nothing_and_may_be_asked_for_again(ticket, grid_worker, secretary):
    extend(ticket, grid_worker, now=at(6))
    refused = decide(ticket, "refuse_extension", secretary, reason="请抓紧办理")
    assert (refused.due_at, refused.extension_count, refused.pending_request) == (DUE, 0, "")
    assert extend(ticket, grid_worker, now=at(7)).pending_request == "extension"


@pytest.mark.parametrize("workdays", [1, 10])
def test_one_to_ten_workdays_may_be_asked_for(ticket, grid_worker, workdays):
    assert extend(ticket, grid_worker, workdays, now=at(6)).pending_request == "extension"


@pytest.mark.parametrize("workdays", [-1, 0, 11, 400])
def test_any_other_number_of_workdays_is_refused(ticket, grid_worker, workdays):
    with pytest.raises(RuleBroken) as refused:
        extend(ticket, grid_worker, workdays, now=at(6))
    assert refused.value.details["field"] == "workdays"
    assert not ExtensionRequest.objects.exists()


def test_it_is_asked_for_before_the_cut_off_of_the_last_day(ticket, grid_worker):
    with pytest.raises(RuleBroken):
        extend(ticket, grid_worker, now=at(10, 17) + SECOND)
    assert not ExtensionRequest.objects.exists()
    assert extend(ticket, grid_worker, now=at(10, 17)).pending_request == "extension"


def test_what_is_due_on_a_day_off_asks_before_the_cut_off_of_the_workday_before(tree, officer, grid_worker):
    ticket = report(officer, tree["00500101"], category="noise", now=at(3, 14))
    take(ticket, "accept", officer, urgency="urgent", handling_level="community", now=at(3, 16))
    dispatch(ticket, officer, grid_worker, now=at(3, 16))
    ticket = take(ticket, "sign", grid_worker, now=at(3, 16))
    assert ticket.due_at == at(4, 16)  # a Saturday
    with pytest.raises(RuleBroken):
        extend(ticket, grid_worker, now=at(4, 9))
    assert extend(ticket, grid_worker, 1, now=at(3, 17)).pending_request == "extension"


def test_only_the_handler_asks_and_never_decides(ticket, grid_worker, officer, secretary, neighbour):
    for user in (officer, secretary, neighbour):
        with pytest.raises(NotAllowed):
            extend(ticket, user, now=at(6))
    extend(ticket, grid_worker, now=at(6))
    for user in (grid_worker, officer):
        with pytest.raises(NotAllowed):
            decide(ticket, "approve_extension", user)


def test_a_secretary_who_handles_it_does_not_grant_the_own_request(
    tree, officer, secretary, subdistrict_admin
):
    ticket = signed(tree["00500101"], officer, secretary, now=at(1))
    extend(ticket, secretary, now=at(6))
    with pytest.raises(NotAllowed):
        decide(ticket, "approve_extension", secretary)
    assert decide(ticket, "approve_extension", subdistrict_admin).extension_count == 1


def test_the_second_extension_is_the_subdistrict_s_and_there_is_no_third(
    ticket, grid_worker, secretary, subdistrict_admin
):
    extend(ticket, grid_worker, 3, now=at(6))
    decide(ticket, "approve_extension", secretary)
    extend(ticket, grid_worker, 2, now=at(14))
    with pytest.raises(NotAllowed):
        decide(ticket, "approve_extension", secretary, now=at(14))
    twice = decide(ticket, "approve_extension", subdistrict_admin, now=at(14))
    assert (twice.extension_count, twice.due_at) == (2, at(17, 18))
    with pytest.raises(NotAllowed):
        extend(ticket, grid_worker, 1, now=at(15))


def test_above_the_community_the_subdistrict_decides_the_first_already(
    tree, officer, secretary, subdistrict_admin, department, department_handler
):
    ticket = accept(
        report(officer, tree["00500101"], category="noise", now=at(1)), officer, "community", now=at(1)
    )
    take(ticket, "escalate", secretary, reason="涉及多个部门", now=at(1))
    dispatch(ticket, subdistrict_admin, None, department, now=at(1))
    take(ticket, "sign", department_handler, now=at(1))
    extend(ticket, department_handler, now=at(6))
    with pytest.raises(NotAllowed):
        decide(ticket, "approve_extension", secretary)
    assert decide(ticket, "approve_extension", subdistrict_admin).extension_count == 1


def test_one_request_waits_at_a_time(ticket, grid_worker, officer):
    extend(ticket, grid_worker, now=at(6))
    with pytest.raises(NotAllowed):
        extend(ticket, grid_worker, now=at(6))
    with pytest.raises(NotAllowed):
        propose_suspension(ticket, officer, now=at(6))


@pytest.mark.parametrize("verb", ["finish", "send_back", "reassign"])
def test_what_makes_the_request_pointless_ends_it(ticket, verb, grid_worker, officer, neighbour):
    extend(ticket, grid_worker, now=at(2))
    if verb == "finish":
        done = finish(ticket, grid_worker, now=at(3))
    elif verb == "send_back":
        done = take(ticket, "send_back", grid_worker, reason="不属于本网格", now=at(3))
    else:
        done = take(ticket, "reassign", officer, handler=(neighbour, None), reason="换人", now=at(3))
    assert done.pending_request == ""
    assert ExtensionRequest.objects.get().state == "ended"


def test_who_decides_hears_of_the_request_and_the_asker_of_the_answer(
    ticket, grid_worker, secretary, subdistrict_admin, inbox_of
):
    def heard(user):
        return [item.facts["verb"] for item in inbox_of(user)]

    extend(ticket, grid_worker, now=at(6))
    assert "request_extension" in heard(secretary)
    assert "request_extension" not in heard(subdistrict_admin)
    decide(ticket, "approve_extension", secretary)
    assert "approve_extension" in heard(grid_worker)
    extend(ticket, grid_worker, now=at(14))
    assert "request_extension" in heard(subdistrict_admin)


# --- suspension --------------------------------------------------------------------------------------------


def test_a_suspension_stops_the_clock_and_the_light_is_grey(ticket, officer, secretary):
    proposed = propose_suspension(ticket, officer, 30, now=at(6))
    assert (proposed.status, proposed.due_at) == ("handling", DUE)
    held = take(ticket, "suspend", secretary, now=at(6, 11))
    assert (held.status, held.due_at, held.paused_at) == ("suspended", None, at(6, 11))
    assert light_of(held, at(20)) == Light.GREY
    row = Suspension.objects.get()
    assert (row.state, row.review_on, row.decided_by) == ("approved", date(2023, 4, 5), secretary)


def test_resumed_the_office_time_that_was_left_runs_again_to_the_second(ticket, officer, secretary):
    propose_suspension(ticket, officer, now=at(6))
    stopped = at(6, 11, 22) + 33 * SECOND
    take(ticket, "suspend", secretary, now=stopped)
    # 37:27 before noon, 3:30 after it, and four office days of seven hours.
    left = timedelta(hours=4 * 7 + 4, minutes=7, seconds=27)
    assert Deadline.objects.get(step="handle").left == left
    again = take(ticket, "resume", officer, now=at(20, 9))
    assert (again.status, again.paused_at) == ("handling", None)
    assert again.due_at == at(24, 15, 37) + 27 * SECOND
    assert light_of(again, at(21)) == Light.GREEN
    assert (Suspension.objects.get().state, Suspension.objects.get().ended_at) == ("ended", at(20, 9))


def test_resumed_at_night_it_runs_from_the_next_opening(ticket, officer, secretary):
    suspend(ticket, officer, secretary, now=at(10, 17))
    assert take(ticket, "resume", officer, now=at(18, 23)).due_at == at(20, 9, 30)


def test_what_was_late_when_it_was_suspended_is_late_when_it_is_resumed(ticket, officer, secretary):
    suspend(ticket, officer, secretary, now=at(13))
    again = take(ticket, "resume", officer, now=at(20, 9))
    assert light_of(again, at(20, 9) + SECOND) == Light.RED


def test_an_extension_granted_before_is_part_of_what_is_left(ticket, grid_worker, officer, secretary):
    extend(ticket, grid_worker, 3, now=at(6))
    decide(ticket, "approve_extension", secretary)
    suspend(ticket, officer, secretary, now=at(15, 17))
    assert take(ticket, "resume", officer, now=at(20, 8, 30)).due_at == at(20, 9, 30)


def test_a_suspended_ticket_is_extended_by_nobody(ticket, officer, secretary, grid_worker):
    suspend(ticket, officer, secretary, now=at(6))
    with pytest.raises(NotOffered):
        extend(ticket, grid_worker, now=at(7))


@pytest.mark.parametrize("days", [-1, 0, 91, 200])
def test_the_review_lies_after_today_and_within_ninety_days(ticket, officer, days):
    with pytest.raises(RuleBroken) as refused:
        propose_suspension(ticket, officer, days, now=at(6))
    assert refused.value.details["field"] == "review_on"
    assert not Suspension.objects.exists()


@pytest.mark.parametrize("days", [1, 90])
def test_tomorrow_and_the_ninetieth_day_are_taken(ticket, officer, days):
    assert propose_suspension(ticket, officer, days, now=at(6)).pending_request == "suspension"


def test_the_officer_proposes_and_the_secretary_decides(ticket, grid_worker, officer, secretary):
    with pytest.raises(NotAllowed):
        propose_suspension(ticket, grid_worker, now=at(6))
    propose_suspension(ticket, officer, now=at(6))
    with pytest.raises(NotAllowed):
        decide(ticket, "suspend", officer)
    refused = decide(ticket, "refuse_suspension", secretary, reason="可先行处置")
    assert (refused.status, refused.due_at, refused.pending_request) == ("handling", DUE, "")
    assert Suspension.objects.get().state == "refused"


def test_what_came_from_12345_only_the_subdistrict_suspends(
    tree, officer, grid_worker, secretary, subdistrict_admin
):
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1), external_number="LZ20230301001")
    propose_suspension(ticket, officer, now=at(6))
    for verb, data in (("suspend", {}), ("refuse_suspension", {"reason": "不同意"})):
        with pytest.raises(NotAllowed):
            decide(ticket, verb, secretary, **data)
    assert decide(ticket, "suspend", subdistrict_admin).status == "suspended"


def test_nothing_is_resumed_that_was_not_suspended(ticket, officer):
    with pytest.raises(NotOffered):
        take(ticket, "resume", officer, now=at(6))
    assert fresh(ticket).version == ticket.version


# --- supervision -------------------------------------------------------------------------------------------


def test_a_sheet_has_a_number_a_leader_and_a_day(ticket, secretary, officer):
    watched = supervise(ticket, secretary, officer, now=at(6))
    sheet = Supervision.objects.get()
    assert watched.is_supervised
    assert (sheet.number, sheet.issued_by, sheet.leader, sheet.answer_by) == (
        "DB-2023-000001", secretary, officer, at(11),
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        supervise(ticket, secretary, officer, now=at(7))


def test_lifted_it_says_how_it_ended_and_another_sheet_has_the_next_number(ticket, secretary, officer):
    supervise(ticket, secretary, officer, now=at(6))
    lifted = take(ticket, "lift_supervision", secretary, answer="已按期整改", now=at(9))
    sheet = Supervision.objects.get()
    assert not lifted.is_supervised
    assert (sheet.lifted_by, sheet.lifted_at, sheet.answer) == (secretary, at(9), "已按期整改")
    supervise(ticket, secretary, officer, now=at(10))
    assert Supervision.objects.order_by("-pk")[0].number == "DB-2023-000002"


@pytest.mark.parametrize("days", [0, -1])
def test_an_answer_that_was_due_before_is_refused(ticket, secretary, officer, days):
    with pytest.raises(RuleBroken) as refused:
        supervise(ticket, secretary, officer, days=days, now=at(6))
    assert refused.value.details["field"] == "answer_by"
    assert not Supervision.objects.exists()
    assert not fresh(ticket).is_supervised


def test_only_who_commands_the_ticket_supervises_it(ticket, officer, grid_worker, subdistrict_admin):
    for user in (officer, grid_worker):
        with pytest.raises(NotAllowed):
            supervise(ticket, user, officer, now=at(6))
    assert supervise(ticket, subdistrict_admin, officer, now=at(6)).is_supervised


@pytest.fixture
def dissatisfied(tree, officer, grid_worker):
    """A resident who was dissatisfied once; the ticket was finished again and waits for the callback."""
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1), caller_phone="0931-0000000")
    reviewer = UserFactory(role="community_officer")
    AssignmentFactory(user=reviewer, area=tree["005"], duty="community_officer")
    for day in (2, 6):
        finish(ticket, grid_worker, now=at(day))
        ticket = take(ticket, "pass_review", reviewer, now=at(day))
        if day == 2:
            ticket = take(ticket, "callback", officer, solved="no", satisfaction="dissatisfied", now=at(3))
            assert not ticket.is_supervised
    return ticket


def call_back(ticket, officer):
    return take(ticket, "callback", officer, solved="partly", satisfaction="dissatisfied", now=at(7))


def test_the_second_dissatisfied_callback_is_supervised_by_the_system(dissatisfied, officer, secretary):
    again = call_back(dissatisfied, officer)
    assert (again.status, again.is_supervised, again.dissatisfied_count) == ("handling", True, 2)
    sheet = Supervision.objects.get()
    assert (sheet.issued_by, sheet.leader, sheet.answer_by) == (None, secretary, at(14, 18))
    assert again.events.order_by("-seq")[0].actor is None


def test_while_the_secretary_s_post_is_vacant_the_subdistrict_answers(
    dissatisfied, officer, secretary, subdistrict_admin
):
    AreaAssignment.objects.filter(user=secretary).delete()
    call_back(dissatisfied, officer)
    assert Supervision.objects.get().leader == subdistrict_admin


def test_what_is_supervised_already_gets_no_second_sheet(dissatisfied, officer, secretary):
    supervise(dissatisfied, secretary, officer, now=at(6))
    assert call_back(dissatisfied, officer).status == "handling"
    assert Supervision.objects.count() == 1


def test_a_supervised_ticket_does_not_end_unhandled(tree, officer, secretary):
    main, ticket = (report(officer, tree["00500101"], now=at(1)) for _n in range(2))
    supervise(ticket, secretary, officer, now=at(2))
    ways = {
        "decline": {"decline_reason": "not_ours", "told_how": "电话"},
        "cancel": {"reason": "误报"},
        "merge": {"main_ticket": main},
    }
    for verb, data in ways.items():
        with pytest.raises(RuleBroken):
            take(ticket, verb, officer, now=at(3), **data)
    take(ticket, "lift_supervision", secretary, answer="已核实为误报", now=at(3))
    assert take(ticket, "cancel", officer, reason="误报", now=at(3)).status == "cancelled"


def test_a_closed_ticket_is_archived_when_its_supervision_is_lifted(ticket, grid_worker, officer, secretary):
    supervise(ticket, secretary, officer, now=at(2))
    finish(ticket, grid_worker, now=at(3))
    assert take(ticket, "pass_review", secretary, now=at(3)).status == "closed"
    later = at(3) + timedelta(days=60)
    assert archive_closed_tickets(now=later) == 0
    take(ticket, "lift_supervision", secretary, answer="已办结", now=later)
    assert archive_closed_tickets(now=later) == 1


def test_the_leader_of_a_secret_ticket_is_somebody_who_sees_it(tree, officer, secretary, subdistrict_admin):
    ticket = report(officer, tree["00500101"], is_secret=True, now=at(1))
    colleague = UserFactory(role="community_officer")
    AssignmentFactory(user=colleague, area=tree["005"], duty="community_officer")
    assert set(leaders_for(ticket)) == {officer, secretary}
    ticket.is_secret = False
    assert set(leaders_for(ticket)) == {officer, secretary, subdistrict_admin, colleague}


# --- sending back ------------------------------------------------------------------------------------------


def test_it_is_sent_back_within_two_workdays_of_the_dispatch_and_not_later(ticket, grid_worker):
    with pytest.raises(RuleBroken):
        take(ticket, "send_back", grid_worker, reason="不属于本网格", now=at(3, 18) + SECOND)
    assert fresh(ticket).status == "handling"
    back = take(ticket, "send_back", grid_worker, reason="不属于本网格", now=at(3, 18))
    assert (back.status, back.return_count) == ("to_dispatch", 1)


def test_a_weekend_does_not_count_against_sending_back(tree, officer, grid_worker):
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(3))
    assert take(ticket, "send_back", grid_worker, reason="不属于本网格", now=at(7, 17)).return_count == 1
