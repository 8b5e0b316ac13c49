"""Areas, places and posts for tests. `area_tree()` makes the branch every test stands on."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import factory
from django.contrib.gis.geos import MultiPolygon, Polygon

from grids.choices import LEVEL_OF_LENGTH, Duty
from grids.models import Area, AreaAssignment, Building, Compound, Entrance

# South-west corner of the test world, in degrees; 0.001 degrees are about 90 m east and 111 m north.
WEST, SOUTH = 103.84, 36.04


def box(west: float, south: float, east: float, north: float) -> MultiPolygon:
    """A rectangle in thousandths of a degree from the corner of the test world."""
    bounds = (WEST + west / 1000, SOUTH + south / 1000, WEST + east / 1000, SOUTH + north / 1000)
    return MultiPolygon(Polygon.from_bbox(bounds), srid=4326)


class AreaFactory(factory.django.DjangoModelFactory):
    """An area of the level its code tells; the parent must exist (see `area_tree`)."""

    class Meta:
        model = Area

    code = "620102"
    level = factory.LazyAttribute(lambda o: LEVEL_OF_LENGTH[len(o.code)].value)
    name = factory.LazyAttribute(lambda o: f"辖区{o.code}")
    parent = factory.LazyAttribute(
        lambda o: Area.objects.filter(
            code__in=[o.code[:n] for n in LEVEL_OF_LENGTH if n < len(o.code)]
        ).last()
    )
    active_from = date(2020, 1, 1)


class AssignmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AreaAssignment

    duty = Duty.GRID_WORKER.value
    from_on = date(2020, 1, 1)


class CompoundFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Compound

    name = factory.Sequence(lambda n: f"{n}号楼院")
    code = factory.Sequence(lambda n: f"C{n:05d}")
    households = 60


class BuildingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Building

    compound = factory.SubFactory(CompoundFactory)
    no = factory.Sequence(lambda n: str(n + 1))


class EntranceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Entrance

    building = factory.SubFactory(BuildingFactory)
    no = factory.Sequence(lambda n: str(n + 1))


@dataclass(frozen=True)
class Tree:
    """Two neighbouring communities: the first with grids 001 (micro-grids 01, 02) and 002 (01), the second with one."""

    areas: dict[str, Area]

    def __getitem__(self, code: str) -> Area:
        """`tree["005001"]`: the area whose code ends so after the subdistrict's."""
        return self.areas[code]


def area_tree() -> Tree:
    """District 620102, subdistrict 017, communities 005 and 006 as rectangles that share their edges."""
    shapes: dict[str, Any] = {
        "005": box(0, 0, 4, 2),
        "005001": box(0, 0, 2, 2),
        "00500101": box(0, 0, 1, 2),
        "00500102": box(1, 0, 2, 2),
        "005002": box(2, 0, 4, 2),
        "00500201": box(2, 0, 4, 2),
        "006": box(4, 0, 6, 2),
        "006001": box(4, 0, 6, 2),
        "00600101": box(4, 0, 6, 2),
    }
    areas: dict[str, Area] = {}
    for code, name in (("620102", "城关区"), ("620102017", "东岗西路街道")):
        areas[code] = Area(code=code, name=name)
    for key, shape in shapes.items():
        code = f"620102017{key}"
        areas[code] = Area(code=code, name=f"辖区{code}", boundary=shape)
    # Level by level: nearly every test stands on this tree, and row by row it takes three times as long.
    for length, level in LEVEL_OF_LENGTH.items():
        rows = [area for code, area in areas.items() if len(code) == length]
        for area in rows:
            area.level, area.active_from = level, date(2020, 1, 1)
            area.parent = next(
                (areas[area.code[:n]] for n in sorted(LEVEL_OF_LENGTH, reverse=True) if n < length), None
            )
        Area.objects.bulk_create(rows)
    return Tree({code.removeprefix("620102017"): area for code, area in areas.items() if len(code) > 6})
