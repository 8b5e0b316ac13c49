"""The check of workflow graphs finds each kind of flaw."""

from django.db import models

from casework.workflow import Transition, Workflow


class Status(models.TextChoices):
    START = "start", "start"
    END = "end", "end"


def flaws(*transitions, closed=("end",), terminal=("end",), effects=()):
    workflow = Workflow(
        statuses=Status,
        initial="start",
        closed=frozenset(closed),
        terminal=frozenset(terminal),
        transitions=transitions,
    )
    return list(workflow.flaws(effects))


GO = Transition("go", "Go", ("start",), ("end",), ("anyone",))


def test_a_sound_graph_has_no_flaws():
    assert flaws(GO) == []


def test_a_verb_twice_is_a_flaw():
    assert flaws(GO, GO) == ["verb go stands twice"]


def test_an_unknown_status_is_a_flaw():
    assert "go: unknown status nowhere" in flaws(
        Transition("go", "Go", ("start",), ("nowhere",), ("anyone",))
    )


def test_a_status_nobody_reaches_is_a_flaw():
    assert "status end cannot be reached" in flaws()


def test_a_dead_end_is_a_flaw():
    assert "status end is a dead end and not terminal" in flaws(GO, terminal=())


def test_leaving_a_terminal_status_is_a_flaw():
    back = Transition("back", "Back", ("end",), ("start",), ("anyone",))
    assert "terminal status end can be left" in flaws(GO, back)


def test_a_terminal_status_that_counts_as_open_is_a_flaw():
    assert "terminal status end is not closed" in flaws(GO, closed=())


def test_several_targets_need_an_effect_that_chooses():
    fork = Transition("go", "Go", ("start",), ("end", "start"), ("anyone",))
    assert flaws(fork) == ["go: several targets and no effect to choose"]
    assert flaws(fork, effects=("go",)) == []


def test_a_step_for_nobody_is_a_flaw():
    assert flaws(Transition("go", "Go", ("start",), ("end",), ())) == ["go: nobody may do it"]
