"""What reading a file of areas and compounds gives: rows, problems, and the limits of a page."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point

from grids.choices import Level

COMPOUND = "compound"
KINDS = (*Level.values, COMPOUND)


@dataclass(frozen=True)
class Limits:
    """How much a page takes in one go; the command takes any size."""

    features: int
    points: int
    outline_points: int


PAGE_LIMITS = Limits(features=20_000, points=200_000, outline_points=20_000)


@dataclass(frozen=True)
class Problem:
    """Why nothing is saved. `row` is the feature's place in the file from 1; 0 is the file itself."""

    row: int
    label: str
    message: str


@dataclass
class Row:
    """One feature that can be read: an area of the tree or a compound, its position in WGS-84.

    `facts` holds only what the file has a property for. `lost_m2` is None unless the outline was repaired: the
    square metres that its drawn line encloses and the repaired outline does not.
    """

    row: int
    kind: str
    code: str
    name: str
    parent: str
    geometry: MultiPolygon | Point | None
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    lost_m2: float | None = None

    @property
    def label(self) -> str:
        return f"{self.name} {self.code}".strip()

    @property
    def is_repaired(self) -> bool:
        return self.lost_m2 is not None


@dataclass(frozen=True)
class Column:
    """A property of the file's features: its name and a first value as an example."""

    name: str
    example: str


@dataclass
class Parsed:
    """`columns` are the file's own properties; `reading` says which of them stands for which of ours.

    `peak_mb` is the most memory the reading process had.
    """

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    reading: dict[str, str] = field(default_factory=dict)
    is_unnamed: bool = False
    peak_mb: int = 0


class Refused(Exception):
    """One sentence about one row, or about the file."""
