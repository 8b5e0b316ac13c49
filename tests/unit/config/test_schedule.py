"""The beat list: every entry against an expectation written by hand, and run twice without harm."""

from datetime import date, timedelta

import pytest
import time_machine
from celery import current_app
from celery.schedules import crontab, maybe_schedule
from django.apps import apps
from django.utils import timezone

from casework.models import RecountOrder
from casework.photos import stage_photo
from config.schedule import BEAT_SCHEDULE
from grids.models import AreaImport
from portal.models import Heartbeat
from tests.factories.requests import accept, dispatch, finish, picture, report, take

current_app.loader.import_default_modules()  # as a worker does
EVERY_MINUTE = crontab(minute="*")
HALF_A_MINUTE = timedelta(seconds=30)
# Entry: task, arguments, queue, schedule. A new entry needs a line here.
EXPECTED = {
    "heartbeat-default": ("portal.tasks.heartbeat", ("default",), "default", HALF_A_MINUTE),
    "heartbeat-deliver": ("portal.tasks.heartbeat", ("deliver",), "deliver", HALF_A_MINUTE),
    "heartbeat-bulk": ("portal.tasks.heartbeat", ("bulk",), "bulk", HALF_A_MINUTE),
    "reminders-sweep": ("casework.tasks.sweep_reminders", (), "default", EVERY_MINUTE),
    "deadlines-recount": ("casework.tasks.recompute_deadlines", (), "bulk", crontab(minute="*/5")),
    "tickets-archive": ("requests_.tasks.archive_closed", (), "bulk", crontab(hour=2, minute=10)),
    "photos-drop-staged": ("casework.tasks.drop_photos", (), "default", crontab(hour=2, minute=40)),
    "imports-drop-waiting": ("grids.tasks.drop_imports", (), "default", crontab(hour=2, minute=50)),
}


def queue_of(entry):
    """The name of the queue that beat puts the task into."""
    options = dict(entry.get("options", {}))
    return current_app.amqp.router.route(options, entry["task"])["queue"].name


def content():
    """Every row of ours, as text; of a heartbeat not when, only that."""
    return {
        model._meta.label: sorted(
            [str(value) for key, value in row.items() if (model, key) != (Heartbeat, "at")]
            for row in model._base_manager.values()
        )
        for model in apps.get_models()
        if not model._meta.proxy
    }


def test_beat_runs_this_list_and_nothing_else():
    assert BEAT_SCHEDULE.keys() == EXPECTED.keys()
    assert current_app.conf.beat_schedule == BEAT_SCHEDULE


@pytest.mark.parametrize("name", EXPECTED)
def test_every_entry_is_a_task_of_ours_on_a_known_queue_at_its_time(name, settings):
    entry, (task, arguments, queue, schedule) = BEAT_SCHEDULE[name], EXPECTED[name]
    assert entry["task"] == task
    assert task in current_app.tasks
    assert tuple(entry.get("args", ())) == arguments
    assert queue_of(entry) == queue
    assert queue in settings.TASK_QUEUES
    assert maybe_schedule(entry["schedule"]) == maybe_schedule(schedule)


def test_every_queue_has_a_heartbeat_that_nobody_answers_too_late(settings):
    asked = [entry for entry in BEAT_SCHEDULE.values() if entry["task"] == "portal.tasks.heartbeat"]
    assert {queue_of(entry) for entry in asked} == set(settings.TASK_QUEUES)
    assert all(entry["args"] == (queue_of(entry),) for entry in asked)
    assert {entry["options"]["expires"] for entry in asked} == {120}


@pytest.fixture
def work_to_do(micro_grid_worker, grid_leader, grid_worker, tree):
    """From forty days ago: a ticket nobody signed for, a closed one, a picture of a form nobody finished, a boundary
    file nobody confirmed, and a change of the calendar that nobody has counted.
    """
    with time_machine.travel(timezone.now() - timedelta(days=40)):
        for _ in range(2):
            ticket = report(micro_grid_worker, tree["00500101"])
            accept(ticket, grid_leader)
            dispatch(ticket, grid_leader, grid_worker)
        take(ticket, "sign", grid_worker)
        finish(ticket, grid_worker)
        take(ticket, "pass_review", grid_leader)
        stage_photo(owner=grid_worker, upload=picture())
        AreaImport.objects.create(
            owner=grid_worker, file_name="areas.geojson", source_crs="wgs84", content=b"{}"
        )
    RecountOrder.objects.create(first_on=date(2026, 1, 1), last_on=date(2026, 12, 31), made_at=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXPECTED)
def test_an_entry_that_runs_twice_does_no_harm(name, work_to_do):
    entry = BEAT_SCHEDULE[name]

    def run():
        current_app.tasks[entry["task"]].apply(args=entry.get("args", ()), throw=True)
        return content()

    before, after = content(), run()
    assert after != before
    assert run() == after
