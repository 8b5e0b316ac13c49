"""Killed processes and closed connections: the task comes back, the worker goes on."""

import os
import signal

import psycopg
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from kombu import Connection
from redis import Redis

from core.redis import broker_url
from portal.models import Heartbeat
from portal.services import record_heartbeats
from tests.processes import eventually

pytestmark = [pytest.mark.faults_long, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
NAME = "probe"


@pytest.fixture
def own_redis():
    """The address of a database of Redis that no other test uses, so that nobody else's tasks come back too soon."""
    number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    url = settings.REDIS_URL.replace("db=0", f"db={number}")
    with Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def start(start_worker, own_redis):
    def start_named(name):
        return start_worker(
            "bulk", name=name, REDIS_URL=own_redis, DJANGO_SETTINGS_MODULE="tests.faults.settings"
        )

    return start_named


@pytest.fixture
def send(own_redis, not_eager):
    def send_heartbeat():
        with Connection(broker_url(own_redis)) as broker:
            current_app.send_task("portal.tasks.heartbeat", args=[NAME], queue="bulk", connection=broker)

    return send_heartbeat


@pytest.fixture
def held_row():
    """A heartbeat whose row is locked: the task that writes it waits as long as the test wants."""
    record_heartbeats(queues=[NAME])
    holder = psycopg.connect(
        host=connection.settings_dict["HOST"] or connection.settings_dict["OPTIONS"]["host"],
        user=connection.settings_dict["USER"],
        dbname=connection.settings_dict["NAME"],
    )
    holder.execute("SELECT 1 FROM portal_heartbeat WHERE name = %s FOR UPDATE", [NAME])
    yield holder
    holder.close()


def heard_at():
    return Heartbeat.objects.values_list("at", flat=True).filter(name=NAME).first()


def backends(name, *, waiting=False):
    """The process numbers of PostgreSQL's side of a worker's connections."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND (wait_event_type = 'Lock' OR NOT %s)",
            [name, waiting],
        )
        return {pid for (pid,) in cursor.fetchall()}


def close_backend(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_task_whose_process_is_killed_is_begun_anew_at_once(start, send, held_row):
    worker = start("killed-child")
    before = heard_at()
    send()
    (first,) = eventually(lambda: backends("killed-child", waiting=True))
    (child,) = worker.children()
    os.kill(child, signal.SIGKILL)
    close_backend(first)
    eventually(lambda: backends("killed-child", waiting=True))
    held_row.rollback()
    eventually(lambda: heard_at() > before)


def test_what_a_killed_worker_had_taken_is_done_by_another_one(start, send, held_row):
    worker = start("killed-whole")
    before = heard_at()
    send()
    (first,) = eventually(lambda: backends("killed-whole", waiting=True))
    worker.kill()
    close_backend(first)
    held_row.rollback()
    assert heard_at() == before
    start("successor")
    eventually(lambda: heard_at() > before)


def test_tasks_share_a_connection_and_one_that_postgresql_closed_is_replaced(start, send):
    def run_one():
        before = heard_at()
        send()
        eventually(lambda: heard_at() != before)
        (backend,) = backends("reuse")
        return backend

    start("reuse")
    first = run_one()
    assert run_one() == first
    close_backend(first)
    assert run_one() != first
