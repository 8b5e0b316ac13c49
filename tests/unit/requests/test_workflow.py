"""The ticket's table against an expectation written by hand, over every status, verb and role."""

from types import SimpleNamespace

import pytest

from grids.scope import Post
from requests_.choices import TicketStatus as S
from requests_.effects import in_sample
from requests_.kinds import TICKET
from requests_.permissions import OFFICERS, capacities
from requests_.workflow import TICKET_WORKFLOW

GRID = "620102017005001"
MICRO = GRID + "01"


def person(pk, *posts, organisation=None, role="", offices=frozenset({"620102017005"})):
    return SimpleNamespace(
        pk=pk,
        role=role,
        organisation_id=organisation,
        is_authenticated=True,
        _posts=tuple(Post(path, duty) for path, duty in posts),
        _served={OFFICERS: offices},
    )


CAST = {
    "micro_grid_worker": person(1, (MICRO, "micro_grid_worker")),
    "grid_worker": person(2, (GRID, "grid_worker")),
    "neighbour": person(3, ("620102017005002", "grid_worker")),
    "grid_leader": person(4, (GRID, "grid_leader")),
    "officer": person(5, ("620102017005", "community_officer")),
    "secretary": person(6, ("620102017005", "community_secretary")),
    "subdistrict": person(7, ("620102017", "subdistrict_admin")),
    "leader_view": person(8, ("620102", "leader_view")),
    "department": person(9, organisation=77, role="department_handler"),
    "partner": person(10, organisation=88),
    "foreign_officer": person(11, ("620102017006", "community_officer")),
    "foreign_secretary": person(12, ("620102017006", "community_secretary")),
    "neighbouring_leader": person(14, ("620102017005002", "grid_leader")),
    "neighbouring_micro": person(15, (GRID + "02", "micro_grid_worker")),
    "foreign_subdistrict": person(16, ("620102018", "subdistrict_admin")),
    # Another organisation than the handling one, for each role that serves an organisation.
    "other_department": person(17, organisation=99, role="department_handler"),
    "enforcement_officer": person(18, organisation=99, role="enforcement_officer"),
    "site_manager": person(19, organisation=99, role="site_manager"),
    "system_admin": person(13, role="system_admin"),
    "security_admin": person(20, role="security_admin"),
    "auditor": person(21, role="auditor"),
}
NOBODY = (
    "neighbour", "leader_view", "partner", "foreign_officer", "foreign_secretary", "neighbouring_leader",
    "neighbouring_micro", "foreign_subdistrict", "other_department", "enforcement_officer", "site_manager",
    "system_admin", "security_admin", "auditor",
)  # fmt: skip
OPEN = {S.REPORTED, S.TO_DISPATCH, S.TO_SIGN, S.HANDLING, S.SUSPENDED, S.TO_REVIEW, S.TO_CALL_BACK}
OPEN_END = {S.ARCHIVED: {}, S.DECLINED: {}, S.MERGED: {}, S.CANCELLED: {}}


def ticket(
    *,
    level="grid",
    small=True,
    user=None,
    organisation=None,
    finished_by=None,
    for_secretary=False,
    secret=False,
    pending="",
    extensions=0,
    whistles=None,
    supervised=False,
    waits_for_contact=False,
    external_number="",
    repeat_of=None,
):
    return SimpleNamespace(
        pending_request=pending,
        extension_count=extensions,
        whistles=whistles or {},
        is_supervised=supervised,
        wants_first_contact=waits_for_contact,
        is_from_hotline=bool(external_number),
        repeat_of_id=repeat_of,
        is_secret=secret,
        path=MICRO,
        handling_level=level,
        is_for_secretary=for_secretary,
        handler_user_id=user,
        handler_org_id=organisation,
        finished_by_id=finished_by,
        category=SimpleNamespace(is_small=small),
    )


