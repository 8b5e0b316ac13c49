"""A reader is told one more than the earlier reports they may see, in every place that counts or names them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from casework.exporting import queue_file
from casework.filters import CaseFilter
from casework.selectors import rows_for, visible_cases
from casework.timeline import sentence
from requests_.kinds import TICKET
from requests_.models import ProactiveTopic, Ticket
from requests_.permissions import capacities
from requests_.topic_kind import TOPIC
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.requests import COMMUNITY, report

pytestmark = pytest.mark.django_db
NOW = datetime(2023, 3, 6, 4, tzinfo=UTC)
PHONE = "0931-8412345"
AGAIN, THIRD = "第 2 次反映", "第 3 次反映"


@pytest.fixture
def matter(tree, officer, foreign_officer):
    """Three reports of one resident: two in the other community, then one here."""

    def tell(actor, area, days):
        return report(actor, tree[area], caller_phone=PHONE, now=NOW - timedelta(days=days))

    return (
        tell(foreign_officer, "00600101", 9),
        tell(foreign_officer, "00600101", 5),
        tell(officer, "00500101", 0),
    )


def row(user, ticket):
    return rows_for(user, [ticket], NOW)[0]


def listed(user, **query):
    data = QueryDict(mutable=True)
    data.update({"status": "any", **query})
    return set(CaseFilter(data, queryset=visible_cases(user), user=user).qs.values_list("number", flat=True))


def test_who_sees_no_earlier_report_is_told_nothing_of_them(matter, officer, client_for):
    here = matter[2]
    assert here.repeat_number == 3
    assert TICKET.marks(row(officer, here).case) == []
    assert TICKET.facts(officer, here)["number"] == ""
    assert "次反映" not in queue_file(officer, [here], now=NOW).decode()
    assert listed(officer, repeats="2") == set()
    assert "repeat_unlinker" not in capacities(officer, here)
    for page in (f"/cases/{here.number}/", f"/cases/{here.number}/sheet/", "/cases/"):
        html = client_for(officer).get(page).content.decode()
        assert here.number in html
        assert "次反映" not in html, page


def test_who_sees_all_reports_is_told_the_whole_number(matter, subdistrict_admin, client_for):
    here = matter[2]
    assert TICKET.marks(row(subdistrict_admin, here).case) == [THIRD]
    assert TICKET.facts(subdistrict_admin, here)["number"] == THIRD
    assert THIRD in queue_file(subdistrict_admin, [here], now=NOW).decode()
    assert listed(subdistrict_admin, repeats="2") == {ticket.number for ticket in matter[1:]}
    assert listed(subdistrict_admin, repeats="3") == {here.number}
    assert THIRD in client_for(subdistrict_admin).get(f"/cases/{here.number}/").content.decode()


def test_who_sees_some_is_told_of_those(matter, officer, foreign_officer, tree):
    later = report(officer, tree["00500102"], caller_phone=PHONE, now=NOW + timedelta(hours=1))
    assert later.repeat_number == 4
    assert TICKET.marks(row(officer, later).case) == [AGAIN]
    assert TICKET.marks(row(foreign_officer, matter[1]).case) == [AGAIN]
    assert [words for _other, words in TICKET.facts(officer, later)["repeats"]] == ["第 1 次反映"]
    assert listed(officer, repeats="2") == {later.number}
    assert listed(officer, repeats="3") == set()
    assert "repeat_unlinker" in capacities(officer, later)


def test_a_secret_report_of_the_matter_is_not_counted_for_others(tree, officer, secretary):
    first, second = (
        report(officer, tree["00500101"], caller_phone=PHONE, category=COMMUNITY, now=NOW - timedelta(days=days))
        for days in (3, 0)
    )  # fmt: skip
    Ticket.objects.filter(pk=first.pk).update(is_secret=True, reporter=secretary)
    assert TICKET.marks(row(officer, second).case) == []
    assert TICKET.marks(row(secretary, second).case) == [AGAIN]


def test_the_number_of_one_reader_is_not_kept_for_another(matter, officer, subdistrict_admin):
    here = matter[2]
    assert "repeat_unlinker" not in capacities(officer, here)
    TICKET.prepare(subdistrict_admin, [here])
    assert TICKET.marks(here) == [THIRD]
    TICKET.prepare(officer, [here])
    assert TICKET.marks(here) == []


@pytest.mark.parametrize("rows", [1, 10])
def test_a_list_asks_once_for_all_its_repeats(rows, tree, subdistrict_admin, officer):
    tickets = [
        report(officer, tree["00500101"], caller_phone=f"1390931{n:04}", now=NOW - timedelta(days=days))
        for n in range(rows)
        for days in (2, 1)
    ]
    rows_for(subdistrict_admin, tickets[:1], NOW)  # reads the posts
    with CaptureQueriesContext(connection) as seen:
        assert sum(bool(TICKET.marks(r.case)) for r in rows_for(subdistrict_admin, tickets, NOW)) == rows
    assert len(seen) == 2


def test_a_topic_counts_the_reports_the_reader_sees(topics, tree, officer, grid_worker):
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]))
    for days in (9, 5, 0):
        ticket = report(grid_worker, tree["00500101"], building=building, now=NOW - timedelta(days=days))
    Ticket.objects.filter(pk=ticket.pk).update(path=tree["00600101"].code)
    topic = ProactiveTopic.objects.get()
    assert topic.tickets.count() == 3
    assert TOPIC.facts(officer, topic)["count"] == 2
    assert all("件" not in sentence(event, TOPIC).replace("一件", "") for event in topic.events.all())
