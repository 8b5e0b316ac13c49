"""Writes the rows of a file into the tree, inside a transaction that may be taken back, and tells what each changes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import StalePage
from grids.bounded import TooLong, bounded_queries
from grids.choices import CODE_LENGTH, Level
from grids.exchange_base import COMPOUND, Column, Limits, Problem, Row
from grids.exchange_changes import CHANGED, NEW, SAME, Result, measure, update
from grids.exchange_columns import LABELS
from grids.exchange_process import read_file
from grids.exchange_repairs import look_at_repairs
from grids.exchange_shift import Shift, common_shift
from grids.exchange_tangles import tangled_rows
from grids.locate import micro_grids_at
from grids.locks import hold_areas
from grids.models import Area, Compound
from grids.permissions import can_change_area
from grids.rules import boundary_conflicts

BATCH = 500
# How long the outlines of a page's file may be compared with what stands.
COMPARE_SECONDS = 10
COMPOUND_FIELDS = [
    *("name", "source_crs", "boundary", "point", "micro_grid", "address_text", "households", "property_kind"),
    *("built_year", "is_synthetic"),
]
CHANGED_MEANWHILE = gettext_lazy(
    "The areas changed meanwhile and the file no longer fits. Nothing was saved."
)


@dataclass(frozen=True)
class Upload:
    """A file with how to read it; `reading` names its properties, empty: by their names."""

    content: bytes
    file_name: str
    crs: str
    repair: bool = False
    reading: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """Results per row, or the problems for which nothing is saved.

    Where the names of the file's properties say too little (`is_unnamed`) there is neither: somebody has to say
    which of its `columns` stands for what.
    """

    results: list[Result] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    reading: dict[str, str] = field(default_factory=dict)
    is_unnamed: bool = False
    shift: Shift | None = None

    @property
    def is_sound(self) -> bool:
        return not self.problems and not self.is_unnamed

    @property
    def may_be_read_anew(self) -> bool:
        """Whether the properties have names of their own, or another coordinate system fits better."""
        has_own_names = any(field != name for field, name in self.reading.items())
        return self.is_unnamed or has_own_names or bool(self.shift and self.shift.fits)

    @property
    def told_reading(self) -> list[tuple[Any, str]]:
        """What was read from which property, in words."""
        return [(LABELS[field], name) for field, name in self.reading.items()]

    def of_state(self, state: str) -> list[Result]:
        return [result for result in self.results if result.state == state]

    @property
    def added(self) -> list[Result]:
        return self.of_state(NEW)

    @property
    def changed(self) -> list[Result]:
        return self.of_state(CHANGED)

    @property
    def same(self) -> list[Result]:
        return self.of_state(SAME)

    @property
    def in_question(self) -> list[Result]:
        """Repairs that change so much that they need an explicit word."""
        return [result for result in self.results if result.needs_word]

    def count(self, *kinds: str) -> int:
        return sum(result.row.kind in kinds for result in self.results)

    @property
    def area_count(self) -> int:
        return self.count(*Level.values)

    @property
    def compound_count(self) -> int:
        return self.count(COMPOUND)


def bring_in(actor: Any, upload: Upload, limits: Limits | None) -> Outcome:
    """Write all rows inside the caller's transaction and report; the caller rolls back where there are problems."""
    parsed = read_file(
        upload.content,
        upload.file_name,
        crs=upload.crs,
        repair=upload.repair,
        limits=limits,
        reading=upload.reading,
    )
    outcome = Outcome(columns=parsed.columns, reading=parsed.reading, is_unnamed=parsed.is_unnamed)
    if parsed.is_unnamed:
        return outcome
    hold_areas()
    outcome.problems = list(parsed.problems)
    rows = [row for row in parsed.rows if _permitted(actor, row, outcome)]
    outcome.problems += _unknown_areas(rows)
    if not outcome.problems:
        try:
            with transaction.atomic(), bounded_queries(COMPARE_SECONDS if limits else None):
                _write(actor, rows, upload.crs, outcome)
        except TooLong:
            message = _("Comparing the outlines takes too long. Divide or simplify the file.")
            outcome.problems.append(Problem(0, "", message))
        except IntegrityError as error:  # a code was given by hand at this moment
            raise StalePage(CHANGED_MEANWHILE) from error
    outcome.results.sort(key=lambda result: result.row.row)
    outcome.problems.sort(key=lambda problem: problem.row)
    return outcome


