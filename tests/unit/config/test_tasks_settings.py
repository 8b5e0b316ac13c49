"""Settings of the task queues: what makes a lost task come back, and a mistyped queue fail."""

from importlib import import_module
from pathlib import Path
from time import monotonic

import pytest
from celery import Celery, current_app
from celery.exceptions import QueueNotFound
from celery.fixups.django import DjangoWorkerFixup
from django.conf import settings
from kombu.exceptions import OperationalError

from core.redis import broker_options, broker_url

current_app.loader.import_default_modules()  # as a worker does
OURS = sorted(
    name for name in current_app.tasks if (Path(settings.BASE_DIR) / name.split(".")[0] / "tasks.py").exists()
)


@pytest.fixture
def deployed():
    """A Celery application with the settings a site runs with, not those of the tests."""
    application = Celery("deployed", set_as_current=False)
    application.config_from_object(import_module("config.settings.base"), namespace="CELERY")
    return application


def queue_of(application, name):
    return application.amqp.router.route({}, name)["queue"].name


def test_a_task_leaves_its_queue_only_when_it_is_done():
    conf = current_app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost) == (True, True)
    assert conf.worker_prefetch_multiplier == 1
    for name in OURS:
        task = current_app.tasks[name]
        assert (task.acks_late, task.reject_on_worker_lost) == (True, True), name


def test_what_a_vanished_worker_took_comes_back_later_than_any_task_may_take():
    comes_back_after = current_app.conf.broker_transport_options["visibility_timeout"]
    limits = [current_app.conf.task_time_limit]
    limits += [limit["time_limit"] for limit in current_app.conf.task_annotations.values()]
    limits += [current_app.tasks[name].time_limit for name in OURS]
    assert max(limits) + 60 <= comes_back_after


@pytest.mark.parametrize("name", OURS)
def test_every_task_is_warned_before_it_is_killed(name):
    task = current_app.tasks[name]
    assert 0 < task.soft_time_limit < task.time_limit


def test_a_heartbeat_and_a_delivery_may_not_take_as_long_as_the_rest():
    limits = {name: current_app.tasks[name].time_limit for name in OURS}
    assert limits["portal.tasks.heartbeat"] == 30
    assert limits["casework.tasks.deliver_reminders"] == 120
    assert limits["casework.tasks.sweep_reminders"] == 300
    assert limits["requests_.tasks.archive_closed"] == 1800


@pytest.mark.parametrize(
    ("name", "queue"),
    [
        ("casework.tasks.deliver_reminders", "deliver"),
        ("casework.tasks.deliver_anything_new", "deliver"),
        ("casework.tasks.recompute_deadlines", "bulk"),
        ("requests_.tasks.archive_closed", "bulk"),
        ("casework.tasks.sweep_reminders", "default"),
        ("core.tasks.ping", "default"),
    ],
)
def test_deliveries_and_what_takes_long_have_queues_of_their_own(deployed, name, queue):
    assert queue_of(deployed, name) == queue


def test_a_worker_without_options_serves_all_queues(deployed):
    assert (
        list(deployed.amqp.queues.consume_from)
        == list(settings.TASK_QUEUES)
        == ["default", "deliver", "bulk"]
    )
    keys = {(queue.exchange.name, queue.routing_key) for queue in deployed.amqp.queues.values()}
    assert len(keys) == 3  # no message reaches two queues


def test_a_mistyped_queue_is_refused(deployed):
    with pytest.raises(QueueNotFound):
        deployed.send_task("core.tasks.ping", args=["x"], queue="delivre")
    with pytest.raises(KeyError):
        deployed.amqp.queues.select(["delivre"])


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:1/0", "sentinel://127.0.0.1:1,127.0.0.1:2/0?master=weige"]
)
def test_nobody_waits_for_a_redis_that_is_away(deployed, url):
    deployed.conf.broker_transport_options |= broker_options(url)
    began = monotonic()
    with deployed.connection_for_write(broker_url(url)) as broker, pytest.raises(OperationalError):
        deployed.send_task("core.tasks.ping", args=["x"], retry=False, connection=broker)
    assert monotonic() - began < 3  # seconds; with Celery's own settings it would be six


def test_celery_honours_how_often_a_database_connection_is_used():
    assert DjangoWorkerFixup(current_app).db_reuse_max == settings.CELERY_DB_REUSE_MAX == 1000