OFFICE_REPORTED = {"accept", "decline", "merge", "cancel"}
SUPERVISE = {"supervise"}
# What secretary and subdistrict may do while it is handled.
COMMAND = {"whistle", "supervise"}
SUSPENDED = {
    "officer": {"resume"},
    "secretary": {"resume", "supervise"},
    "subdistrict": {"resume", "supervise"},
}
# A small matter at grid level, handled and finished by the grid worker.
SMALL = (
    ticket(user=2, finished_by=2),
    {
        S.REPORTED: {
            "grid_worker": {"settle_on_spot"},
            "grid_leader": {"accept", "settle_on_spot"},
            "officer": OFFICE_REPORTED,
            "secretary": OFFICE_REPORTED | SUPERVISE,
            "subdistrict": SUPERVISE,
        },
        S.TO_DISPATCH: {
            "grid_leader": {"dispatch", "escalate"},
            "officer": {"dispatch", "escalate", "merge", "cancel"},
            "secretary": {"dispatch", "escalate", "merge", "cancel", "supervise"},
            "subdistrict": {"dispatch", "supervise"},
        },
        S.TO_SIGN: {
            "grid_worker": {"sign", "send_back"},
            "officer": {"reassign"},
            "secretary": {"reassign"} | SUPERVISE,
            "subdistrict": {"reassign"} | SUPERVISE,
        },
        S.HANDLING: {
            "grid_worker": {"finish", "send_back", "request_extension"},
            "grid_leader": {"escalate"},
            "officer": {"escalate", "reassign", "propose_suspension"},
            "secretary": {"escalate", "reassign"} | COMMAND,
            "subdistrict": {"reassign"} | COMMAND,
        },
        S.SUSPENDED: SUSPENDED,
        S.TO_REVIEW: {
            "grid_leader": {"pass_review", "rework"},
            "officer": {"pass_review", "rework"},
            "secretary": {"pass_review", "rework", "supervise"},
            "subdistrict": {"pass_review", "rework", "supervise"},
        },
        S.TO_CALL_BACK: {
            "officer": {"callback", "try_contact", "close_unreached"},
            "secretary": {"callback", "try_contact", "close_unreached", "supervise"},
            "subdistrict": SUPERVISE,
        },
        S.CLOSED: {"officer": {"reopen"}, "secretary": {"reopen"}},
        **OPEN_END,
    },
)
# A matter of the community, handled by a department.
COMMUNITY = (
    ticket(level="community", small=False, organisation=77, finished_by=9),
    {
        S.REPORTED: {
            "officer": OFFICE_REPORTED,
            "secretary": OFFICE_REPORTED | SUPERVISE,
            "subdistrict": SUPERVISE,
        },
        S.TO_DISPATCH: {
            "officer": {"dispatch", "request_escalation", "merge", "cancel"},
            "secretary": {"dispatch", "escalate", "merge", "cancel", "supervise"},
            "subdistrict": {"dispatch", "supervise"},
        },
        S.TO_SIGN: {
            "department": {"sign", "send_back"},
            "officer": {"reassign"},
            "secretary": {"reassign"} | SUPERVISE,
            "subdistrict": {"reassign"} | SUPERVISE,
        },
        S.HANDLING: {
            "department": {"finish", "send_back", "request_extension"},
            "officer": {"request_escalation", "reassign", "propose_suspension"},
            "secretary": {"escalate", "reassign"} | COMMAND,
            "subdistrict": {"reassign"} | COMMAND,
        },
        S.SUSPENDED: SUSPENDED,
        S.TO_REVIEW: {
            "officer": {"pass_review", "rework"},
            "secretary": {"pass_review", "rework", "supervise"},
            "subdistrict": {"pass_review", "rework", "supervise"},
        },
        S.TO_CALL_BACK: {
            "officer": {"callback", "try_contact", "close_unreached"},
            "secretary": {"callback", "try_contact", "close_unreached", "supervise"},
            "subdistrict": SUPERVISE,
        },
        S.CLOSED: {"officer": {"reopen"}, "secretary": {"reopen"}},
        **OPEN_END,
    },
)
# The same after it went up to the subdistrict: the community still reads, reviews, calls back and may ask to suspend;
# only the subdistrict commands.
SUBDISTRICT = (
    ticket(level="subdistrict", small=False, organisation=77, finished_by=9),
    {
        S.REPORTED: {"officer": OFFICE_REPORTED, "secretary": OFFICE_REPORTED, "subdistrict": SUPERVISE},
        S.TO_DISPATCH: {
            "officer": {"merge", "cancel"},
            "secretary": {"merge", "cancel"},
            "subdistrict": {"dispatch", "escalate", "supervise"},
        },
        S.TO_SIGN: {"department": {"sign", "send_back"}, "subdistrict": {"reassign"} | SUPERVISE},
        S.HANDLING: {
            "department": {"finish", "send_back", "request_extension"},
            "officer": {"propose_suspension"},
            "subdistrict": {"reassign", "escalate"} | COMMAND,
        },
        S.SUSPENDED: {
            "officer": {"resume"},
            "secretary": {"resume"},
            "subdistrict": {"resume", "supervise"},
        },
        S.TO_REVIEW: {
            "officer": {"pass_review", "rework"},
            "secretary": {"pass_review", "rework"},
            "subdistrict": {"pass_review", "rework", "supervise"},
        },
        S.TO_CALL_BACK: {
            "officer": {"callback", "try_contact", "close_unreached"},
            "secretary": {"callback", "try_contact", "close_unreached"},
            "subdistrict": SUPERVISE,
        },
        S.CLOSED: {"officer": {"reopen"}, "secretary": {"reopen"}},
        **OPEN_END,
    },
)
# Sent back three times: the secretary decides.
RETURNED = (
    ticket(level="community", small=False, organisation=77, for_secretary=True),
    {
        **COMMUNITY[1],
        S.TO_DISPATCH: {
            "officer": {"request_escalation", "merge", "cancel"},
            "secretary": {"dispatch", "escalate", "merge", "cancel", "supervise"},
            "subdistrict": {"dispatch", "supervise"},
        },
    },
)
# An extension was asked for: the secretary decides, the subdistrict may; nothing else is asked for meanwhile.
EXTENSION = (
    ticket(level="community", small=False, organisation=77, pending="extension"),
    {
        **COMMUNITY[1],
        S.HANDLING: {
            "department": {"finish", "send_back"},
            "officer": {"request_escalation", "reassign"},
            "secretary": {
                "escalate",
                "reassign",
                "whistle",
                "supervise",
                "approve_extension",
                "refuse_extension",
            },
            "subdistrict": {"reassign", "whistle", "supervise", "approve_extension", "refuse_extension"},
        },
    },
)
# The second one is the subdistrict's alone.
SECOND_EXTENSION = (
    ticket(level="community", small=False, organisation=77, pending="extension", extensions=1),
    {
        **EXTENSION[1],
        S.HANDLING: {
            **EXTENSION[1][S.HANDLING],
            "secretary": {"escalate", "reassign", "whistle", "supervise"},
        },
    },
)
NO_MORE_EXTENSIONS = (
    ticket(level="community", small=False, organisation=77, extensions=2),
    {**COMMUNITY[1], S.HANDLING: {**COMMUNITY[1][S.HANDLING], "department": {"finish", "send_back"}}},
)
# A suspension was proposed; of what came from 12345 the subdistrict decides.
SUSPENSION = (
    ticket(level="community", small=False, organisation=77, pending="suspension"),
    {
        **COMMUNITY[1],
        S.HANDLING: {
            "department": {"finish", "send_back"},
            "officer": {"request_escalation", "reassign"},
            "secretary": {"escalate", "reassign", "whistle", "supervise", "suspend", "refuse_suspension"},
            "subdistrict": {"reassign", "whistle", "supervise", "suspend", "refuse_suspension"},
        },
    },
)
SUSPENSION_12345 = (
    ticket(level="community", small=False, organisation=77, pending="suspension", external_number="LZ1"),
    {
        **SUSPENSION[1],
        S.HANDLING: {
            **SUSPENSION[1][S.HANDLING],
            "secretary": {"escalate", "reassign", "whistle", "supervise"},
        },
    },
)
# Under supervision, a department called and one to be rated, a resident who was not spoken to yet.
CALLED = (
    ticket(
        level="community",
        small=False,
        user=2,
        supervised=True,
        waits_for_contact=True,
        whistles={"77": "called", "78": "handled"},
    ),
    {
        S.HANDLING: {
            "grid_worker": {"finish", "send_back", "request_extension", "record_contact"},
            "department": {"report_in"},
            "officer": {"request_escalation", "reassign", "propose_suspension", "record_contact"},
            "secretary": {
                "escalate",
                "reassign",
                "record_contact",
                "whistle",
                "rate_whistle",
                "lift_supervision",
            },
            "subdistrict": {
                "reassign",
                "whistle",
                "rate_whistle",
                "lift_supervision",
            },
        },
        S.CLOSED: {
            "officer": {"reopen"},
            "secretary": {"reopen", "rate_whistle", "lift_supervision"},
            "subdistrict": {"rate_whistle", "lift_supervision"},
        },
        **OPEN_END,
    },
)
REPORTED_IN = (
    ticket(level="community", small=False, user=2, whistles={"77": "reported_in"}),
    {
        S.HANDLING: {
            **COMMUNITY[1][S.HANDLING],
            "department": {"answer_whistle"},
            "grid_worker": {"finish", "send_back", "request_extension"},
        }
    },
)
SITUATIONS = {
    "small": SMALL,
    "community": COMMUNITY,
    "subdistrict": SUBDISTRICT,
    "returned": RETURNED,
    "extension": EXTENSION,
    "second extension": SECOND_EXTENSION,
    "no more extensions": NO_MORE_EXTENSIONS,
    "suspension": SUSPENSION,
    "suspension of 12345": SUSPENSION_12345,
    "called": CALLED,
    "reported in": REPORTED_IN,
}


