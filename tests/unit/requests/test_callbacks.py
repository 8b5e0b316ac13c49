"""Each reporter of a matter is called back by a line of their own, and every call is a row the rates come from."""

import pytest

from casework.consistency import wrong_tallies
from casework.errors import InputMissing, RuleBroken
from casework.models import Deadline
from portal.rates import Share, answer_rates
from requests_.answers import answers_since, wrong_answers
from requests_.models import AnswerTally, Callback, Ticket
from tests.factories.measures import at, signed
from tests.factories.requests import finish, report, take

pytestmark = pytest.mark.django_db
PHONE, OTHER = "0931-0000001", "0931-0000002"
WELL = {"solved": "yes", "satisfaction": "satisfied"}
ILL = {"solved": "no", "satisfaction": "dissatisfied"}


@pytest.fixture
def passed(officer, grid_worker):
    """Finishes it and passes the review: it waits for its callback."""

    def to_callback(ticket, now):
        finish(ticket, grid_worker, now=now)
        return take(ticket, "pass_review", officer, now=now)

    return to_callback


@pytest.fixture
def shared(tree, officer, grid_worker, passed):
    """A matter of two reporters that waits for its callback since 3 March: (main ticket, merged report)."""
    main = signed(tree["00500101"], officer, grid_worker, now=at(1), caller_phone=PHONE, caller_name="张某")
    other = report(officer, tree["00500102"], caller_phone=OTHER, caller_name="李某", now=at(1))
    take(other, "merge", officer, main_ticket=main, now=at(1))
    return passed(main, at(3)), other


@pytest.fixture
def rates(tree):
    """The shares by the name of the rate, of the community in 2023; tallies and callbacks agree."""

    def shares():
        assert [*wrong_tallies(), *wrong_answers()] == []
        answers = answers_since(tree["005"].code, at(1).date().replace(month=1))
        return [rate.share for rate in answer_rates(answers)]

    return shares


def test_a_main_ticket_closes_when_each_reporter_was_called(shared, officer):
    main, other = shared
    ticket = take(main, "callback", officer, report=main.number, now=at(3, 11), **WELL)
    assert ticket.status == "to_call_back"
    assert Deadline.objects.running().filter(case_id=main.pk, step="callback").exists()
    ticket = take(
        main, "callback", officer, report=other.number, solved="partly", satisfaction="fairly", now=at(6)
    )
    assert (ticket.status, ticket.solved, ticket.satisfaction) == ("closed", "partly", "fairly")
    calls = Callback.objects.order_by("pk").values_list(
        "ticket", "report", "by", "at", "by_hotline", "solved"
    )
    assert list(calls) == [
        (main.pk, main.pk, officer.pk, at(3, 11), False, "yes"),
        (main.pk, other.pk, officer.pk, at(6), False, "partly"),
    ]
    assert Deadline.objects.get(case_id=main.pk, step="callback").result == "met"


def test_with_several_reporters_the_call_names_whose_it_was(shared, officer, tree):
    main, other = shared
    stranger = report(officer, tree["00500101"], caller_phone="0931-0000003", now=at(3))
    with pytest.raises(InputMissing) as missing:
        take(main, "callback", officer, now=at(3), **WELL)
    assert missing.value.field == "report"
    with pytest.raises(RuleBroken):
        take(main, "callback", officer, report=stranger.number, now=at(3), **WELL)
    take(main, "callback", officer, report=other.number, now=at(3, 11), **WELL)
    with pytest.raises(RuleBroken):
        take(main, "callback", officer, report=other.number, now=at(3, 12), **WELL)
    assert take(main, "callback", officer, now=at(3, 12), **WELL).status == "closed"  # the only one left


def test_one_who_was_tried_as_the_rule_says_does_not_hold_up_the_others(shared, officer):
    main, other = shared
    for day in (6, 7, 8):
        take(main, "try_contact", officer, report=other.number, now=at(day))
    with pytest.raises(RuleBroken, match=main.number):
        take(main, "close_unreached", officer, now=at(8))
    ticket = take(main, "callback", officer, report=main.number, now=at(9), **WELL)
    assert (ticket.status, ticket.solved) == ("closed", "yes")


def test_who_answered_stands_when_the_other_was_never_reached(shared, officer):
    main, other = shared
    take(main, "callback", officer, report=main.number, now=at(3, 11), **WELL)
    for day in (6, 7):
        take(main, "try_contact", officer, now=at(day))
    with pytest.raises(RuleBroken, match=other.number):
        take(main, "close_unreached", officer, now=at(7))
    take(main, "try_contact", officer, now=at(8))
    ticket = take(main, "close_unreached", officer, now=at(8))
    assert (ticket.status, ticket.solved, ticket.satisfaction) == ("closed", "yes", "satisfied")


