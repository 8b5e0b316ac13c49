"""Imports a file of outlines of any size; everything or nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from grids.choices import SourceCrs
from grids.importing import import_areas


class Command(BaseCommand):
    help = (
        "Import areas and compounds from a file: GeoJSON, shapefile in a zip, KML or GeoPackage. "
        "With a problem in any row nothing is saved."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--crs", required=True, choices=SourceCrs.values, help="coordinate system the file was made in"
        )
        parser.add_argument(
            "--repair", action="store_true", help="repair outlines that cross themselves, naming each"
        )

        parser.add_argument(
            "--accept-repairs",
            action="store_true",
            help="save repairs that change much or leave out a whole place; without it they are listed only",
        )

    def handle(
        self, *args: Any, file: Path, crs: str, repair: bool, accept_repairs: bool, **options: Any
    ) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(_("The file %(file)s cannot be read.") % {"file": file}) from error
        try:
            outcome = import_areas(
                actor=None,
                content=content,
                file_name=file.name,
                crs=crs,
                repair=repair,
                is_looked_at=accept_repairs,
                now=timezone.now(),
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        for result in outcome.results:
            for note in (*result.row.notes, *result.repairs):
                self.stdout.write(f"{result.row.row} {result.row.label}: {note}")
        if outcome.shift:
            self.stdout.write(outcome.shift.words)
        for problem in outcome.problems:
            self.stderr.write(f"{problem.row or '-'} {problem.label}: {problem.message}")
        if not outcome.is_sound:
            raise CommandError(_("Nothing was saved."))
        counts = {"areas": outcome.area_count, "compounds": outcome.compound_count}
        self.stdout.write(_("Imported: %(areas)s areas and %(compounds)s compounds.") % counts)