@pytest.mark.parametrize(
    ("situation", "status"), [(name, status) for name, (_case, rows) in SITUATIONS.items() for status in rows]
)
def test_each_role_is_offered_just_the_steps_written_down(situation, status):
    case, expected = SITUATIONS[situation]
    # Who corrects place and category is written down below.
    offered = {
        role: {t.verb for t in TICKET_WORKFLOW.offered(status, capacities(user, case))} - {"correct"}
        for role, user in CAST.items()
    }
    assert offered == {role: expected[status].get(role, set()) for role in CAST}


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("role", ["enforcement_officer", "partner_contact", "site_manager"])
def test_whoever_acts_for_the_handling_organisation_may_do_what_its_department_handler_may(situation, role):
    case, _expected = SITUATIONS[situation]
    assert capacities(person(9, organisation=77, role=role), case) == capacities(CAST["department"], case)


@pytest.mark.parametrize("situation", ["small", "community", "subdistrict", "returned"])
def test_the_expectation_covers_every_status(situation):
    assert set(SITUATIONS[situation][1]) == set(S)


@pytest.mark.parametrize("role", NOBODY)
def test_who_does_not_serve_the_place_has_no_capacity_at_all(role):
    for case, _expected in SITUATIONS.values():
        assert capacities(CAST[role], case) == frozenset()


