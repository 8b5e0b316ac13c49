"""Where a report belongs: the places a person may choose, and the micro-grid found from what was chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.gis.db.models import PointField
from django.contrib.gis.geos import Point
from django.db.models import Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.limit_models import parameter, parameters
from core.forms import is_key
from grids.choices import CODE_LENGTH, Level
from grids.geo import Metres
from grids.locate import around
from grids.maps import MapView, bounds_of
from grids.models import Area, Building, Compound, Entrance
from grids.scope import community_codes, covers, scope_paths
from requests_.models import Category, Ticket
from requests_.repeats import earlier_reports
from requests_.selectors import open_nearby


@dataclass(frozen=True)
class Doubt:
    """What else was said about the place and lies elsewhere: the position, or the building beside a chosen micro-grid.

    `other`: where that lies. `metres`: how far the position is from the micro-grid of the report; None of a building.
    """

    other: Area
    metres: float | None = None

    @property
    def kilometres(self) -> float:
        return (self.metres or 0) / 1000


@dataclass(frozen=True)
class Found:
    """The micro-grid of a report. Outside all micro-grids it is the nearest, `distance_m` metres away.

    `close`: the micro-grids among which the position does not decide; `is_chosen`: whether a person has.
    """

    area: Area
    distance_m: float = 0.0
    is_inside: bool = True
    close: tuple[Area, ...] = ()
    is_chosen: bool = False
    doubt: Doubt | None = None

    def among(self, allowed: Callable[[Area], bool]) -> "Found":
        """With those micro-grids near the border left in which one may report; as it is when there are none."""
        close = tuple(area for area in self.close if allowed(area))
        if not close:
            return self
        is_kept = self.area in close
        return replace(
            self,
            close=close,
            area=self.area if is_kept else close[0],
            is_chosen=self.is_chosen and is_kept,
        )


@dataclass(frozen=True)
class Place:
    """What the form says about where: any of it may be missing."""

    compound: Compound | None = None
    building: Building | None = None
    entrance: Entrance | None = None
    point: Point | None = None
    area: Area | None = None
    # Of the position in metres, as the browser says it; the parameter when it says nothing.
    accuracy: float | None = None

    @property
    def best_point(self) -> Point | None:
        """The position given, else that of the building or its compound."""
        return (
            self.point
            or (self.building and self.building.point)
            or (self.compound and self.compound.point)
            or None
        )


def find_area(place: Place, border: str = "") -> Found | None:
    """The chosen micro-grid, else the compound's, else the one at the position, else the nearest to it; or None.

    `border`: the code a person chose where several lie within the accuracy of the position.
    """
    fixed = place.area or (place.compound.micro_grid if place.compound else None)
    if fixed is not None:
        return Found(fixed, doubt=_doubt(place, fixed))
    if place.best_point is None:
        return None
    spots = around(place.best_point)
    if not spots:
        return None
    close = [spot for spot in spots if spot.distance_m <= _accuracy(place)]
    chosen = next((spot for spot in close if spot.area.code == border), None)
    spot = chosen or spots[0]
    is_open = len(close) > 1
    return Found(
        spot.area,
        spot.distance_m,
        spot.is_inside,
        close=tuple(spot.area for spot in close) if is_open else (),
        is_chosen=is_open and chosen is not None,
    )


def _accuracy(place: Place) -> float:
    usual, far = parameters("position_accuracy_m", "position_far_m")
    return usual if place.accuracy is None else min(place.accuracy, far)


def _doubt(place: Place, area: Area) -> Doubt | None:
    """What contradicts the micro-grid: a building in another grid; a position in another grid, or far away from it."""
    home = place.compound.micro_grid if place.compound else None
    if home is not None and _is_elsewhere(home, area):
        return Doubt(home)
    spots = around(place.point) if place.point else []
    if not spots:
        return None
    nearest = spots[0]
    metres = next((spot.distance_m for spot in spots if spot.area == area), None)
    metres = _metres(area, place.point) if metres is None else metres
    in_other_grid = nearest.is_inside and _is_elsewhere(nearest.area, area)
    if in_other_grid and (metres is None or metres > _accuracy(place)):
        return Doubt(nearest.area, metres or 0)
    if metres is not None and metres > parameter("position_far_m"):
        return Doubt(nearest.area, metres)
    return None


def _is_elsewhere(one: Area, other: Area) -> bool:
    """Whether two micro-grids lie in different grids."""
    length = CODE_LENGTH[Level.GRID]
    return one.code[:length] != other.code[:length]


def _metres(area: Area, point: Point | None) -> float | None:
    there = Value(point, output_field=PointField(srid=4326))
    row = Area.objects.filter(pk=area.pk, boundary__isnull=False).annotate(metres=Metres("boundary", there))
    metres: float | None = row.values_list("metres", flat=True).first()
    return metres


def nearby(user: Any, place: Place, category: Category | None) -> list[Ticket]:
    """Open tickets of the category at or near the place that the person sees; none while either is missing."""
    if category is None:
        return []
    return open_nearby(user, category=category, point=place.best_point, building=place.building)


def repeated(user: Any, place: Place, category: Category | None, phone: str) -> tuple[list[Ticket], int]:
    """Earlier reports of this matter that the person may know of, and which report the new one will be for them."""
    if category is None:
        return [], 1
    new = Ticket(
        category=category,
        compound=place.compound,
        building=place.building,
        entrance=place.entrance,
        point=place.best_point,
        caller_phone=phone,
    )
    return earlier_reports(user, new, timezone.now())


def _in_reach(user: Any, prefix: str) -> Q:
    """Rows of the communities the person's posts lie in: there one may report."""
    reach = Q(pk__in=[])
    for code in community_codes(user):
        reach |= Q(**{f"{prefix}code__startswith": code})
    return reach


