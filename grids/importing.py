"""Imports areas and compounds from GeoJSON: everything or nothing, and a preview by the same path."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, hypot, radians
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import NotAllowed, NotOffered, StalePage
from grids.choices import CODE_LENGTH, Level
from grids.geojson import COMPOUND, Limits, Problem, Row, parse
from grids.locate import micro_grids_at
from grids.locks import hold_areas
from grids.models import Area, AreaImport, Compound
from grids.permissions import can_change_area, can_keep_areas
from grids.rules import boundary_conflicts

BATCH = 500
METRES_PER_DEGREE = 111_195
# Less is the ordinary correction of a corner; GCJ-02 read as WGS-84 moves an outline by about 200 m.
WORTH_A_WORD_M = 50
WAITS_FOR = timedelta(days=1)
CHANGED_MEANWHILE = gettext_lazy(
    "The areas changed meanwhile and the file no longer fits. Nothing was saved."
)


@dataclass(frozen=True)
class Result:
    """What happens to one row."""

    row: Row
    is_new: bool


@dataclass
class Outcome:
    """Results per row, or the problems for which nothing is saved."""

    results: list[Result] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.problems

    def count(self, *kinds: str) -> int:
        return sum(result.row.kind in kinds for result in self.results)

    @property
    def area_count(self) -> int:
        return self.count(*Level.values)

    @property
    def compound_count(self) -> int:
        return self.count(COMPOUND)


@dataclass(frozen=True)
class Staged:
    """An upload kept until it is confirmed, with its preview; no upload when there are problems."""

    upload: AreaImport | None
    outcome: Outcome


def stage_import(
    *, actor: Any, content: bytes, file_name: str, crs: str, repair: bool, limits: Limits | None = None
) -> Staged:
    """Preview a file by doing it and taking it back; keep one without problems until it is confirmed.

    An earlier upload of the same person that was not confirmed is forgotten.
    """
    if not can_keep_areas(actor):
        raise NotAllowed(_("You may not import boundaries."))
    with transaction.atomic():
        outcome = _import(actor, content, crs, repair, limits)
        transaction.set_rollback(True)
    if not outcome.is_sound:
        return Staged(None, outcome)
    with transaction.atomic():
        AreaImport.objects.waiting(actor).delete()
        upload = AreaImport.objects.create(
            owner=actor, content=content, file_name=file_name[-120:], source_crs=crs, repair=repair
        )
    return Staged(upload, outcome)


@transaction.atomic
def confirm_import(*, actor: Any, upload: AreaImport, limits: Limits | None) -> Outcome:
    """Save every row of the upload. StalePage when it has problems by now or is no longer kept."""
    kept = AreaImport.objects.select_for_update().filter(pk=upload.pk).first()
    if kept is None:
        raise StalePage(_("This upload is no longer kept. Upload the file again."))
    upload = kept
    if upload.confirmed_at is not None:
        raise NotOffered(_("This file was imported already."))
    outcome = _import(actor, bytes(upload.content), upload.source_crs, upload.repair, limits)
    if not outcome.is_sound:
        raise StalePage(CHANGED_MEANWHILE)
    _record(upload, outcome, timezone.now())
    return outcome


@transaction.atomic
def import_areas(
    *, actor: Any, content: bytes, file_name: str, crs: str, now: datetime, repair: bool = False
) -> Outcome:
    """Import in one go, any size, as the command does; `actor` None stands for the operator at the console.

    With problems nothing is saved and they are returned.
    """
    outcome = _import(actor, content, crs, repair, None)
    if outcome.is_sound:
        upload = AreaImport(
            owner=actor, file_name=file_name[-120:], source_crs=crs, repair=repair, uploaded_at=now
        )
        _record(upload, outcome, now)
    else:
        transaction.set_rollback(True)
    return outcome


def drop_waiting_imports(*, now: datetime | None = None) -> int:
    """Deletes uploads that were previewed more than a day ago and not confirmed; returns how many."""
    old = AreaImport.objects.filter(
        confirmed_at__isnull=True, uploaded_at__lt=(now or timezone.now()) - WAITS_FOR
    )
    return old.delete()[0]


def _record(upload: AreaImport, outcome: Outcome, now: datetime) -> None:
    upload.content = b""
    upload.confirmed_at = now
    upload.area_count, upload.compound_count = outcome.area_count, outcome.compound_count
    upload.save()


def _import(actor: Any, content: bytes, crs: str, repair: bool, limits: Limits | None) -> Outcome:
    """Write all rows inside the caller's transaction and report; the caller rolls back where there are problems."""
    parsed = parse(content, crs=crs, repair=repair, limits=limits)
    hold_areas()
    outcome = Outcome(problems=list(parsed.problems))
    rows = [row for row in parsed.rows if _permitted(actor, row, outcome)]
    outcome.problems += _unknown_areas(rows)
    if outcome.problems:
        outcome.problems.sort(key=lambda problem: problem.row)
        return outcome
    try:
        with transaction.atomic():
            _write(actor, rows, crs, outcome)
    except IntegrityError as error:  # a code was given by hand at this moment
        raise StalePage(CHANGED_MEANWHILE) from error
    outcome.results.sort(key=lambda result: result.row.row)
    outcome.problems.sort(key=lambda problem: problem.row)
    return outcome