def test_the_subdistrict_acts_for_a_community_without_an_office():
    case = ticket(level="community", small=False)
    alone = person(7, ("620102017", "subdistrict_admin"), offices=frozenset())
    for status in (S.REPORTED, S.TO_DISPATCH, S.TO_CALL_BACK):
        offered = {t.verb for t in TICKET_WORKFLOW.offered(status, capacities(alone, case))}
        assert (COMMUNITY[1][status]["officer"] - {"request_escalation"}) | {"correct"} <= offered


def test_nobody_reviews_what_they_finished_even_after_it_was_reassigned():
    case = ticket(user=2, finished_by=5)
    assert "reviewer" not in capacities(CAST["officer"], case)
    assert "reviewer" in capacities(CAST["secretary"], case)


def test_a_colleague_of_the_handling_organisation_does_not_review():
    colleague = person(99, ("620102017005", "community_officer"), organisation=77)
    assert "reviewer" not in capacities(colleague, COMMUNITY[0])


@pytest.mark.parametrize("status", list(S))
def test_only_the_office_unlinks_a_repeat_while_it_is_open_or_closed(status):
    for case, verb_is_offered in ((ticket(repeat_of=7), True), (ticket(), False)):
        for role, user in CAST.items():
            case.seen_by, case.seen_number = user.pk, 2
            offered = {t.verb for t in TICKET_WORKFLOW.offered(status, capacities(user, case))}
            expected = verb_is_offered and status in OPEN | {S.CLOSED} and role in ("officer", "secretary")
            assert ("unlink_repeat" in offered) == expected, role


@pytest.mark.parametrize("status", list(S))
def test_only_the_office_names_people_on_a_secret_ticket_while_it_is_open(status):
    case = ticket(secret=True)
    is_open = status not in TICKET_WORKFLOW.closed
    for role, user in CAST.items():
        offered = {t.verb for t in TICKET_WORKFLOW.offered(status, capacities(user, case))}
        assert ("name_person" in offered) == (is_open and role in ("officer", "secretary")), role