def _write(actor: Any, rows: list[Row], crs: str, outcome: Outcome) -> None:
    written = _write_areas(rows, crs, outcome)
    if outcome.is_sound:
        outcome.problems += _tangled(outcome.results, are_areas=True) or _conflicts(written)
        if outcome.is_sound:
            _write_compounds(actor, [row for row in rows if row.kind == COMPOUND], crs, outcome)
    outcome.shift = common_shift(outcome.results, crs)
    if outcome.is_sound:
        measure(outcome.results)
        look_at_repairs(outcome.results)


def _tangled(results: Sequence[Result], *, are_areas: bool) -> list[Problem]:
    message = _("The outline crosses others, or the one it replaces, in too many places. Simplify it.")
    return [_problem(row, message) for row in tangled_rows(results, are_areas=are_areas)]


def _permitted(actor: Any, row: Row, outcome: Outcome) -> bool:
    place = row.parent if row.kind == COMPOUND else row.code
    # A compound without a named micro-grid is judged by where it lies, once that is known.
    if actor is None or (row.kind == COMPOUND and not place) or can_change_area(actor, place):
        return True
    outcome.problems.append(_problem(row, _("This lies outside of the area you keep.")))
    return False


def _problem(row: Row, message: str) -> Problem:
    return Problem(row.row, row.label, message)


def _unknown_areas(rows: list[Row]) -> list[Problem]:
    """Parents that neither stand in the file nor are in force, and codes that were retired."""
    in_file = {row.code for row in rows if row.kind != COMPOUND}
    named = in_file | {row.parent for row in rows if row.parent}
    in_force = set(Area.objects.in_force().filter(code__in=named).values_list("code", flat=True))
    retired = set(Area.objects.filter(code__in=in_file).values_list("code", flat=True)) - in_force
    problems = []
    for row in rows:
        if row.kind != COMPOUND and row.code in retired:
            problems.append(
                _problem(
                    row, _("The code %(code)s was retired; codes are never used again.") % {"code": row.code}
                )
            )
        elif row.parent and row.parent not in in_file and row.parent not in in_force:
            problems.append(
                _problem(row, _("The area %(code)s is unknown or no longer in force.") % {"code": row.parent})
            )
    return problems


def _write_areas(rows: list[Row], crs: str, outcome: Outcome) -> list[tuple[Row, Area]]:
    """Create or change areas level by level, so that parents stand before their children; what is the same stays."""
    written: list[tuple[Row, Area]] = []
    for level in CODE_LENGTH:
        of_level = [row for row in rows if row.kind == level]
        known = {area.code: area for area in Area.objects.filter(code__in=[row.code for row in of_level])}
        parents = {area.code: area for area in Area.objects.filter(code__in={row.parent for row in of_level})}
        pairs, results = [], []
        for row in of_level:
            area = known.get(row.code) or Area(level=level, code=row.code, parent=parents.get(row.parent))
            result = update(row, area, {"name": row.name, **row.facts}, crs=crs)
            if _fields_fit(row, area, outcome):
                pairs.append((row, area))
                results.append(result)
        outcome.problems += _repeated_names(pairs)
        if not outcome.is_sound:
            return []
        _save(
            Area,
            [area for _row, area in pairs],
            results,
            ["name", "boundary", "source_crs", "households_hint"],
        )
        outcome.results += results
        written += pairs
    return written


