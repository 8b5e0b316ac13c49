"""Sends one task through each queue and waits for a worker's answers."""

import secrets
from argparse import ArgumentParser

from celery.exceptions import TimeoutError as CeleryTimeoutError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.tasks import ping


class Command(BaseCommand):
    help = "Send one task through each queue; exit 1 when an answer does not come."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--timeout", type=float, default=20.0, help="seconds to wait for each answer")

    def handle(self, *, timeout: float, **_options: object) -> None:
        word = secrets.token_hex(8)
        sent = [(queue, ping.apply_async(args=[word], queue=queue)) for queue in settings.TASK_QUEUES]
        for queue, result in sent:
            try:
                answer = result.get(timeout=timeout)
            except CeleryTimeoutError as error:
                raise CommandError(f"no worker answered on queue {queue} within {timeout:g} s") from error
            if answer != word:
                raise CommandError(f"the worker of queue {queue} answered something else")
        self.stdout.write(f"workers answered on {', '.join(settings.TASK_QUEUES)}")