@pytest.mark.parametrize("status", list(S))
@pytest.mark.parametrize("level", ["grid", "community", "subdistrict"])
def test_the_office_corrects_place_and_category_of_what_is_open_and_the_leader_at_grid_level(status, level):
    able = (
        {"officer", "secretary", *(["grid_leader"] if level == "grid" else [])} if status in OPEN else set()
    )
    for role, user in CAST.items():
        offered = {
            t.verb for t in TICKET_WORKFLOW.offered(status, capacities(user, ticket(level=level, user=2)))
        }
        assert ("correct" in offered) == (role in able), role


def test_only_the_system_archives_and_it_may_do_nothing_else_but_pass_the_review_and_supervise():
    verbs = {t.verb for t in TICKET_WORKFLOW.transitions if "system" in t.who}
    assert verbs == {"archive", "pass_review", "supervise"}


def test_the_table_leads_where_the_field_says():
    paths = {t.verb: (set(t.sources), set(t.targets)) for t in TICKET_WORKFLOW.transitions}
    assert paths == {
        "accept": ({S.REPORTED}, {S.TO_DISPATCH}),
        "settle_on_spot": ({S.REPORTED}, {S.TO_REVIEW}),
        "decline": ({S.REPORTED}, {S.DECLINED}),
        "merge": ({S.REPORTED, S.TO_DISPATCH}, {S.MERGED}),
        "dispatch": ({S.TO_DISPATCH}, {S.TO_SIGN}),
        "sign": ({S.TO_SIGN}, {S.HANDLING}),
        "send_back": ({S.TO_SIGN, S.HANDLING}, {S.TO_DISPATCH}),
        "reassign": ({S.TO_SIGN, S.HANDLING}, {S.TO_SIGN}),
        "request_escalation": ({S.TO_DISPATCH, S.HANDLING}, set()),
        "escalate": ({S.TO_DISPATCH, S.HANDLING}, {S.TO_DISPATCH}),
        "finish": ({S.HANDLING}, {S.TO_REVIEW}),
        "rework": ({S.TO_REVIEW}, {S.HANDLING}),
        "pass_review": ({S.TO_REVIEW}, {S.TO_CALL_BACK, S.CLOSED}),
        "callback": ({S.TO_CALL_BACK}, {S.CLOSED, S.HANDLING, S.TO_CALL_BACK}),
        "try_contact": ({S.TO_CALL_BACK}, set()),
        "close_unreached": ({S.TO_CALL_BACK}, {S.CLOSED}),
        "reopen": ({S.CLOSED}, {S.TO_DISPATCH}),
        "cancel": ({S.REPORTED, S.TO_DISPATCH}, {S.CANCELLED}),
        "archive": ({S.CLOSED}, {S.ARCHIVED}),
        "record_contact": ({S.TO_DISPATCH, S.TO_SIGN, S.HANDLING, S.SUSPENDED}, set()),
        "request_extension": ({S.HANDLING}, set()),
        "approve_extension": ({S.HANDLING}, set()),
        "refuse_extension": ({S.HANDLING}, set()),
        "propose_suspension": ({S.HANDLING}, set()),
        "suspend": ({S.HANDLING}, {S.SUSPENDED}),
        "refuse_suspension": ({S.HANDLING}, set()),
        "resume": ({S.SUSPENDED}, {S.HANDLING}),
        "whistle": ({S.HANDLING}, set()),
        "report_in": (OPEN, set()),
        "answer_whistle": (OPEN, set()),
        "rate_whistle": (OPEN | {S.CLOSED}, set()),
        "supervise": (OPEN, set()),
        "lift_supervision": (OPEN | {S.CLOSED}, set()),
        "name_person": (OPEN, set()),
        "correct": (OPEN, set()),
        "unlink_repeat": (OPEN | {S.CLOSED}, set()),
    }


def test_the_graph_is_sound():
    assert list(TICKET_WORKFLOW.flaws(TICKET.effects)) == []


def test_the_sample_is_the_share_asked_for_over_a_thousand_tickets():
    drawn = sum(in_sample(f"T-2026-{n:06d}", 10) for n in range(1000))
    assert drawn == 100
    assert not any(in_sample(f"T-2026-{n:06d}", 0) for n in range(200))