def test_one_dissatisfied_reporter_sends_it_back_and_everybody_is_asked_again(shared, officer, passed):
    main, other = shared
    take(main, "callback", officer, report=main.number, now=at(3, 11), **WELL)
    ticket = take(main, "callback", officer, report=other.number, now=at(3, 12), **ILL)
    assert (ticket.status, ticket.solved) == ("handling", "no")
    passed(main, at(6))
    take(main, "callback", officer, report=other.number, now=at(6), **WELL)
    assert take(main, "callback", officer, report=main.number, now=at(6), **WELL).status == "closed"


def test_only_those_who_left_a_number_are_called(tree, officer, grid_worker, passed):
    main = signed(tree["00500101"], officer, grid_worker, now=at(1))
    found, called = (
        report(officer, tree["00500102"], caller_phone=phone, now=at(1)) for phone in ("", OTHER)
    )
    for ticket in (found, called):
        take(ticket, "merge", officer, main_ticket=main, now=at(1))
    passed(main, at(3))
    assert take(main, "callback", officer, now=at(3), **WELL).status == "closed"
    assert Callback.objects.get().report_id == called.pk


def test_first_and_last_answers_both_stand_after_a_rework(tree, officer, grid_worker, passed, rates):
    """Dissatisfied first and satisfied in the end: 0 of 1 and 1 of 1."""
    ticket = passed(signed(tree["00500101"], officer, grid_worker, now=at(1), caller_phone=PHONE), at(3))
    take(ticket, "callback", officer, now=at(3), **ILL)
    passed(ticket, at(6))
    assert rates() == [Share(0, 0)] * 4  # it is not closed yet
    take(ticket, "callback", officer, now=at(7), **WELL)
    assert rates() == [Share(0, 1), Share(1, 1), Share(0, 1), Share(1, 1)]
    take(ticket, "reopen", officer, reason="又坏了", now=at(8))
    assert rates() == [Share(0, 0)] * 4
    assert list(AnswerTally.objects.values_list("last_solved", flat=True)) == [0]


def test_each_reporter_counts_in_the_rates_and_no_answer_counts_in_none(shared, officer, rates):
    main, other = shared
    take(main, "callback", officer, report=main.number, solved="partly", satisfaction="no_answer", now=at(3))
    take(main, "callback", officer, report=other.number, solved="yes", satisfaction="fairly", now=at(3))
    assert rates() == [Share(1, 2), Share(1, 2), Share(1, 1), Share(1, 1)]


def test_a_secret_ticket_is_in_no_rate(tree, officer, grid_worker, passed, rates):
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1), caller_phone=PHONE, is_secret=True)
    take(passed(ticket, at(3)), "callback", officer, now=at(3), **WELL)
    assert rates() == [Share(0, 0)] * 4


def test_a_tally_the_callbacks_do_not_add_up_to_is_named(shared, officer):
    main, _other = shared
    for ticket in shared:
        take(main, "callback", officer, report=ticket.number, now=at(3), **WELL)
    AnswerTally.objects.update(first_solved=7)
    (sentence,) = wrong_answers()
    assert "[2, 7, 2, 2" in sentence
    assert "[2, 2, 2, 2" in sentence


def test_what_12345_heard_is_no_first_contact_in_time(tree, officer, grid_worker, passed):
    ticket = signed(
        tree["00500101"], officer, grid_worker, now=at(1), caller_phone=PHONE, external_number="LZ1"
    )
    take(passed(ticket, at(1, 12)), "callback", officer, called_by="hotline", now=at(1, 16), **WELL)
    assert Deadline.objects.get(case_id=ticket.pk, step="first_contact").result == "dropped"
    assert Ticket.objects.get(pk=ticket.pk).first_contact_at is None


def test_the_hotline_calls_only_about_the_reports_it_sent(shared, officer):
    main, other = shared
    Ticket.objects.filter(pk=other.pk).update(external_number="LZ1")
    with pytest.raises(RuleBroken):
        take(main, "callback", officer, report=main.number, called_by="hotline", now=at(3), **WELL)
    take(main, "callback", officer, report=other.number, called_by="hotline", now=at(3), **WELL)
    assert Callback.objects.get().by_hotline
