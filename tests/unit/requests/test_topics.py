"""Proactive topics: three reports of one matter at one place raise one topic, which has a life of its own."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casework.errors import InputMissing, NotAllowed, NotOffered
from casework.models import Case, ClosedTally, Deadline, InboxItem, Parameter, Reminder
from casework.planning import sweep
from casework.reminders import deliver_all
from casework.reminders import sentence as inbox_sentence
from casework.timeline import sentence
from requests_.models import ProactiveTopic, Ticket
from requests_.topic_kind import TOPIC
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.requests import COMMUNITY, report, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("topics")]
NOW = datetime(2023, 3, 6, 4, tzinfo=UTC)  # a Monday at noon


@pytest.fixture
def building(tree):
    return BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"], name="甘南路家属院"))


@pytest.fixture
def told(micro_grid_worker, tree, building):
    """A report at the building so many days before NOW."""

    def tell(days=0, actor=micro_grid_worker, area="00500101", **fields):
        fields = {"building": building, "compound": building.compound} | fields
        return report(actor, tree[area], now=NOW - timedelta(days=days), **fields)

    return tell


@pytest.fixture
def topic(told):
    for days in (9, 5, 0):
        told(days)
    return ProactiveTopic.objects.get()


def numbers(topic):
    return set(topic.tickets.values_list("number", flat=True))


# --- when one is raised -------------------------------------------------------------------------------------


def test_two_reports_raise_nothing_the_third_raises_a_topic_of_all_three(told, building):
    tickets = [told(9), told(5)]
    assert not ProactiveTopic.objects.exists()
    tickets.append(told(0))
    topic = ProactiveTopic.objects.get()
    assert numbers(topic) == {ticket.number for ticket in tickets}
    assert (topic.number, topic.kind, topic.status) == ("ZT-2023-000001", "topic", "to_take_up")
    assert (topic.handling_level, topic.building, topic.handler) == ("community", building, None)
    assert (topic.counted_from, topic.counted_until) == (tickets[0].opened_at, None)
    assert topic.title == f"{building} · 楼道踏步、扶手破损"


def test_the_fourth_joins_the_open_topic(told, topic):
    fourth = told(0)
    assert fourth.topic == topic
    assert ProactiveTopic.objects.count() == 1
    event = topic.events.order_by("seq").last()
    assert (event.verb, event.actor, event.facts) == ("join", None, {})


@pytest.mark.parametrize(("days", "is_raised"), [(29, True), (30, True), (31, False)])
def test_only_the_last_thirty_days_count(told, days, is_raised):
    told(days), told(1), told(0)
    assert ProactiveTopic.objects.exists() is is_raised


def test_the_numbers_of_the_rule_are_data(told):
    Parameter.objects.filter(key="topic_count").update(value=2)
    Parameter.objects.filter(key="topic_days").update(value=7)
    told(8), told(0)
    assert not ProactiveTopic.objects.exists()
    told(0)
    assert ProactiveTopic.objects.get().tickets.count() == 2


def test_different_categories_and_places_do_not_add_up(told, building):
    other = BuildingFactory(compound=building.compound)
    told(3), told(2, category=COMMUNITY), told(1, building=other), told(0, building=None)
    assert not ProactiveTopic.objects.exists()


def test_the_entrance_does_not_divide_a_topic_but_a_compound_is_its_own_place(told, building):
    for _n in range(3):
        told(1, building=None)
    assert ProactiveTopic.objects.get().place_key == f"compound:{building.compound_id}"


def test_without_an_address_the_micro_grid_is_the_place(told, tree):
    for area in ("00500101", "00500102", "00500101", "00500101"):
        told(1, building=None, compound=None, area=area)
    topic = ProactiveTopic.objects.get()
    assert (topic.area, topic.tickets.count(), topic.point) == (tree["00500101"], 3, None)
    assert topic.title == f"{tree['00500101']} · 楼道踏步、扶手破损"


def test_secret_tickets_never_count(told, officer):
    told(3), told(2)
    secret = told(1, actor=officer, is_secret=True)
    assert not ProactiveTopic.objects.exists()
    told(0)
    assert secret.number not in numbers(ProactiveTopic.objects.get())
    assert told(0, actor=officer, is_secret=True).topic is None


def test_declined_and_merged_reports_count_but_cancelled_misreports_do_not(told, officer):
    declined, main = told(5), told(20, category=COMMUNITY)
    take(declined, "decline", officer, decline_reason="not_ours", told_how="当面", now=NOW)
    cancelled = told(3)
    take(cancelled, "cancel", officer, reason="误报", now=NOW)
    merged = told(2)
    take(merged, "merge", officer, main_ticket=main, now=NOW)
    assert not ProactiveTopic.objects.exists()
    last = told(0)
    assert numbers(ProactiveTopic.objects.get()) == {declined.number, merged.number, last.number}


@pytest.mark.parametrize("ending", ["closed", "dismissed"])
def test_after_it_is_over_a_new_one_needs_three_new_tickets(told, topic, officer, secretary, ending):
    if ending == "dismissed":
        take(topic, "dismiss", secretary, reason="已在旧改中处理", now=NOW)
    else:
        closed(topic, officer, secretary)
    assert [told(0).topic, told(0).topic] == [None, None]
    second = told(0).topic
    assert second != topic
    assert ProactiveTopic.objects.gathering().get() == second
    assert (topic.tickets.count(), second.tickets.count()) == (3, 3)


def test_the_database_allows_one_open_topic_per_place_and_category(topic, told, secretary):
    take(topic, "dismiss", secretary, reason="重复", now=NOW)
    for _n in range(3):
        told(0)
    with pytest.raises(IntegrityError, match="requests_topic_one_open"), transaction.atomic():
        ProactiveTopic.objects.filter(pk=topic.pk).update(counted_until=None)


def test_a_synthetic_report_raises_a_synthetic_topic(told):
    for _n in range(3):
        told(0, is_synthetic=True)
    assert ProactiveTopic.objects.get().is_synthetic


# --- who hears of it ----------------------------------------------------------------------------------------


def test_the_system_raises_it_and_tells_the_office(told, topic, officer, secretary, grid_leader, inbox_of):
    for _n in range(2):
        told(0, category=COMMUNITY)
    Reminder.objects.all().delete()
    told(0, category=COMMUNITY)
    second = ProactiveTopic.objects.latest("pk")
    event = second.events.get()
    assert (event.verb, event.actor) == ("report", None)
    assert sentence(event, TOPIC).startswith("立专题：汇总")
    for person in (officer, secretary):
        items = [item for item in inbox_of(person) if item.case_id == second.pk]
        assert len(items) == 1
        assert second.number in inbox_sentence(items[0])
    assert not [item for item in inbox_of(grid_leader) if item.case_id == second.pk]


def test_the_lead_hears_of_what_happens_to_the_topic(told, topic, officer, secretary, grid_worker, inbox_of):
    take(topic, "take_up", secretary, lead=grid_worker, plan="检修", now=NOW)
    told(0)
    assert [item.facts["verb"] for item in inbox_of(grid_worker)] == ["join", "take_up"]
    take(topic, "finish", grid_worker, result="已检修", now=NOW)
    assert inbox_of(secretary)[0].facts["verb"] == "finish"
    assert "finish" not in [item.facts.get("verb") for item in inbox_of(officer)]


def test_the_subdistrict_hears_of_what_the_secretary_led(topic, secretary, subdistrict_admin, inbox_of):
    take(topic, "take_up", secretary, lead=secretary, plan="检修", now=NOW)
    take(topic, "finish", secretary, result="已检修", now=NOW)
    assert [item.facts["verb"] for item in inbox_of(subdistrict_admin)] == ["finish"]
    with pytest.raises(NotAllowed):
        take(topic, "pass_review", secretary, now=NOW)
    assert take(topic, "pass_review", subdistrict_admin, now=NOW).status == "closed"


# --- its life -----------------------------------------------------------------------------------------------


def closed(topic, officer, secretary):
    take(topic, "take_up", officer, lead=officer, plan="检修", now=NOW)
    take(topic, "finish", officer, result="已检修", now=NOW)
    return take(topic, "pass_review", secretary, now=NOW)


def test_a_whole_life_from_the_third_report_to_the_review(topic, officer, secretary, grid_worker):
    topic = take(topic, "take_up", officer, lead=grid_worker, plan="更换踏步", now=NOW)
    assert (topic.status, topic.handler, topic.plan) == ("in_hand", grid_worker, "更换踏步")
    topic = take(topic, "report_progress", grid_worker, note="材料到场", now=NOW)
    assert topic.status == "in_hand"
    take(topic, "finish", grid_worker, result="已更换", now=NOW)
    take(topic, "rework", secretary, reason="二单元未换", now=NOW)
    take(topic, "finish", grid_worker, result="全部更换", now=NOW)
    topic = take(topic, "pass_review", secretary, opinion="属实", now=NOW)
    assert (topic.status, topic.is_open, topic.counted_until, topic.result) == (
        "closed",
        False,
        NOW,
        "全部更换",
    )
    verbs = list(topic.events.order_by("seq").values_list("verb", flat=True))
    assert verbs == ["report", "take_up", "report_progress", "finish", "rework", "finish", "pass_review"]
    assert [sentence(event, TOPIC) for event in topic.events.all()]
    with pytest.raises(NotOffered):
        take(topic, "dismiss", secretary, reason="晚了", now=NOW)


@pytest.mark.parametrize("missing", ["lead", "plan"])
def test_taking_up_needs_a_lead_and_a_plan(topic, officer, missing):
    with pytest.raises(InputMissing):
        take(topic, "take_up", officer, **({"lead": officer, "plan": "检修"} | {missing: ""}))


def test_its_tickets_go_their_own_ways(topic, officer, secretary):
    closed(topic, officer, secretary)
    assert set(Ticket.objects.values_list("status", flat=True)) == {"reported"}


def test_it_is_to_be_done_in_fifteen_workdays_from_the_day_it_was_raised(topic):
    deadline = Deadline.objects.get(case_id=topic.pk)
    assert (deadline.step, deadline.amount, deadline.unit) == ("handle", 15, "workday")
    assert deadline.due_at == topic.due_at == datetime(2023, 3, 27, 10, tzinfo=UTC)
    assert topic.yellow_at is not None


def test_untaken_it_reaches_the_office_and_then_those_above(topic, officer, secretary, subdistrict_admin):
    def late(user):
        deliver_all(now=topic.due_at + timedelta(days=10))
        return InboxItem.objects.filter(recipient=user, case_id=topic.pk, rule="late").count()

    sweep(now=topic.due_at + timedelta(minutes=1))
    assert (late(officer), late(secretary), late(subdistrict_admin)) == (1, 0, 0)
    sweep(now=topic.due_at + timedelta(days=3))
    assert (late(officer), late(secretary), late(subdistrict_admin)) == (1, 1, 0)
    sweep(now=topic.due_at + timedelta(days=9))
    assert (late(officer), late(secretary), late(subdistrict_admin)) == (1, 1, 1)


def test_a_review_has_a_limit_of_its_own_and_closing_ends_the_clock(topic, officer, secretary):
    take(topic, "take_up", officer, lead=officer, plan="检修", now=NOW)
    topic = take(topic, "finish", officer, result="已检修", now=NOW)
    assert Deadline.objects.running().get(case_id=topic.pk).step == "review"
    topic = take(topic, "pass_review", secretary, now=NOW)
    assert not Deadline.objects.running().filter(case_id=topic.pk).exists()
    assert topic.due_at == datetime(2023, 3, 27, 10, tzinfo=UTC)
    assert ClosedTally.objects.get(kind="topic").handling_kept == 1


def test_a_report_costs_the_same_queries_whether_three_or_thirty_came_before(told, topic):
    counts = []
    for more in (0, 27):
        for _n in range(more):
            told(0)
        with CaptureQueriesContext(connection) as seen:
            told(0)
        counts.append(len(seen))
    assert counts[1] <= counts[0]
    assert Case.objects.filter(kind="topic").count() == 1
