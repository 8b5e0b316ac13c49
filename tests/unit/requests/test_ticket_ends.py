"""What the resident says at the callback, and the ends of other roads: merging and escalating, the first contact."""

from types import SimpleNamespace

import pytest
from django.utils import timezone, translation

from casework.choices import HandlingLevel
from casework.errors import NotAllowed, RuleBroken
from casework.models import Deadline, Parameter
from casework.timeline import paragraphs, sentence
from requests_.effects import EFFECTS
from requests_.kinds import TICKET
from requests_.models import Ticket
from tests.factories.measures import signed
from tests.factories.requests import accept, finish, report, take

pytestmark = pytest.mark.django_db
PHONE = "09310000000"


@pytest.fixture
def handled(tree, officer, grid_worker):
    """Signed for by the grid worker; a resident with a phone waits."""
    return signed(tree["00500101"], officer, grid_worker, caller_phone=PHONE)


@pytest.fixture
def to_call_back(handled, officer, grid_worker):
    finish(handled, grid_worker, photo=False)
    return take(handled, "pass_review", officer)


@pytest.mark.parametrize(
    ("solved", "satisfaction", "status", "dissatisfied"),
    [
        ("yes", "satisfied", "closed", 0),
        ("partly", "satisfied", "closed", 0),
        ("partly", "fairly", "closed", 0),
        ("partly", "dissatisfied", "handling", 1),
        ("no", "satisfied", "handling", 1),
        ("no", "no_answer", "handling", 1),
        ("no_answer", "dissatisfied", "handling", 1),
    ],
)
def test_what_the_resident_says_closes_it_or_sends_it_back(
    to_call_back, officer, grid_worker, solved, satisfaction, status, dissatisfied
):
    ticket = take(to_call_back, "callback", officer, solved=solved, satisfaction=satisfaction)
    assert (ticket.status, ticket.dissatisfied_count) == (status, dissatisfied)
    assert (ticket.solved, ticket.satisfaction, ticket.handler) == (solved, satisfaction, grid_worker)
    assert ticket.callbacks.get().reached
    assert ("again" in ticket.events.last().facts) == bool(dissatisfied)


def test_not_solved_for_the_second_time_it_is_supervised_however_polite_the_resident(
    to_call_back, officer, secretary, grid_worker
):
    take(to_call_back, "callback", officer, solved="no", satisfaction="satisfied")
    finish(to_call_back, grid_worker, photo=False)
    take(to_call_back, "pass_review", officer)
    ticket = take(to_call_back, "callback", officer, solved="no", satisfaction="satisfied")
    assert (ticket.status, ticket.dissatisfied_count, ticket.is_supervised) == ("handling", 2, True)
    assert ticket.supervisions.get().leader == secretary


def test_how_often_is_for_the_administrator_to_say(to_call_back, officer, secretary):
    Parameter.objects.filter(key="dissatisfied_supervised").update(value=1)
    assert take(to_call_back, "callback", officer, solved="no", satisfaction="fairly").is_supervised


@pytest.mark.parametrize(("contacted", "is_written"), [("yes", True), ("no", False), ("not_needed", False)])
def test_speaking_to_the_resident_before_finishing_is_the_first_contact(
    handled, grid_worker, contacted, is_written
):
    now = timezone.now()
    data = {"result": "已修复", "contacted": contacted, "photos": []}
    ticket = take(handled, "finish", grid_worker, now=now, **data)
    assert ticket.first_contact_at == (now if is_written else None)
    limit = Deadline.objects.get(case_id=ticket.pk, step="first_contact")
    assert (limit.ended_at, limit.result) == ((now, "met") if is_written else (None, ""))


def test_a_first_contact_that_was_recorded_is_not_moved_by_finishing(handled, grid_worker):
    spoken = timezone.now()
    take(handled, "record_contact", grid_worker, now=spoken)
    data = {"result": "已修复", "contacted": "yes", "photos": []}
    assert take(handled, "finish", grid_worker, **data).first_contact_at == spoken


def test_a_ticket_is_not_merged_into_one_of_another_community(
    micro_grid_worker, officer, foreign_officer, tree
):
    ticket = report(micro_grid_worker, tree["00500101"])
    main = report(foreign_officer, tree["00600101"])
    with pytest.raises(RuleBroken, match=main.number):
        take(ticket, "merge", officer, main_ticket=main)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.merged_into) == ("reported", None)


def test_the_form_of_merging_does_not_find_a_ticket_of_another_community(
    client_for, micro_grid_worker, officer, foreign_officer, tree
):
    ticket = report(micro_grid_worker, tree["00500101"])
    main = report(foreign_officer, tree["00600101"])
    data = {"version": ticket.version, "main_ticket": main.number}
    response = client_for(officer).post(f"/cases/{ticket.number}/do/merge/", data)
    assert response.status_code == 400
    assert set(response.context["step_form"].errors) == {"main_ticket"}


def test_at_the_top_nobody_escalates(micro_grid_worker, officer, secretary, subdistrict_admin, tree):
    ticket = report(micro_grid_worker, tree["00500101"])
    accept(ticket, officer, "community")
    take(ticket, "escalate", secretary, reason="需街道协调")
    take(ticket, "escalate", subdistrict_admin, reason="需区里协调")
    for actor in (officer, secretary, subdistrict_admin):
        with pytest.raises(NotAllowed):
            take(ticket, "escalate", actor, reason="再高一级")
    assert Ticket.objects.get().handling_level == HandlingLevel.DISTRICT


def test_there_is_no_level_above_the_top():
    ticket = SimpleNamespace(handling_level=HandlingLevel.DISTRICT)
    with pytest.raises(RuleBroken):
        EFFECTS["escalate"](ticket, {}, None, timezone.now())


def test_the_timeline_says_in_words_why_a_ticket_was_declined(tree, officer):
    ticket = report(officer, tree["00500101"])
    take(ticket, "decline", officer, decline_reason="not_ours", told_how="已电话告知")
    event = ticket.events.get(verb="decline")
    with translation.override("zh-hans"):
        assert sentence(event, TICKET) == "不予受理：不属于社区职责范围"
    assert paragraphs(event) == ["已电话告知"]