def _write(actor: Any, rows: list[Row], crs: str, outcome: Outcome) -> None:
    changed = _write_areas(rows, crs, outcome)
    if outcome.is_sound:
        outcome.problems += _conflicts(changed)
    if outcome.is_sound:
        _write_compounds(actor, [row for row in rows if row.kind == COMPOUND], crs, outcome)


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
    """Create or change areas level by level, so that parents stand before their children."""
    written: list[tuple[Row, Area]] = []
    for level in CODE_LENGTH:
        of_level = [row for row in rows if row.kind == level]
        known = {area.code: area for area in Area.objects.filter(code__in=[row.code for row in of_level])}
        parents = {area.code: area for area in Area.objects.filter(code__in={row.parent for row in of_level})}
        pairs = []
        for row in of_level:
            area = known.get(row.code) or Area(level=level, code=row.code, parent=parents.get(row.parent))
            _note_shift(row, area)
            area.name, area.boundary, area.source_crs = row.name, row.geometry, crs
            if row.facts["households_hint"] is not None:
                area.households_hint = row.facts["households_hint"]
            if _fields_fit(row, area, outcome):
                pairs.append((row, area))
        outcome.problems += _repeated_names(pairs)
        if not outcome.is_sound:
            return []
        Area.objects.bulk_create([area for row, area in pairs if not area.pk], BATCH)
        changed = [area for row, area in pairs if row.code in known]
        Area.objects.bulk_update(changed, ["name", "boundary", "source_crs", "households_hint"], BATCH)
        outcome.results += [Result(row, row.code not in known) for row, _area in pairs]
        written += pairs
    return written


def _note_shift(row: Row, area: Area) -> None:
    """A word about an outline that moves as a whole: a coordinate system declared wrongly looks like this."""
    if area.boundary is None or row.geometry is None:
        return
    old, new = area.boundary.centroid, row.geometry.centroid
    metres = hypot((new.x - old.x) * cos(radians(old.y)), new.y - old.y) * METRES_PER_DEGREE
    if metres >= WORTH_A_WORD_M:
        row.notes.append(_("Its middle moves by %(metres)s m.") % {"metres": round(metres)})


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
    for compound, row in zip(compounds, rows, strict=True):
        _place(compound, row)
    around = micro_grids_at([compound.point for compound in compounds])
    for compound, row, found in zip(compounds, rows, around, strict=True):
        before = compound.micro_grid
        compound.name, compound.source_crs = row.name, crs
        for name, value in row.facts.items():
            setattr(compound, name, value)
        compound.micro_grid = homes.get(row.parent) or _home_by_position(row, found)
        # SECURITY: neither taken from a foreign area nor laid into one.
        touched = [compound.micro_grid, before] if compound.pk else [compound.micro_grid]
        if actor is not None and not all(
            can_change_area(actor, home.code if home else "") for home in touched
        ):
            outcome.problems.append(_problem(row, _("This lies outside of the area you keep.")))
        elif _fields_fit(row, compound, outcome):
            outcome.results.append(Result(row, compound.pk is None))
    changed = [compound for compound in compounds if compound.pk]
    if outcome.is_sound:
        Compound.objects.bulk_create([compound for compound in compounds if not compound.pk], BATCH)
        fields = ["name", "source_crs", "boundary", "point", "micro_grid", *(rows[0].facts if rows else ())]
        Compound.objects.bulk_update(changed, fields, BATCH)


def _place(compound: Compound, row: Row) -> None:
    if isinstance(row.geometry, MultiPolygon):
        compound.boundary, compound.point = row.geometry, row.geometry.point_on_surface
    elif isinstance(row.geometry, Point):
        compound.boundary, compound.point = None, row.geometry


def _home_by_position(row: Row, home: Area | None) -> Area | None:
    """The micro-grid around a compound that names none; a note says which, or that there is none."""
    if home is None:
        row.notes.append(_("It lies in no micro-grid; the coverage check will name it."))
    else:
        row.notes.append(_("It was given to %(name)s, in which it lies.") % {"name": home.name})
    return home
