"""What the home page calls one's work agrees with who is told of a step and who may take the next one."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.registry import kind_of
from casework.selectors import in_own_kind, offered_steps
from portal.queries import my_work, new_cases, overdue_cases
from requests_.models import Category
from tests.factories.accounts import UserFactory
from tests.factories.measures import at, extend, propose_suspension, signed, supervise, suspend, whistle
from tests.factories.requests import COMMUNITY, SMALL, accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db
NOON = datetime(2023, 2, 20, 4, tzinfo=UTC)


@pytest.fixture
def cast(
    micro_grid_worker,
    grid_worker,
    neighbour,
    grid_leader,
    officer,
    secretary,
    subdistrict_admin,
    foreign_officer,
    department_handler,
    partner_contact,
):
    return {
        user.username: user
        for user in (
            micro_grid_worker,
            grid_worker,
            neighbour,
            grid_leader,
            officer,
            secretary,
            subdistrict_admin,
            foreign_officer,
            department_handler,
            partner_contact,
        )
    }


def at_work(cast, ticket, now=None):
    return {name for name, user in cast.items() if my_work(user, now=now).filter(pk=ticket.pk).exists()}


@pytest.fixture
def small(tree, micro_grid_worker):
    return report(micro_grid_worker, tree["00500101"], category=SMALL)


@pytest.fixture
def large(tree, micro_grid_worker):
    return report(micro_grid_worker, tree["00500101"], category=COMMUNITY)


def test_a_small_matter_of_the_grid_stays_with_its_leader(cast, small):
    leader = cast["leader"]
    assert at_work(cast, small) == {"leader"}
    assert at_work(cast, accept(small, leader)) == {"leader"}
    handled = dispatch(small, leader, handler=cast["worker"])
    assert at_work(cast, handled) == {"worker"}
    assert at_work(cast, take(small, "sign", cast["worker"])) == {"worker"}
    assert at_work(cast, finish(small, cast["worker"])) == {"leader"}
    assert at_work(cast, take(small, "rework", cast["leader"], reason="不到位")) == {"worker"}


def test_what_is_not_small_lies_with_the_officer(cast, large):
    assert at_work(cast, large) == {"officer"}
    assert at_work(cast, accept(large, cast["officer"], level="community")) == {"officer"}


def test_what_goes_to_a_department_is_work_of_its_people(cast, large, department):
    accept(large, cast["officer"], level="community")
    assert at_work(cast, dispatch(large, cast["officer"], organisation=department)) == {"dept"}


def test_a_callback_waits_for_the_officer(cast, tree, micro_grid_worker):
    ticket = report(micro_grid_worker, tree["00500101"], caller_phone="09310000000")
    accept(ticket, cast["leader"])
    dispatch(ticket, cast["leader"], handler=cast["worker"])
    take(ticket, "sign", cast["worker"])
    finish(ticket, cast["worker"])
    assert at_work(cast, take(ticket, "pass_review", cast["leader"])) == {"officer"}


def test_the_third_return_lies_with_the_secretary(cast, small):
    accept(small, cast["leader"])
    for sender in ("leader", "leader", "leader"):
        dispatch(small, cast[sender], handler=cast["worker"])
        small = take(small, "send_back", cast["worker"], reason="不归我管")
    assert at_work(cast, small) == {"secretary"}


def test_what_was_escalated_twice_lies_with_the_subdistrict(cast, small):
    accept(small, cast["leader"])
    take(small, "escalate", cast["leader"], reason="超出网格")
    assert at_work(cast, small) == {"officer"}
    assert at_work(cast, take(small, "escalate", cast["secretary"], reason="超出社区")) == {"street"}


def test_nobody_finds_the_own_review_among_the_work(cast, small, grid_leader):
    accept(small, grid_leader)
    dispatch(small, grid_leader, handler=grid_leader)
    take(small, "sign", grid_leader)
    assert "leader" not in at_work(cast, finish(small, grid_leader))


def test_what_a_leader_did_is_reviewed_by_the_office(cast, small, grid_leader):
    accept(small, grid_leader)
    dispatch(small, grid_leader, handler=grid_leader)
    take(small, "sign", grid_leader)
    done = finish(small, grid_leader)
    assert at_work(cast, done) == {"officer"}
    assert cast["officer"].pk in kind_of("ticket").to_tell("finish", done, grid_leader)


@pytest.mark.parametrize("category", ["house-safety", COMMUNITY])
def test_whatever_its_usual_level_the_community_accepts_it(cast, tree, micro_grid_worker, category):
    Category.objects.filter(code=COMMUNITY).update(default_level="district")
    ticket = report(micro_grid_worker, tree["00500101"], category=category)
    assert at_work(cast, ticket) == {"officer"}
    assert list(kind_of("ticket").to_tell("report", ticket, None)) == [cast["officer"].pk]
    assert "accept" in {step.verb for step in offered_steps(cast["officer"], in_own_kind(ticket))}


def test_the_third_return_above_the_community_is_the_subdistrict_s(cast, large, department):
    accept(large, cast["officer"], level="community")
    street = cast["street"]
    ticket = take(large, "escalate", cast["secretary"], reason="超出社区")
    for _time in range(3):
        dispatch(ticket, street, organisation=department)
        ticket = take(ticket, "send_back", cast["dept"], reason="不归我管")
    assert at_work(cast, ticket) == {"street"}
    assert list(kind_of("ticket").to_tell("send_back", ticket, cast["dept"])) == [street.pk]


def test_closed_cases_are_nobody_s_work(cast, large):
    assert at_work(cast, take(large, "cancel", cast["officer"], reason="误报")) == set()


def test_whoever_has_it_on_the_desk_may_take_a_step(cast, small, large):
    for ticket in (small, large):
        accept(ticket, cast["officer"], level="community")
        for name in at_work(cast, ticket):
            assert offered_steps(cast[name], in_own_kind(ticket))


@pytest.mark.parametrize("level", ["grid", "community"])
@pytest.mark.parametrize("category", [SMALL, COMMUNITY])
def test_whoever_is_told_to_dispatch_finds_it_on_the_desk(cast, tree, micro_grid_worker, category, level):
    ticket = accept(
        report(micro_grid_worker, tree["00500101"], category=category), cast["officer"], level=level
    )
    told = set(kind_of("ticket").to_tell("escalate", ticket, None))
    able = {u.username for u in cast.values() if u.pk in told and offered_steps(u, in_own_kind(ticket))}
    assert able <= at_work(cast, ticket)


def test_new_and_overdue_cases_are_those_of_the_own_area(cast, tree, micro_grid_worker):
    old = report(micro_grid_worker, tree["00500101"], now=NOON - timedelta(days=30))
    accept(old, cast["leader"], now=NOON - timedelta(days=30))
    fresh = report(micro_grid_worker, tree["00500101"], now=NOON)
    new = new_cases(cast["officer"], since=NOON - timedelta(days=3))
    assert [case.pk for case in new] == [fresh.pk]
    assert [case.pk for case in overdue_cases(cast["officer"], now=NOON)] == [old.pk]
    assert not new_cases(cast["foreign"], since=NOON - timedelta(days=3)).exists()
    assert not new_cases(micro_grid_worker, since=NOON - timedelta(days=3)).exists()


# --- decisions, whistles, supervision, reviews of suspended cases ------------------------------------------


@pytest.fixture
def handled(tree, cast):
    """Being handled by the grid worker since 1 March 2023, at community level."""
    return signed(tree["00500101"], cast["officer"], cast["worker"], now=at(1))


def _above(ticket, cast):
    """The same at subdistrict level."""
    ticket = take(ticket, "escalate", cast["secretary"], reason="涉及多个部门", now=at(2))
    ticket = dispatch(ticket, cast["street"], handler=cast["worker"], now=at(2))
    return take(ticket, "sign", cast["worker"], now=at(2))


def _extended(ticket, cast):
    """One extension is used up."""
    extend(ticket, cast["worker"], now=at(2))
    return take(ticket, "approve_extension", cast["secretary"], now=at(2))


def _of_the_secretary(ticket, cast):
    take(ticket, "reassign", cast["officer"], handler=(cast["secretary"], None), reason="换人", now=at(2))
    return take(ticket, "sign", cast["secretary"], now=at(2))


SITUATIONS = {
    "nothing before": lambda ticket, cast: ticket,
    "at subdistrict level": _above,
    "extended once": _extended,
    "with the secretary": _of_the_secretary,
}
DECISIONS = {"extension": "approve_extension", "suspension": "suspend"}


@pytest.mark.parametrize("external", ["", "LZ20230301001"])
@pytest.mark.parametrize("pending", DECISIONS)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_waits_for_a_decision_lies_with_exactly_those_who_may_decide(
    cast, tree, situation, pending, external
):
    ticket = signed(tree["00500101"], cast["officer"], cast["worker"], now=at(1), external_number=external)
    ticket = SITUATIONS[situation](ticket, cast)
    handler = ticket.handler_user
    ticket = (
        extend(ticket, handler, now=at(3))
        if pending == "extension"
        else propose_suspension(
            ticket, cast["officer"] if handler != cast["officer"] else cast["secretary"], now=at(3)
        )
    )
    own = in_own_kind(ticket)
    decide = {
        name
        for name, user in cast.items()
        if DECISIONS[pending] in {s.verb for s in offered_steps(user, own)}
    }
    assert decide
    assert at_work(cast, ticket, at(3)) == decide | {handler.username}


def test_a_decided_request_is_gone_from_the_desk(cast, handled):
    extend(handled, cast["worker"], now=at(3))
    take(handled, "refuse_extension", cast["secretary"], reason="抓紧", now=at(3))
    assert at_work(cast, handled, at(3)) == {"worker"}


def test_a_called_department_finds_the_ticket_until_it_has_dealt_with_it(cast, handled, department):
    chief = UserFactory(username="head", role="leader_view", organisation=department)
    whistle(handled, cast["secretary"], department, now=at(3))
    assert at_work(cast, handled, at(3)) == {"worker", "dept"}
    assert not my_work(chief).exists()
    take(handled, "report_in", cast["dept"], now=at(3))
    assert at_work(cast, handled, at(3)) == {"worker", "dept"}
    take(handled, "answer_whistle", cast["dept"], outcome="已处置", now=at(6))
    assert at_work(cast, handled, at(6)) == {"worker", "secretary"}
    call = handled.whistle_calls.get()
    take(handled, "rate_whistle", cast["secretary"], call=call, rating="good", now=at(6))
    assert at_work(cast, handled, at(6)) == {"worker"}


@pytest.mark.parametrize("leader", ["officer", "secretary", "street"])
def test_the_named_leader_finds_what_is_supervised_until_it_is_lifted(cast, handled, leader):
    supervise(handled, cast["secretary"], cast[leader], now=at(3))
    assert at_work(cast, handled, at(3)) == {"worker", leader}
    take(handled, "lift_supervision", cast["secretary"], answer="已整改", now=at(6))
    assert at_work(cast, handled, at(6)) == {"worker"}


def test_a_suspended_case_comes_back_to_the_office_on_its_review_day(cast, handled):
    suspend(handled, cast["officer"], cast["secretary"], days=14, now=at(3))
    assert at_work(cast, handled, at(16, 23)) == set()
    assert at_work(cast, handled, at(17, 0)) == at_work(cast, handled, at(30)) == {"officer", "secretary"}
    take(handled, "resume", cast["officer"], now=at(17))
    assert at_work(cast, handled, at(17)) == {"worker"}
