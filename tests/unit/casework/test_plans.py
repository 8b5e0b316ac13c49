"""Among many rows the sweep, the claims, the robots and the lights find theirs by indexes, whatever the size."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from casework.choices import Channel, Light
from casework.filters import CaseFilter
from casework.lights import light_filter
from casework.models import (
    Case,
    Deadline,
    ExtensionRequest,
    Message,
    Reminder,
    Robot,
    Supervision,
    Suspension,
    WhistleCall,
)
from casework.outbox import channels_due, claim_messages
from casework.planning import sweep
from casework.reminders import claim
from casework.robot_lists import plan_robot_messages
from casework.selectors import visible_cases
from grids.models import DoorPlate
from portal.searching import search_cases
from requests_.models import Ticket
from tests.factories.bulk import copy_case, make_tickets_of_copies
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.measures import at, signed

pytestmark = pytest.mark.django_db
NOW = at(20, 10)
MANY = 6000
BIG = (Case, Deadline, ExtensionRequest, Message, Reminder, Supervision, Suspension, WhistleCall)


@pytest.fixture
def many(tree, officer, foreign_officer, grid_worker, secretary, department):
    """Thousands of cases with all that hangs on cases; few are open, and nothing of them is due but one's."""
    ticket = signed(tree["00500101"], officer, grid_worker, now=at(1))
    other = signed(tree["00600101"], foreign_officer, foreign_officer, now=at(1))
    for one in (ticket, other):
        copy_case(one, MANY // 2)
    copies = Case.objects.exclude(pk__in=(ticket.pk, other.pk))
    copies.filter(pk__gt=copies.order_by("pk")[MANY // 40].pk).update(closed_at=NOW, handled_at=NOW)
    Deadline.objects.exclude(case=ticket).update(ended_at=NOW, result="met")
    with connection.cursor() as cursor:
        for table, columns, values in ROWS:
            cursor.execute(
                f"INSERT INTO {table} (case_id, {columns}) SELECT id, {values} FROM casework_case",
                {"user": officer.pk, "organisation": department.pk, "now": NOW},
            )
        cursor.execute(
            """INSERT INTO casework_reminder (dedupe_key, rule, recipient_id, case_id, facts, is_urgent, state,
                attempts, planned_at, last_error)
            SELECT 'r' || id, 'late', %(user)s, id, '{}', false, 'delivered', 1, %(now)s, '' FROM casework_case""",
            {"user": officer.pk, "now": NOW},
        )
        cursor.execute(
            """INSERT INTO casework_message (dedupe_key, channel, recipient_id, is_digest, is_urgent, planned_at,
                send_after, state, attempts, last_error)
            SELECT 'm' || id, 'email', %(user)s, false, false, %(now)s, %(now)s, 'sent', 1, '' FROM casework_case""",
            {"user": officer.pk, "now": NOW},
        )
        cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in BIG)}")
    return ticket


ASKED = "asked_by_id, asked_at, reason, state"
ROWS = (
    ("casework_extensionrequest", f"{ASKED}, workdays", "%(user)s, %(now)s, '等', 'approved', 3"),
    ("casework_suspension", f"{ASKED}, review_on", "%(user)s, %(now)s, '等', 'ended', %(now)s"),
    (
        "casework_supervision",
        "number, issued_by_id, issued_at, leader_id, answer_by, demand, lifted_at, answer",
        "'DB' || id, %(user)s, %(now)s, %(user)s, %(now)s, '限期', %(now)s, '好'",
    ),
    (
        "casework_whistlecall",
        "organisation_id, ground, demand, respond_by, called_by_id, called_at, state, outcome, rating, rating_note",
        "%(organisation)s, 'joint', '到场', %(now)s, %(user)s, %(now)s, 'rated', '', 'good', ''",
    ),
)


@contextmanager
def no_big_table_is_read(least=1, big=BIG):
    """Every statement inside, explained afterwards, reads the big tables by indexes."""
    with CaptureQueriesContext(connection) as seen:
        yield
    statements = [q["sql"] for q in seen if re.match(r"\s*(SELECT|WITH|UPDATE|INSERT)", q["sql"])]
    explained = 0
    for sql in statements:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql.replace("%", "%%"), [])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        read = re.findall(r"Seq Scan on (\w+)", plan)
        assert not {model._meta.db_table for model in big} & set(read), f"{sql}\n{plan}"
        explained += any(model._meta.db_table in sql for model in big)
    assert explained >= least


def test_the_sweep_the_claims_and_the_robots_read_no_big_table(many, tree):
    with no_big_table_is_read(least=15):
        assert sweep(now=NOW).failed == ()
    with no_big_table_is_read(least=2):
        assert claim(now=NOW + timedelta(minutes=1))
    with no_big_table_is_read(least=3):
        claim_messages("email", now=NOW)
        channels_due(now=NOW, idle_only=True)
    for area in ("", "005", "005001", "00500101"):
        Robot.objects.create(
            name="群", channel=Channel.WECOM, area=tree[area], url="https://qyapi.weixin.qq.com/x"
        )
    Case.objects.filter(pk=many.pk).update(urgency="urgent")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE casework_robot, grids_area")
    with no_big_table_is_read(least=5):
        assert plan_robot_messages(now=NOW) > 4


def test_lights_read_no_big_table(many, officer):
    """One's own community, as figures and lists ask for it, and the queue."""
    cases = Case.objects.filter(community="620102017005")
    for light in Light:
        with no_big_table_is_read():
            list(cases.filter(light_filter(light, NOW)).order_by("-opened_at", "-pk")[:50])
    for query in ("sort=light", "sort=light&status=any", "sort=light&light=red", "light=yellow"):
        chosen = CaseFilter(QueryDict(query), queryset=visible_cases(officer), user=officer)
        assert chosen.is_valid()
        with no_big_table_is_read():
            assert chosen.keyset(50).page(None).rows or "yellow" in query


@pytest.mark.parametrize(
    "text",
    [
        "甘南路154号院3号楼",
        "甘南路154 楼道灯不亮",
        "楼道灯不亮",
        "辖区62010201700500101 楼道灯不亮",
    ],
)
def test_search_reads_no_big_table(many, officer, tree, text):
    building = BuildingFactory(compound=CompoundFactory(micro_grid=tree["00500101"]), no="3")
    DoorPlate.objects.create(building=building, street="甘南路", number="154号")
    make_tickets_of_copies(many)
    Case.objects.filter(pk=many.pk).update(building=building)
    Ticket.objects.filter(pk=many.pk).update(description="昨夜楼道灯不亮")
    with connection.cursor() as cursor:
        # As autovacuum leaves them: what was just written waits outside of such an index.
        for index in ("requests_ticket_words", "casework_title_trgm", "casework_number_trgm"):
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index])
        cursor.execute("ANALYZE casework_case, requests_ticket")
    with no_big_table_is_read(least=3, big=(*BIG, Ticket)):
        found = search_cases(officer, text, now=NOW)
    assert [row.case.pk for rows in found.values() for row in rows] == [many.pk]
