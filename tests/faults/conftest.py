"""Real Celery workers on the test database."""

import uuid
from contextlib import ExitStack

import pytest
from celery import current_app

from tests import processes


@pytest.fixture
def start_worker():
    """Starts workers as tests.processes.worker does; all are ended after the test."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(processes.worker(*args, **options))


@pytest.fixture
def worker(start_worker):
    """A worker with one lane on a queue of its own; the queue's name."""
    queue = f"test-{uuid.uuid4().hex}"
    start_worker(queue)
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
