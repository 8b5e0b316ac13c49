"""Repeats: the same matter from the same resident or at the same place is linked to the first report and numbered."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.gis.geos import Point
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casework.errors import NotAllowed, NotOffered
from casework.models import Parameter
from casework.timeline import sentence
from requests_.kinds import TICKET
from requests_.models import Category, ProactiveTopic, Ticket
from requests_.repeats import ALIKE, GATHERING, RECENT, Earlier, digits, earlier_reports, standing
from tests.factories.grids import SOUTH, WEST, BuildingFactory, CompoundFactory, EntranceFactory
from tests.factories.requests import COMMUNITY, SMALL, report, take

pytestmark = pytest.mark.django_db
NOW = datetime(2023, 3, 6, 4, tzinfo=UTC)
PHONE = "0931-8412345"


@pytest.fixture
def compound(tree):
    return CompoundFactory(micro_grid=tree["00500101"])


@pytest.fixture
def building(compound):
    return BuildingFactory(compound=compound)


@pytest.fixture
def told(micro_grid_worker, tree):
    """A report so many days before NOW, without a place unless one is given."""

    def tell(days=0, actor=micro_grid_worker, area="00500101", **fields):
        return report(actor, tree[area], now=NOW - timedelta(days=days), **fields)

    return tell


def linked(ticket):
    return (ticket.repeat_of, ticket.repeat_number)


def metres_east(metres):
    return Point(WEST + 0.0005 + metres / 90_040, SOUTH + 0.001, srid=4326)


# --- the rule without a database ----------------------------------------------------------------------------


def found(why, pk, days, first=None, last=None):
    return Earlier(why, pk, NOW - timedelta(days=days), first, last)


def test_nothing_found_is_the_first_report():
    alone = standing([], topic_count=3)
    assert (alone.first, alone.number, alone.topic, alone.raises_topic) == (None, 1, None, False)


def test_the_earliest_ticket_alike_leads_to_the_first_of_its_matter():
    rows = [found(ALIKE, 9, 2, first=9, last=1), found(ALIKE, 5, 40, first=3, last=4)]
    assert (standing(rows, topic_count=3).first, standing(rows, topic_count=3).number) == (3, 5)


@pytest.mark.parametrize(("recent", "raises"), [(0, False), (1, False), (2, True), (3, True)])
def test_the_third_report_raises_a_topic(recent, raises):
    rows = [found(RECENT, n, 1) for n in range(recent)]
    assert standing(rows, topic_count=3).raises_topic is raises


def test_an_open_topic_is_joined_and_no_second_one_raised():
    rows = [found(RECENT, 1, 1), found(RECENT, 2, 1), found(GATHERING, 7, 60)]
    assert (standing(rows, topic_count=3).topic, standing(rows, topic_count=3).raises_topic) == (7, False)


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("0931-8412345", "09318412345"),
        ("(0931) 841 2345", "09318412345"),
        ("841-2345", "8412345"),
        ("841-234", ""),
        ("", ""),
        ("+-() ", ""),
    ],
)
def test_digits_tell_a_resident_only_when_there_are_seven(phone, expected):
    assert digits(phone) == expected


# --- the same resident --------------------------------------------------------------------------------------


def test_the_same_phone_written_otherwise_is_the_same_resident_wherever(told):
    first = told(10, caller_phone=PHONE)
    second = told(5, caller_phone="(0931) 841 2345", area="00500201")
    third = told(0, caller_phone="09318412345", area="00500102")
    assert linked(first) == (None, 1)
    assert linked(second) == (first, 2)
    assert linked(third) == (first, 3)


def test_short_and_missing_numbers_link_nobody(told):
    for phone in ("", "12345", "84-1234"):
        told(3, caller_phone=phone)
        assert linked(told(0, caller_phone=phone)) == (None, 1)


def test_another_category_is_another_matter_even_of_the_same_resident(told, building):
    told(3, caller_phone=PHONE, building=building, category=SMALL)
    assert linked(told(0, caller_phone=PHONE, building=building, category=COMMUNITY)) == (None, 1)


@pytest.mark.parametrize(("days", "is_repeat"), [(89, True), (90, True), (91, False)])
def test_what_lies_longer_back_than_the_days_of_the_rule_is_forgotten(told, days, is_repeat):
    told(days, caller_phone=PHONE)
    assert (told(0, caller_phone=PHONE).repeat_number == 2) is is_repeat


def test_the_days_are_data(told):
    Parameter.objects.filter(key="repeat_days").update(value=7)
    told(8, caller_phone=PHONE)
    assert linked(told(0, caller_phone=PHONE)) == (None, 1)


def test_a_matter_that_goes_on_keeps_its_first_report_and_its_count(told):
    first = told(160, caller_phone=PHONE)
    told(80, caller_phone=PHONE)
    assert linked(told(0, caller_phone=PHONE)) == (first, 3)


# --- the same place -----------------------------------------------------------------------------------------


def test_the_same_building_is_the_same_place_and_another_is_not(told, compound, building):
    first = told(3, building=building, compound=compound)
    assert linked(told(0, building=building, compound=compound)) == (first, 2)
    assert linked(told(0, building=BuildingFactory(compound=compound), compound=compound)) == (None, 1)


def test_entrances_are_compared_when_both_are_known(told, building):
    one, two = EntranceFactory(building=building), EntranceFactory(building=building)
    first = told(5, building=building, entrance=one)
    assert linked(told(4, building=building, entrance=two)) == (None, 1)
    assert linked(told(3, building=building, entrance=one)) == (first, 2)
    assert linked(told(2, building=building)) == (first, 3)


def test_a_whole_compound_is_a_place_of_its_own(told, compound, building):
    told(5, compound=compound, building=building)
    whole = told(4, compound=compound)
    assert linked(whole) == (None, 1)
    assert linked(told(0, compound=compound)) == (whole, 2)
    assert linked(told(0, compound=CompoundFactory(micro_grid=compound.micro_grid))) == (None, 1)


@pytest.mark.parametrize(("metres", "is_repeat"), [(95, True), (105, False)])
def test_without_an_address_a_point_within_the_radius_is_the_same_place(told, metres, is_repeat):
    told(3, point=metres_east(0))
    assert (told(0, point=metres_east(metres)).repeat_number == 2) is is_repeat


def test_a_point_alone_is_not_compared_with_an_address(told, building):
    told(3, building=building, point=metres_east(0))
    assert linked(told(0, point=metres_east(0))) == (None, 1)


def test_without_phone_and_place_nothing_is_alike(told):
    told(3)
    assert linked(told(0)) == (None, 1)


# --- a category for all the rest ---------------------------------------------------------------------------


def test_other_matters_of_one_place_are_not_each_other_s_repeats(told, building, micro_grid_worker):
    for fields in ({"building": building}, {"compound": building.compound}, {"point": metres_east(0)}):
        told(3, category="other", **fields)
        assert linked(told(0, category="other", **fields)) == (None, 1)
        new = Ticket(category=Category.objects.get(code="other"), **fields)
        assert earlier_reports(micro_grid_worker, new, NOW) == ([], 1)


def test_other_matters_of_one_resident_are_repeats_by_the_phone(told, building):
    first = told(3, category="other", building=building, caller_phone=PHONE)
    assert linked(told(2, category="other", building=building, caller_phone=PHONE)) == (first, 2)
    assert linked(told(1, category="other", building=building)) == (None, 1)


def test_other_matters_raise_no_topic_and_join_none(topics, told, building):
    for days in range(9, 0, -1):
        told(days, category="other", building=building)
    assert not ProactiveTopic.objects.exists()
    Category.objects.filter(code="other").update(is_mixed=False)
    told(0, category="other", building=building)
    assert ProactiveTopic.objects.exists()
    Category.objects.filter(code="other").update(is_mixed=True)
    assert told(0, category="other", building=building).topic is None


def test_only_the_category_for_all_the_rest_is_delivered_as_no_matter_of_its_own(db):
    assert [category.code for category in Category.objects.filter(is_mixed=True)] == ["other"]


# --- what counts --------------------------------------------------------------------------------------------


def test_secret_tickets_are_linked_in_neither_direction(told, officer, building):
    told(9, building=building, caller_phone=PHONE, actor=officer, is_secret=True)
    first = told(5, building=building, caller_phone=PHONE)
    assert linked(first) == (None, 1)
    secret = told(3, building=building, caller_phone=PHONE, actor=officer, is_secret=True)
    assert linked(secret) == (None, 1)
    assert linked(told(0, building=building, caller_phone=PHONE)) == (first, 2)


def test_declined_and_merged_reports_count_but_cancelled_misreports_do_not(told, officer, building):
    declined = told(9, building=building)
    take(declined, "decline", officer, decline_reason="not_ours", told_how="当面", now=NOW)
    main, merged = told(8, category=COMMUNITY), told(7, building=building, category=COMMUNITY)
    take(merged, "merge", officer, main_ticket=main, now=NOW)
    cancelled = told(9, building=building, category="parking")
    take(cancelled, "cancel", officer, reason="误报", now=NOW)
    assert linked(told(0, building=building)) == (declined, 2)
    assert linked(told(0, building=building, category=COMMUNITY)) == (merged, 2)
    assert linked(told(0, building=building, category="parking")) == (None, 1)


def test_a_cancelled_repeat_gives_its_number_back(told, officer, building):
    first, second = told(9, building=building), told(5, building=building)
    second = take(second, "cancel", officer, reason="误报", now=NOW)
    assert linked(second) == (None, 1)
    assert linked(told(0, building=building)) == (first, 2)


def test_a_report_of_a_clock_a_little_ahead_counts_a_later_one_does_not(told, building):
    first = report_at(told, building, minutes=5)
    assert linked(told(0, building=building)) == (first, 2)
    other = BuildingFactory(compound=building.compound)
    report_at(told, other, minutes=15)
    assert linked(told(0, building=other)) == (None, 1)


def report_at(told, building, *, minutes):
    return told(-minutes / 1440, building=building)


# --- words, links and the way back --------------------------------------------------------------------------


def test_the_timeline_and_the_news_tell_no_number_since_everybody_reads_the_same(
    told, grid_leader, building, inbox_of
):
    told(3, building=building)
    event = told(0, building=building).events.get()
    assert "repeat" not in event.facts
    assert sentence(event, TICKET) == "上报"
    assert [item.facts["facts"].get("repeat") for item in inbox_of(grid_leader)] == [None, None]


def test_the_office_unlinks_a_wrong_repeat_and_later_numbers_stay(told, officer, building):
    first, second, third = (told(days, building=building) for days in (9, 5, 3))
    second = take(second, "unlink_repeat", officer, reason="不是同一件事")
    third.refresh_from_db()
    assert linked(second) == (None, 1)
    assert linked(third) == (first, 3)
    event = second.events.order_by("seq").last()
    assert (event.verb, event.facts) == ("unlink_repeat", {"reason": "不是同一件事"})
    assert linked(told(0, building=building)) == (first, 4)


def test_only_the_office_unlinks_and_only_what_is_linked(told, officer, grid_leader, building):
    first, second = told(9, building=building), told(5, building=building)
    with pytest.raises(NotAllowed):
        take(second, "unlink_repeat", grid_leader, reason="不是")
    with pytest.raises(NotAllowed):
        take(first, "unlink_repeat", officer, reason="不是")
    take(second, "cancel", officer, reason="误报")
    with pytest.raises(NotOffered):
        take(second, "unlink_repeat", officer, reason="不是")


def test_the_database_refuses_a_number_twice_and_a_repeat_without_a_number(told, building):
    first, second, third = (told(days, building=building) for days in (9, 5, 3))
    for fields in ({"repeat_number": 2}, {"repeat_number": 1}, {"repeat_of": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.filter(pk=third.pk).update(**fields)
    assert linked(second) == (first, 2)


def test_the_page_names_only_reports_the_person_may_see(told, officer, neighbour, building):
    first = told(9, caller_phone=PHONE)
    second = told(5, caller_phone=PHONE, area="00500201")
    assert [t.pk for t, _words in TICKET.facts(officer, second)["repeats"]] == [first.pk]
    assert TICKET.facts(neighbour, second)["repeats"] == []


@pytest.mark.parametrize("earlier", [0, 1, 30])
def test_a_report_costs_two_queries_more_however_many_came_before(told, building, officer, earlier):
    for n in range(earlier):
        told(n / 10 + 1, building=building, caller_phone=PHONE)
    told(
        1, building=building, is_secret=True, actor=officer
    )  # the first look at a point asks once for its system
    counts = []
    for is_secret in (True, False):
        with CaptureQueriesContext(connection) as seen:
            told(0, building=building, caller_phone=PHONE, is_secret=is_secret, actor=officer)
        counts.append(sum("casework_reminder" not in query["sql"] for query in seen.captured_queries))
    assert counts[1] - counts[0] <= 2