def _save(model: Any, items: Sequence[Any], results: Sequence[Result], fields: list[str]) -> None:
    """The new ones and the changed ones, each in one query for a batch."""
    pairs = list(zip(items, results, strict=True))
    model.objects.bulk_create([item for item, result in pairs if result.is_new], BATCH)
    changed = [item for item, result in pairs if result.state == CHANGED]
    model.objects.bulk_update(changed, fields, BATCH)


def _fields_fit(row: Row, item: Area | Compound, outcome: Outcome) -> bool:
    try:
        item.clean_fields(exclude=["parent", "micro_grid"])
    except ValidationError as error:
        outcome.problems.append(_problem(row, " ".join(error.messages)))
        return False
    return True


def _repeated_names(pairs: Iterable[tuple[Row, Area]]) -> list[Problem]:
    """Names must differ among the areas in force under one parent, in the file and in the database."""
    pairs = list(pairs)
    in_file = {row.code for row, _area in pairs}
    parents = {area.parent_id for _row, area in pairs if area.parent_id}
    others = Area.objects.filter(parent__in=parents, active_to__isnull=True).exclude(code__in=in_file)
    taken: Counter[tuple[int | None, str]] = Counter(others.values_list("parent_id", "name"))
    taken.update((area.parent_id, area.name) for _row, area in pairs if area.parent_id)
    message = _("A neighbour under the same parent has this name already.")
    return [_problem(row, message) for row, area in pairs if taken[(area.parent_id, area.name)] > 1]


def _conflicts(written: list[tuple[Row, Area]]) -> list[Problem]:
    """Outlines that leave their parent or overlap a neighbour, judged when every row of the file stands."""
    found = boundary_conflicts([area for _row, area in written])
    return [
        _problem(row, sentence)
        for (row, _area), sentences in zip(written, found, strict=True)
        for sentence in sentences
    ]


def _write_compounds(actor: Any, rows: list[Row], crs: str, outcome: Outcome) -> None:
    known = {
        compound.code: compound
        for compound in Compound.objects.filter(code__in=[row.code for row in rows]).select_related(
            "micro_grid"
        )
    }
    homes = {
        area.code: area for area in Area.objects.filter(code__in={row.parent for row in rows if row.parent})
    }
    compounds = [known.get(row.code) or Compound(code=row.code) for row in rows]
    around = micro_grids_at([_point_of(compound, row) for compound, row in zip(compounds, rows, strict=True)])
    results = []
    for compound, row, found in zip(compounds, rows, around, strict=True):
        before = compound.micro_grid
        is_kept = row.geometry is None and before is not None
        home = homes.get(row.parent) or (before if is_kept else _home_by_position(row, found))
        row.parent = home.code if home else ""
        result = update(row, compound, {"name": row.name, "micro_grid": home, **row.facts}, crs=crs)
        # SECURITY: neither taken from a foreign area nor laid into one.
        touched = [home, before] if compound.pk else [home]
        if actor is not None and not all(
            can_change_area(actor, area.code if area else "") for area in touched
        ):
            outcome.problems.append(_problem(row, _("This lies outside of the area you keep.")))
        elif _fields_fit(row, compound, outcome):
            results.append(result)
    outcome.results += results
    if outcome.is_sound:
        _save(Compound, compounds, results, COMPOUND_FIELDS)
        outcome.problems += _tangled(results, are_areas=False)


def _point_of(compound: Compound, row: Row) -> Point | None:
    """Where the compound lies once the row is written; none is worked out for a compound that names its home."""
    if isinstance(row.geometry, MultiPolygon):
        return row.geometry.point_on_surface
    return row.geometry or compound.point


def _home_by_position(row: Row, home: Area | None) -> Area | None:
    """The micro-grid around a compound that names none; a note says which, or that there is none."""
    if home is None:
        row.notes.append(_("It lies in no micro-grid; the coverage check will name it."))
    else:
        row.notes.append(_("It was given to %(name)s, in which it lies.") % {"name": home.name})
    return home
