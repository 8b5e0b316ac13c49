"""Health: public, short, without details."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.redis import cache_settings
from portal.models import Heartbeat
from portal.services import record_heartbeats
from portal.tasks import heartbeat

pytestmark = pytest.mark.django_db
READY = "/health/ready/"


@pytest.fixture
def workers(settings):
    """A worker of every queue was just heard."""
    for queue in settings.TASK_QUEUES:
        heartbeat.delay(queue)


def test_a_living_process_says_ok(client):
    response = client.get("/health/live/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response.headers["Cache-Control"]


def test_ready_needs_all_parts(client, workers):
    response = client.get(READY)
    assert (response.status_code, response.json()) == (
        200,
        {
            "status": "ok",
            "database": "ok",
            "postgis": "ok",
            "redis": "ok",
            "queue_default": "ok",
            "queue_deliver": "ok",
            "queue_bulk": "ok",
        },
    )


def test_one_queue_not_heard_for_two_minutes_is_down(client, workers):
    Heartbeat.objects.filter(name="deliver").update(at=timezone.now() - timedelta(seconds=121))
    response = client.get(READY)
    assert (response.status_code, response.json()["status"]) == (503, "down")
    assert (response.json()["queue_deliver"], response.json()["queue_default"]) == ("down", "ok")
    Heartbeat.objects.filter(name="deliver").update(at=timezone.now() - timedelta(seconds=110))
    assert client.get(READY).status_code == 200


def test_a_queue_never_heard_is_down(client):
    record_heartbeats(queues=["default", "deliver"])
    response = client.get(READY)
    assert (response.status_code, response.json()["queue_bulk"]) == (503, "down")


@pytest.mark.parametrize(
    "url", ["unix:///nowhere/redis.sock?db=0", "sentinel://127.0.0.1:1,127.0.0.1:2?master=nowhere"]
)
def test_an_unreachable_redis_is_said_without_details(client, settings, workers, url):
    settings.CACHES = {"default": cache_settings(url)}
    response = client.get(READY)
    parts = response.json()
    assert response.status_code == 503
    assert (parts["redis"], parts["database"], parts["queue_default"]) == ("down", "ok", "ok")
    assert "nowhere" not in response.content.decode()


def test_a_broken_database_is_said_without_details(client, workers):
    def broken(execute, sql, params, many, context):
        return execute("SELECT * FROM no_such_table", None, False, context)

    with connection.execute_wrapper(broken):
        response = client.get(READY)
    parts = response.json()
    assert (response.status_code, parts["database"], parts["postgis"], parts["queue_default"]) == (
        503,
        "down",
        "down",
        "down",
    )
    assert "no_such_table" not in response.content.decode()


@pytest.mark.parametrize("path", ["/health/live/", READY])
def test_health_takes_no_post(client, path):
    assert client.post(path).status_code == 405
