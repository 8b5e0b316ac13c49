"""Says whether communities are covered without a blind spot; exit code 1 when one is not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from grids.coverage import check_coverage, unassigned_compounds
from grids.models import Community
from grids.rules import square_metres


class Command(BaseCommand):
    help = "Check that every place of a community is in exactly one micro-grid and that the posts are held."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--community", metavar="CODE", help="12 digits; all communities without it")

    def handle(self, *args: Any, **options: Any) -> None:
        communities = Community.objects.in_force()
        if options["community"]:
            communities = communities.filter(code=options["community"])
        if not communities:
            raise CommandError(_("There is no such community."))
        lines = [line for community in communities for line in self.report(community)]
        if not options["community"]:
            lines += self.report_unassigned()
        if lines:
            sys.exit(1)

    def report(self, community: Community) -> list[str]:
        """Prints what is wrong with one community and returns the lines."""
        found = check_coverage(community)
        lines = [_("outline missing: %s") % f"{area.code} {area.name}" for area in found.without_outline]
        lines += [_("gap: %s m²") % square_metres(gap.square_metres) for gap in found.gaps]
        lines += [
            _("overlap of %(first)s and %(second)s: %(m2)s m²")
            % {"first": lap.first.code, "second": lap.second.code, "m2": square_metres(lap.square_metres)}
            for lap in found.overlaps
        ]
        lines += [f"{stray.compound.code} {stray.compound.name}: {stray.words}" for stray in found.strays]
        lines += [
            _("nobody is %(duty)s of %(area)s")
            % {"duty": vacancy.duty.label, "area": f"{vacancy.area.code} {vacancy.area.name}"}
            for vacancy in found.vacancies
        ]
        state = _("whole") if found.is_whole else _("NOT whole")
        self.stdout.write(f"{community.code} {community.name}: {state}")
        for line in lines:
            self.stdout.write(f"  {line}")
        return lines

    def report_unassigned(self) -> list[str]:
        """Prints the compounds that belong to no community and returns the lines."""
        lines = [f"{compound.code} {compound.name}" for compound in unassigned_compounds()]
        if lines:
            self.stdout.write(_("Compounds in no community"))
        for line in lines:
            self.stdout.write(f"  {line}")
        return lines
