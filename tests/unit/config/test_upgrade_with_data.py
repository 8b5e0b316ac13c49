"""A site with data goes from each state that ran to this version: it never stops half-way, and nothing is lost.

The rows are put in by the models of the first state, in a database of the test's own beside the one of the others.
"""

import os
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from casework.models import CaseEvent, ClosedTally, Deadline, InboxItem, Reminder
from core.consistency import inconsistencies
from grids.models import AreaAssignment
from requests_.models import Ticket

FIRST = {
    "accounts": "0001_initial",
    "grids": "0003_import_by_command",
    "casework": "0002_append_only_events",
    "requests": "0002_reference_data",
}
LIMITS_AS_DATA = {
    "accounts": "0002_email",
    "grids": "0006_posts_once",
    "casework": "0007_rule_names",
    "requests": "0007_topic_limits",
    "portal": "0001_heartbeat",
}
TOLD_IN_TIME = LIMITS_AS_DATA | {"casework": "0010_longer_filters", "requests": "0009_default_limits"}
# The way a site took: the states it ran in between, and one whose upgrade broke off in the middle.
WAYS = {
    "at once": (),
    "release by release": (LIMITS_AS_DATA, TOLD_IN_TIME),
    "after an upgrade that broke off": (
        FIRST | {"casework": "0011_time_to_accept", "requests": "0003_time"},
    ),
}
REPORTED_AT = datetime(2026, 3, 2, 2, tzinfo=UTC)  # a Monday, ten o'clock in Shanghai
DUE_AT = REPORTED_AT + timedelta(days=5)
OPEN = ("reported", "to_dispatch", "to_sign", "handling", "to_review", "to_call_back")
# The limits of each status, with the one that governs the light first.
EXPECTED = {
    "reported": {"accept"},
    "to_dispatch": {"handle", "first_contact"},
    "to_sign": {"handle", "sign", "return", "first_contact"},
    "handling": {"handle", "first_contact"},
    "to_review": {"review", "first_contact"},
    "to_call_back": {"callback", "first_contact"},
}


