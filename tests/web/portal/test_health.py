"""Health: public, short, without details."""

import time

import pytest
from django.core.cache import cache
from django.db import connection

from core.tasks import HEARTBEAT_KEY, heartbeat

pytestmark = pytest.mark.django_db
READY = "/health/ready/"


@pytest.fixture(autouse=True)
def silence():
    cache.delete(HEARTBEAT_KEY)
    yield
    cache.delete(HEARTBEAT_KEY)


def test_a_living_process_says_ok(client):
    response = client.get("/health/live/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response.headers["Cache-Control"]


def test_ready_needs_all_parts(client):
    heartbeat()
    parts = {"status": "ok", "database": "ok", "postgis": "ok", "redis": "ok", "worker": "ok"}
    assert client.get(READY).json() == parts


def test_a_worker_not_heard_for_two_minutes_is_down(client):
    assert client.get(READY).json()["worker"] == "down"
    cache.set(HEARTBEAT_KEY, time.time() - 121)
    response = client.get(READY)
    assert (response.status_code, response.json()["worker"]) == (503, "down")
    cache.set(HEARTBEAT_KEY, time.time() - 60)
    assert client.get(READY).status_code == 200


def test_an_unreachable_redis_is_said_without_details(client, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }
    response = client.get(READY)
    assert response.status_code == 503
    assert (response.json()["redis"], response.json()["worker"], response.json()["database"]) == (
        "down",
        "down",
        "ok",
    )
    assert "nowhere" not in response.content.decode()


def test_a_broken_database_is_said_without_details(client):
    heartbeat()

    def broken(execute, sql, params, many, context):
        return execute("SELECT * FROM no_such_table", None, False, context)

    with connection.execute_wrapper(broken):
        response = client.get(READY)
    assert (response.status_code, response.json()["database"], response.json()["postgis"]) == (
        503,
        "down",
        "down",
    )
    assert "no_such_table" not in response.content.decode()


@pytest.mark.parametrize("path", ["/health/live/", READY])
def test_health_takes_no_post(client, path):
    assert client.post(path).status_code == 405