def micro_grids(user: Any) -> list[Area]:
    """Micro-grids in force one may report in, one's own first."""
    rows = Area.objects.in_force().filter(_in_reach(user, ""), level=Level.MICRO_GRID).defer("boundary")
    return _own_first(user, rows.order_by("code"), lambda area: area.code)


def compounds(user: Any) -> list[Compound]:
    """Compounds one may report in, with their buildings, one's own first."""
    rows = Compound.objects.filter(_in_reach(user, "micro_grid__")).select_related("micro_grid")
    rows = rows.defer("boundary", "micro_grid__boundary").prefetch_related("buildings").order_by("code")
    return _own_first(user, rows, lambda compound: compound.micro_grid.code)


def find_place(user: Any, value: str) -> tuple[Compound, Building | None] | None:
    """The compound (`compound:CODE`) or building (`building:KEY`) of that name, if one may report in it; one query."""
    kind, _colon, key = value.partition(":")
    if kind == "building" and is_key(key):
        buildings = Building.objects.filter(_in_reach(user, "compound__micro_grid__"), pk=key)
        buildings = buildings.select_related("compound__micro_grid")
        building = buildings.defer("compound__boundary", "compound__micro_grid__boundary").first()
        return (building.compound, building) if building else None
    if kind == "compound" and key.isprintable():
        rows = Compound.objects.filter(_in_reach(user, "micro_grid__"), code=key)
        compound = rows.select_related("micro_grid").defer("boundary", "micro_grid__boundary").first()
        return (compound, None) if compound else None
    return None


def report_map(user: Any) -> MapView:
    """The map of the report: tapping it sets the position. It opens on the person's own areas."""
    own = Area.objects.filter(code__in=scope_paths(user)).values_list("boundary", flat=True)
    return MapView(
        id="report-map",
        size="small",
        label=_("Tap the map to set the position"),
        areas_url=reverse("grids:areas_geojson") + "?plain=1",
        level=Level.MICRO_GRID.value,
        bounds=bounds_of(own),
        lat_input="id_latitude",
        lng_input="id_longitude",
        accuracy_input="id_accuracy",
    )


def entrances(building: Building | None) -> Sequence[Entrance]:
    """The stairwells of a building."""
    return list(building.entrances.select_related("building__compound").order_by("no")) if building else []


def _own_first(user: Any, rows: Any, code_of: Any) -> list[Any]:
    return sorted(rows, key=lambda row: not covers(user, code_of(row)))
