"""Splitting and merging areas: new codes, the old ones retired with a date, everything that hangs on them moved.

A preview runs the same steps and is rolled back, so that it cannot promise something else than what happens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError, NotAllowed, NotOffered
from grids.choices import CODE_LENGTH, Level
from grids.handover import hand_over_posts
from grids.locks import hold_areas
from grids.models import Area, AreaAssignment, Compound
from grids.outlines import is_partition, united
from grids.permissions import can_reshape
from grids.rerouting import Carried, Move, carry_all, reroute_all

RESHAPED = frozenset({Level.GRID, Level.MICRO_GRID})


@dataclass(frozen=True)
class Part:
    """One new area of a split: its name, and its outline (a micro-grid) or its children's codes (a grid)."""

    name: str
    boundary: MultiPolygon | None = None
    children: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reshaped:
    """What a split or merge does: shown as the preview, returned when it was done."""

    retired: tuple[Area, ...]
    created: tuple[Area, ...]
    compounds: tuple[Compound, ...]
    posts: tuple[AreaAssignment, ...]
    settings: tuple[Carried, ...]
    moves: tuple[Move, ...]


def split_area(
    *, actor: Any, code: str, parts: Sequence[Part], now: datetime, dry_run: bool = False
) -> Reshaped:
    """Replace one grid or micro-grid by two or more new ones.

    The parts of a micro-grid are outlines that fill the old one; those of a grid share out its micro-grids, which
    get new codes under their new grid. DomainError with a sentence when the parts do not fit.
    """
    with transaction.atomic():
        (area,) = _locked([code], actor)
        if len(parts) < 2:
            raise DomainError(_("A split makes at least two areas."))
        work = _Reshape(actor, now)
        if area.level == Level.MICRO_GRID:
            _check_partition(area, parts)
            work.replace([area], [(part.name, part.boundary) for part in parts])
        else:
            _split_grid(work, area, parts)
        return work.finish(dry_run)


def merge_areas(
    *, actor: Any, codes: Sequence[str], name: str, now: datetime, dry_run: bool = False
) -> Reshaped:
    """Replace two or more neighbours under one parent by one new area; children get new codes under it."""
    with transaction.atomic():
        areas = _locked(codes, actor)
        if len(areas) < 2:
            raise DomainError(_("Choose at least two areas to merge."))
        if len({(area.parent_id, area.level) for area in areas}) > 1:
            raise DomainError(_("Only areas of one level under the same parent can be merged."))
        boundary = None
        if all(area.boundary for area in areas):
            boundary = united([area.boundary for area in areas])
            if len(boundary) > sum(len(area.boundary) for area in areas) - len(areas) + 1:
                raise DomainError(_("These areas do not touch each other."))
        work = _Reshape(actor, now)
        (merged,) = work.replace(areas, [(name, boundary)])
        for area in areas:
            work.renew_children(list(_children(area)), merged)
        return work.finish(dry_run)


def next_code(parent: Area, level: Level) -> str:
    """The lowest code under the parent above all ever given there. DomainError when the digits are used up."""
    digits = CODE_LENGTH[level] - len(parent.code)
    last = Area.objects.filter(level=level, code__startswith=parent.code).order_by("-code").first()
    number = int(last.code[-digits:]) + 1 if last else 1
    if number >= 10**digits:
        raise DomainError(_("%(name)s has no codes left.") % {"name": parent.name})
    return f"{parent.code}{number:0{digits}d}"


def _locked(codes: Sequence[str], actor: Any) -> list[Area]:
    """The areas by code, locked with their parents and children; refused unless all can be reshaped now."""
    hold_areas()  # serialises the giving of new codes too
    parents = Area.objects.filter(code__in=codes).values("parent")
    around = Area.objects.filter(Q(pk__in=parents) | Q(code__in=codes) | Q(parent__code__in=codes))
    # By code is from the top down.
    locked = around.select_related("parent").select_for_update(of=("self",)).order_by("code")
    areas = [area for area in locked if area.code in codes]
    if len(areas) != len(set(codes)) or not areas:
        raise DomainError(_("One of these areas does not exist."))
    for area in areas:
        if not can_reshape(actor, area):
            raise NotAllowed(_("You may not split or merge %(name)s.") % {"name": area.name})
        if area.level not in RESHAPED:
            raise NotOffered(_("Only grids and micro-grids are split and merged here; import wider areas."))
        if not area.is_in_force:
            raise NotOffered(_("%(name)s is no longer in force.") % {"name": area.name})
    return areas


