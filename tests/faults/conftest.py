"""Real Celery workers on the test database, and patience that is bounded."""

import os
import subprocess
import sys
import time
import uuid

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection

# Before a command: it ends when the tests are killed.
MORTAL = ["setpriv", "--pdeathsig", "TERM", "--"]


@pytest.fixture
def eventually():
    """Asks again until the answer is true and returns it; fails after `seconds`."""

    def wait(question, *, seconds=30.0):
        deadline = time.monotonic() + seconds
        while not (answer := question()):
            assert time.monotonic() < deadline, f"still not so after {seconds:g} s"
            time.sleep(0.05)
        return answer

    return wait


@pytest.fixture
def worker_environment():
    """What a worker process reads: the test database, its connections named after the worker."""

    def build(name, **more):
        database = settings.DATABASES["default"]
        host = database["HOST"] or database["OPTIONS"]["host"]
        url = f"postgis://{database['USER']}@/{connection.settings_dict['NAME']}?host={host}"
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": f"{url}&application_name={name}",
            **more,
        }

    return build


@pytest.fixture
def start_worker(worker_environment):
    """Starts worker processes: start_worker(name, *options, **environment); all are ended after the test."""
    processes = []

    def start(name, *options, **more):
        celery = [sys.executable, "-m", "celery", "-A", "config", "worker", "-l", "WARNING"]
        command = [*MORTAL, *celery, "-n", f"{name}@test", "--without-gossip", "--without-mingle", *options]
        process = subprocess.Popen(
            command,
            env=worker_environment(name, **more),
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=20)


@pytest.fixture
def worker(start_worker):
    """A worker with one lane on a queue of its own; the queue's name."""
    queue = f"test-{uuid.uuid4().hex}"
    start_worker(queue, "-P", "solo", "-Q", queue)
    return queue


@pytest.fixture
def not_eager():
    """Tasks sent by the test go to the broker."""
    current_app.conf.task_always_eager = False
    yield
    current_app.conf.task_always_eager = True


@pytest.fixture
def run_in_worker(worker, not_eager):
    """Sends tasks and then a ping; a worker with one lane has done them all when the ping comes back."""

    def run(*names):
        for name in names:
            current_app.send_task(name, queue=worker)
        assert current_app.send_task("core.tasks.ping", args=["done"], queue=worker).get(timeout=60) == "done"

    return run