def migrate(state):
    """To the heads of the state; apps it does not name stay as they are. Returns the models of that state."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(state.items()))
    return executor.loader.project_state(list(state.items())).apps


def rows(apps, name):
    return apps.get_model(name).objects


@pytest.fixture(scope="module")
def in_own_database(django_db_blocker):
    """A function that leads `connection` to a database of this name, made anew (as a copy of another one)."""
    kept, made = connection.settings_dict["NAME"], set()
    prefix = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}"
    server = psycopg.connect(
        host=connection.settings_dict["HOST"] or connection.settings_dict["OPTIONS"]["host"],
        user=connection.settings_dict["USER"],
        dbname="postgres",
        autocommit=True,
    )

    def lead_to(name, copy_of="template0"):
        connection.close()
        name = f"{prefix}_{name}"
        copy_of = copy_of if copy_of == "template0" else f"{prefix}_{copy_of}"
        names = {"name": sql.Identifier(name), "copy_of": sql.Identifier(copy_of)}
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {name}").format(**names))
        server.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {copy_of}").format(**names))
        made.add(name)
        connection.settings_dict["NAME"] = name

    with django_db_blocker.unblock():
        yield lead_to
        connection.close()
    connection.settings_dict["NAME"] = kept
    for name in made:
        server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
    server.close()


@pytest.fixture(scope="module")
def first_state(in_own_database):
    """The site as it ran first, with a ticket in each open status and a closed one."""
    in_own_database("first")
    fill(migrate(FIRST))
    connection.close()
    return "first"


@pytest.fixture(scope="module", params=WAYS)
def tickets_before(request, in_own_database, first_state):
    """The site brought to this version on one of the ways; what its tickets said before."""
    in_own_database("upgrade", copy_of=first_state)
    for state in WAYS[request.param]:
        apps = migrate(state)
        if "portal" in state:
            add_ticket(apps, "reported")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, status, title, description FROM casework_case c"
            " JOIN requests_ticket t ON t.case_ptr_id = c.id ORDER BY number"
        )
        said = cursor.fetchall()
    call_command("migrate", verbosity=0, interactive=False)
    return said


def fill(apps):
    areas, posts = rows(apps, "grids.Area"), rows(apps, "grids.AreaAssignment")
    worker = rows(apps, "accounts.User").create(
        username="wang", name="王工", role="grid_worker", must_change_password=False
    )
    area = None
    for code, level in (
        ("620102", "district"), ("620102017", "subdistrict"), ("620102017005", "community"),
        ("620102017005001", "grid"), ("62010201700500101", "micro_grid"),
    ):  # fmt: skip
        area = areas.create(
            code=code, level=level, name=f"辖区{code}", parent=area, active_from=date(2020, 1, 1)
        )
    for begin, end in ((date(2020, 1, 1), date(2021, 1, 1)), (date(2020, 6, 1), None)):
        posts.create(
            user=worker, area=area.parent, duty="grid_worker", is_deputy=True, from_on=begin, to_on=end
        )
    for status in (*OPEN, "closed"):
        add_ticket(apps, status)
    closed = rows(apps, "requests.Ticket").get(status="closed")
    rows(apps, "casework.ClosedTally").create(
        day=date(2026, 3, 3), kind="ticket", path=closed.path, handling_level="grid", status="closed", count=1
    )
    Reminder = apps.get_model("casework", "Reminder")
    for rule, state in (("overdue", "delivered"), ("unsigned_officer", "planned")):
        reminder = Reminder.objects.create(
            dedupe_key=rule, rule=rule, facts={"number": closed.number}, state=state, planned_at=REPORTED_AT,
            recipient=worker, case_id=closed.pk,
        )  # fmt: skip
    rows(apps, "casework.InboxItem").create(
        rule="overdue", facts={"number": closed.number}, created_at=REPORTED_AT, recipient=worker,
        case_id=closed.pk, reminder=reminder,
    )  # fmt: skip


def add_ticket(apps, status):
    """A ticket with its timeline, as the code of that time left it."""
    tickets, events = rows(apps, "requests.Ticket"), rows(apps, "casework.CaseEvent")
    series, _new = rows(apps, "casework.NumberSeries").get_or_create(prefix="T", year=2026)
    series.last += 1
    series.save()
    worker = rows(apps, "accounts.User").get(username="wang")
    area = rows(apps, "grids.Area").get(level="micro_grid")
    is_closed, is_accepted = status == "closed", status != "reported"
    fields = {"limit_from": REPORTED_AT} if hasattr(tickets.model, "limit_from") else {}
    if status == "to_sign":
        fields["sign_due_at"] = REPORTED_AT + timedelta(hours=2)
    ticket = tickets.create(
        number=f"T-2026-{series.last:06d}", kind="ticket", title="楼道灯不亮", status=status, area=area,
        path=area.code, status_since=REPORTED_AT + timedelta(hours=3), opened_at=REPORTED_AT, reporter=worker,
        category=rows(apps, "requests.Category").get(code="lighting"), description="灯不亮。",
        caller_name="李四", caller_phone="13900000000", due_at=DUE_AT if is_accepted else None,
        closed_at=REPORTED_AT + timedelta(days=1) if is_closed else None,
        **fields,
    )  # fmt: skip
    if status == "to_sign":
        tickets.filter(pk=ticket.pk).update(dispatched_at=REPORTED_AT)
    events.create(case_id=ticket.pk, seq=1, verb="report", at=REPORTED_AT, to_status="reported", actor=worker)
    if is_accepted:
        events.create(
            case_id=ticket.pk, seq=2, verb="finish" if status == "to_review" else "accept", actor=worker,
            at=ticket.closed_at or ticket.status_since, from_status="reported", to_status=status,
        )  # fmt: skip
    return ticket


def test_an_upgrade_with_data_reaches_the_end_and_loses_nothing(tickets_before, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path  # other tests leave files whose rows were rolled back
    said = Ticket.objects.order_by("number").values_list("number", "status", "title", "description")
    assert list(said) == tickets_before
    assert len(tickets_before) >= 7
    assert CaseEvent.objects.count() == len(tickets_before) + 6
    assert [model.objects.count() for model in (ClosedTally, Reminder, InboxItem)] == [1, 2, 1]
    assert InboxItem.objects.get().rule == "late"
    assert list(inconsistencies()) == []


def test_every_open_ticket_has_the_limits_of_its_status_after_an_upgrade(tickets_before):
    for ticket in Ticket.objects.filter(closed_at=None):
        running = Deadline.objects.running().filter(case_id=ticket.pk)
        assert {row.step for row in running} == EXPECTED[ticket.status], ticket.status
        light = running.get(is_main=True)
        assert (ticket.due_at, ticket.yellow_at) == (light.due_at, light.yellow_at)
        assert all(row.limit_step and row.half_over_at > row.due_at for row in running)


def test_what_waited_before_its_limit_existed_is_not_late_by_the_upgrade(tickets_before):
    for accept in Deadline.objects.filter(step="accept"):
        assert accept.counted_from > REPORTED_AT + timedelta(days=5)
        assert accept.due_at > accept.counted_from


def test_a_limit_that_ran_is_taken_over_as_it_was_promised(tickets_before):
    handling = Deadline.objects.filter(step="handle", ended_at=None)
    assert {row.due_at for row in handling} == {DUE_AT}
    assert Deadline.objects.get(step="sign").due_at == REPORTED_AT + timedelta(hours=2)


def test_what_was_handled_before_the_upgrade_keeps_the_limit_it_was_handled_by(tickets_before):
    ticket = Ticket.objects.get(status="to_review")
    handled = Deadline.objects.get(case_id=ticket.pk, step="handle")
    assert (handled.due_at, handled.result, handled.ended_at) == (DUE_AT, "met", ticket.handled_at)
    assert ticket.handled_at == REPORTED_AT + timedelta(hours=3)


def test_a_post_that_was_given_twice_is_one_over_the_whole_time(tickets_before):
    post = AreaAssignment.objects.get()
    assert (post.from_on, post.to_on) == (date(2020, 1, 1), None)
