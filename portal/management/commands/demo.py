"""Builds the demonstration in an empty database, or prints its logins."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.demo import CAST, PASSWORD
from portal.demo import build, is_empty
from portal.services import forget_heartbeats


class Command(BaseCommand):
    help = (
        "Build the demonstration's synthetic data if the database is empty; --logins prints who may sign in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--logins", action="store_true", help="only print the cast of logins")

    def handle(self, *, logins: bool, **_options: object) -> None:
        if logins:
            for part in CAST:
                if part.shown:
                    self.stdout.write(f"  {part.username:<12} {PASSWORD}  {part.name} · {part.note}")
            return
        forget_heartbeats()  # bin/demo starts the worker after this command and waits for its first heartbeat
        if not is_empty():
            self.stdout.write("demo data: already there")
            return
        count = build(now=timezone.now())
        self.stdout.write(f"demo data: built, {count} tickets")