def _children(area: Area) -> Any:
    return Area.objects.in_force().filter(parent=area).order_by("code")


def _check_partition(area: Area, parts: Sequence[Part]) -> None:
    """The parts' outlines fill the old outline without overlap."""
    outlines = [part.boundary for part in parts if part.boundary is not None]
    if area.boundary is None or len(outlines) != len(parts):
        raise DomainError(_("A micro-grid is split along its outline; draw the outline first."))
    if not is_partition(area.boundary, outlines):
        raise DomainError(_("The parts must fill %(name)s without gap or overlap.") % {"name": area.name})


def _split_grid(work: "_Reshape", area: Area, parts: Sequence[Part]) -> None:
    children = {child.code: child for child in _children(area)}
    given = [code for part in parts for code in part.children]
    if sorted(given) != sorted(children) or not all(part.children for part in parts):
        raise DomainError(
            _("Give every micro-grid to exactly one of the new grids, and at least one to each.")
        )
    shares = [[children[code] for code in part.children] for part in parts]
    outlines = [
        united([child.boundary for child in share]) if all(child.boundary for child in share) else None
        for share in shares
    ]
    created = work.replace(
        [area], [(part.name, outline) for part, outline in zip(parts, outlines, strict=True)]
    )
    for share, grid in zip(shares, created, strict=True):
        work.renew_children(share, grid)


class _Reshape:
    """Collects what one split or merge retires, makes and moves."""

    def __init__(self, actor: Any, now: datetime) -> None:
        self.actor, self.now = actor, now
        self.today = timezone.localdate(now)
        self.retired: list[Area] = []
        self.created: list[Area] = []
        self.compounds: list[Compound] = []
        self.posts: list[AreaAssignment] = []

    def replace(
        self, old: list[Area], new: Sequence[tuple[str, MultiPolygon | None]], parent: Area | None = None
    ) -> list[Area]:
        """Retire the old areas and make the new ones (name, outline) under the same or the given parent."""
        parent = parent or old[0].parent
        if parent is None:
            raise DomainError(_("A district cannot be split or merged."))
        for area in old:
            area.active_to = self.today
            area.save(update_fields=["active_to"])
        created = [self._make(parent, Level(old[0].level), name, outline) for name, outline in new]
        for area in old:
            area.replaced_by.set(created)
        self.retired += old
        self.created += created
        self._move_compounds(old, created)
        self.posts += hand_over_posts(old=old, new=created, today=self.today)
        return created

    def renew_children(self, children: list[Area], parent: Area) -> None:
        """Each child gets a code under its new parent; its name and outline stay."""
        for child in children:
            self.replace([child], [(child.name, child.boundary)], parent)

    def _make(self, parent: Area, level: Level, name: str, outline: MultiPolygon | None) -> Area:
        area = Area(
            level=level, code=next_code(parent, level), name=name, parent=parent, boundary=outline,
            active_from=self.today,
        )  # fmt: skip
        try:
            area.full_clean()
        except ValidationError as error:
            raise DomainError(f"{name}: {' '.join(error.messages)}") from error
        area.save()
        return area

    def _move_compounds(self, old: list[Area], new: list[Area]) -> None:
        """Compounds follow the ground they stand on; one without a position goes to the lowest new code."""
        for compound in Compound.objects.select_for_update().filter(micro_grid__in=old):
            place = compound.point or compound.boundary
            home = next(
                (area for area in new if place and area.boundary and area.boundary.intersects(place)), new[0]
            )
            compound.micro_grid = home
            compound.save(update_fields=["micro_grid"])
            self.compounds.append(compound)

    def finish(self, dry_run: bool) -> Reshaped:
        """Let the apps above move their open matters; a preview takes everything back."""
        settings = tuple(carry_all(self.retired))
        moves = tuple(reroute_all(self.retired, self.actor, self.now))
        if dry_run:
            transaction.set_rollback(True)
        return Reshaped(
            retired=tuple(self.retired),
            created=tuple(self.created),
            compounds=tuple(self.compounds),
            posts=tuple(self.posts),
            settings=settings,
            moves=moves,
        )
