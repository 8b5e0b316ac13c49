"""How long each kind of process waits for PostgreSQL."""

import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections

from core.patience import Patience, bound_database
from tests.processes import environment

NAMES = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
ASK = """
from django.db import connection
with connection.cursor() as cursor:
    for name in {names}:
        cursor.execute(f"SHOW {{name}}")
        print(cursor.fetchone()[0])
print(connection.connection.answer_seconds)
"""
WORKER = """
from celery.signals import celeryd_init
from config.celery import app
celeryd_init.send(sender="test", instance=None, conf=app.conf, options={})
options = app.conf.broker_transport_options
assert (options["socket_timeout"], options["visibility_timeout"]) == (15, 3600), options
"""
COMMAND = "import django; django.setup()"


@pytest.fixture
def bounded(db):
    """A connection of its own with these bounds, beside the one of the test."""
    kept = connections.settings["default"]
    made = []

    def open_connection(**seconds):
        connections.settings["default"] = {**kept, "OPTIONS": dict(kept["OPTIONS"])}
        usual = {"connect": 3, "lock": 5, "statement": 5, "idle_in_transaction": 5, "answer": 5}
        bound_database(Patience(**usual | seconds))
        made.append(connections.create_connection("default"))
        return made[-1]

    yield open_connection
    connections.settings["default"] = kept
    for each in made:
        each.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("process", "expected"),
    [
        ("import config.wsgi", ["15s", "5s", "1min", "18"]),
        (f"{COMMAND}\n{WORKER}", ["10min", "1min", "10min", "630"]),
        (COMMAND, ["0", "0", "0", "None"]),
    ],
    ids=["web", "worker", "command"],
)
def test_the_web_is_impatient_a_worker_less_so_and_a_command_waits_as_long_as_it_takes(process, expected):
    program = f"{process}\n{ASK.format(names=NAMES)}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment(), capture_output=True,
        text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == expected


def test_an_answer_that_does_not_come_closes_the_connection_whatever_postgresql_says(bounded):
    database = bounded(answer=0.3)
    began = time.monotonic()
    with pytest.raises(OperationalError, match="no answer in"), database.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(4)")
    assert time.monotonic() - began < 2
    assert database.connection.closed
    assert not database.is_usable()


@pytest.mark.parametrize("bound", ["statement", "answer"])
def test_after_a_time_out_the_next_query_has_a_connection_that_works(bound, bounded):
    database = bounded(**{bound: 1})
    with pytest.raises(OperationalError), database.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(4)")
    database.close_if_unusable_or_obsolete()
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_what_is_answered_in_time_is_the_same_as_without_bounds(bounded):
    database = bounded()
    with database.cursor() as cursor:
        cursor.execute("SELECT generate_series(1, 100000)")
        assert len(cursor.fetchall()) == 100_000
    assert database.is_usable()
    assert database.connection.answer_seconds == 5


def test_the_tests_own_connection_has_no_bounds(db):
    connection.ensure_connection()
    assert connection.connection.answer_seconds is None
