"""The table of proactive topics against an expectation written by hand, over every status, verb and role."""

from types import SimpleNamespace

import pytest

from requests_.choices import TopicStatus as S
from requests_.permissions import topic_capacities
from requests_.topic_kind import TOPIC
from requests_.topic_workflow import TOPIC_WORKFLOW
from tests.unit.requests.test_workflow import CAST, MICRO

# Led by the grid worker (2), by an officer (5), by the secretary (6), by nobody yet.
BY_WORKER, BY_OFFICER, BY_SECRETARY, BY_NOBODY = (
    SimpleNamespace(path=MICRO, handler_user_id=pk) for pk in (2, 5, 6, None)
)
REVIEW = {"pass_review", "rework"}
LEAD = {"report_progress", "finish"}
OVER = {S.CLOSED: {}, S.DISMISSED: {}}
SITUATIONS = {
    "nobody": (
        BY_NOBODY,
        {
            S.TO_TAKE_UP: {"officer": {"take_up"}, "secretary": {"take_up", "dismiss"}},
            S.IN_HAND: {"secretary": {"dismiss"}},
            S.TO_REVIEW: {"secretary": REVIEW, "subdistrict": REVIEW},
            **OVER,
        },
    ),
    "worker": (
        BY_WORKER,
        {
            S.TO_TAKE_UP: {"officer": {"take_up"}, "secretary": {"take_up", "dismiss"}},
            S.IN_HAND: {"grid_worker": LEAD, "secretary": {"dismiss"}},
            S.TO_REVIEW: {"secretary": REVIEW, "subdistrict": REVIEW},
            **OVER,
        },
    ),
    "officer": (
        BY_OFFICER,
        {
            S.IN_HAND: {"officer": LEAD, "secretary": {"dismiss"}},
            S.TO_REVIEW: {"secretary": REVIEW, "subdistrict": REVIEW},
            **OVER,
        },
    ),
    "secretary": (
        BY_SECRETARY,
        {
            S.IN_HAND: {"secretary": LEAD | {"dismiss"}},
            S.TO_REVIEW: {"subdistrict": REVIEW},
            **OVER,
        },
    ),
}


@pytest.mark.parametrize(
    ("situation", "status"),
    [(name, status) for name, (_topic, rows) in SITUATIONS.items() for status in rows],
)
@pytest.mark.parametrize("role", CAST)
def test_each_role_is_offered_just_the_steps_written_down(situation, status, role):
    topic, expected = SITUATIONS[situation]
    offered = {t.verb for t in TOPIC_WORKFLOW.offered(status, topic_capacities(CAST[role], topic))}
    assert offered == expected[status].get(role, set())


def test_the_expectation_covers_every_status():
    assert set(SITUATIONS["worker"][1]) == set(S)


@pytest.mark.parametrize(
    "role", ["neighbour", "leader_view", "partner", "foreign_officer", "foreign_secretary", "system_admin"]
)
def test_who_does_not_serve_the_place_has_no_capacity_at_all(role):
    assert topic_capacities(CAST[role], BY_WORKER) == frozenset()


def test_the_table_leads_where_the_field_says():
    paths = {t.verb: (set(t.sources), set(t.targets)) for t in TOPIC_WORKFLOW.transitions}
    assert paths == {
        "take_up": ({S.TO_TAKE_UP}, {S.IN_HAND}),
        "report_progress": ({S.IN_HAND}, set()),
        "finish": ({S.IN_HAND}, {S.TO_REVIEW}),
        "pass_review": ({S.TO_REVIEW}, {S.CLOSED}),
        "rework": ({S.TO_REVIEW}, {S.IN_HAND}),
        "dismiss": ({S.TO_TAKE_UP, S.IN_HAND}, {S.DISMISSED}),
    }


def test_the_graph_is_sound_and_every_verb_has_its_sentence():
    assert list(TOPIC_WORKFLOW.flaws(TOPIC.effects)) == []
    assert set(TOPIC.sentences) == {"report", "join"} | {t.verb for t in TOPIC_WORKFLOW.transitions}
    assert set(TOPIC.tones) == set(S)


def test_the_system_takes_no_step_of_a_topic():
    assert not [t.verb for t in TOPIC_WORKFLOW.transitions if "system" in t.who]
