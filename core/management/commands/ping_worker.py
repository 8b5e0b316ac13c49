"""Sends one task through the broker and waits for a worker's answer."""

import secrets
from argparse import ArgumentParser

from celery.exceptions import TimeoutError as CeleryTimeoutError
from django.core.management.base import BaseCommand, CommandError

from core.tasks import ping


class Command(BaseCommand):
    help = "Send one task through the worker; exit 1 when no answer comes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--timeout", type=float, default=20.0)

    def handle(self, *, timeout: float, **_options: object) -> None:
        word = secrets.token_hex(8)
        try:
            answer = ping.delay(word).get(timeout=timeout)
        except CeleryTimeoutError as error:
            raise CommandError(f"no worker answered within {timeout:g} s") from error
        if answer != word:
            raise CommandError("the worker answered something else")
        self.stdout.write("worker answered")
