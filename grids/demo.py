"""The demonstration's areas and places: the real community's published counts, everything else synthetic."""

import json
from datetime import date, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from grids.choices import Level, SourceCrs
from grids.importing import import_areas
from grids.models import Area, Building, Compound, DoorPlate, Entrance

DATA = Path(__file__).parent / "data"
DISTRICT, SUBDISTRICT, COMMUNITY = "620102", "620102017", "620102017005"
FILES = ("yizhichuan.geojson", "neighbour.geojson")
# The division into 9 grids and 13 micro-grids was published in 2023.
IN_FORCE_FROM = date(2023, 1, 1)
# The estate of the published story: 5 buildings, 12 entrances, 308 dwellings, door plates 154 to 184, even side.
ESTATE, ESTATE_STREET = "620102017005-003", "甘南路"
ESTATE_ENTRANCES = (3, 3, 2, 2, 2)
ESTATE_DWELLINGS = (78, 78, 52, 50, 50)
ESTATE_PLATES = range(154, 185, 2)
FLOORS = (6, 7, 6, 8, 7, 18)


def load_demo_areas(*, now: datetime) -> Area:
    """Areas, compounds, buildings, entrances and door plates of two communities; returns the first.

    ValueError when the data files do not fit the rules.
    """
    district = Area.objects.create(
        level=Level.DISTRICT, code=DISTRICT, name="城关区", active_from=IN_FORCE_FROM
    )
    Area.objects.create(
        level=Level.SUBDISTRICT,
        code=SUBDISTRICT,
        name="东岗西路街道",
        parent=district,
        active_from=IN_FORCE_FROM,
    )
    for name in FILES:
        content = (DATA / name).read_bytes()
        outcome = import_areas(actor=None, content=content, file_name=name, crs=SourceCrs.WGS84, now=now)
        if not outcome.is_sound:
            raise ValueError(outcome.problems)
        for feature in json.loads(content)["features"]:
            if feature["properties"]["level"] == "compound":
                _build(feature["properties"])
    Area.objects.below(DISTRICT).update(active_from=IN_FORCE_FROM)
    return Area.objects.get(code=COMMUNITY)


def _build(facts: dict[str, Any]) -> None:
    """The buildings, entrances and plates of one compound, by the counts in its feature."""
    compound = Compound.objects.get(code=f"{facts['micro_grid'][:12]}-{facts['number']:03d}")
    if compound.code == ESTATE:
        entrances: list[int] = list(ESTATE_ENTRANCES)
        dwellings: list[int] = list(ESTATE_DWELLINGS)
    else:
        entrances = _share(facts["units"], facts["buildings"])
        dwellings = _share(facts["households"], facts["buildings"])
    floors = islice(cycle(FLOORS), facts["number"], None)
    buildings = Building.objects.bulk_create(
        Building(
            compound=compound,
            no=str(number),
            floors=next(floors),
            dwellings_hint=dwelling_count,
            point=compound.point,
        )
        for number, dwelling_count in enumerate(dwellings, start=1)
    )
    Entrance.objects.bulk_create(
        Entrance(building=building, no=str(number))
        for building, count in zip(buildings, entrances, strict=True)
        for number in range(1, count + 1)
    )
    if compound.code == ESTATE:
        _hang_plates(buildings)


def _hang_plates(buildings: list[Building]) -> None:
    """The estate's sixteen plates along its five buildings."""
    numbers = iter(ESTATE_PLATES)
    DoorPlate.objects.bulk_create(
        DoorPlate(building=building, street=ESTATE_STREET, number=str(next(numbers)))
        for building, count in zip(buildings, _share(len(ESTATE_PLATES), len(buildings)), strict=True)
        for _plate in range(count)
    )


def _share(total: int, parts: int) -> list[int]:
    """`total` divided as evenly as whole numbers allow; the first parts get the rest."""
    quotient, rest = divmod(total, parts)
    return [quotient + (place < rest) for place in range(parts)]
