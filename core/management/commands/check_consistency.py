"""Asks whether the rows agree with each other, as after a restore; exit code 1 when some do not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from core.consistency import inconsistencies


class Command(BaseCommand):
    help = "Check what must hold between rows and print each that breaks a rule."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(inconsistencies())
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            sys.exit(1)
