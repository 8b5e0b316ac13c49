"""Whether a whole file lies beside what stands, as one does whose coordinate system was declared wrongly."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from django.utils.translation import gettext as _

from grids.choices import SourceCrs
from grids.coords import FROM_WGS84, TO_WGS84, Position
from grids.exchange_changes import Result, metres_between

# Less is the ordinary correction of a corner; GCJ-02 read as WGS-84 moves everything by 100 to 700 m.
WORTH_A_WORD_M = 50
# How many of the corners must move alike, and how far each may differ from the mean, as parts of it.
MOST, ALIKE = 0.8, 0.3
# Another system fits when no more than this part of the shift is left under it.
LEFT_OVER = 0.25
LOOKED_AT = 500


@dataclass(frozen=True)
class Shift:
    """Everything lies about `metres` beside what stands; read as `fits` it would lie within `rest`."""

    metres: int
    fits: SourceCrs | None
    rest: int

    @property
    def words(self) -> str:
        facts = {"metres": self.metres, "rest": self.rest, "system": self.fits.label if self.fits else ""}
        if self.fits:
            return (
                _(
                    "Everything lies about %(metres)s m beside what stands. Read as %(system)s it would fit within "
                    "%(rest)s m: the coordinate system is probably declared wrongly."
                )
                % facts
            )
        return (
            _(
                "Everything lies about %(metres)s m beside what stands, in one direction. Check the coordinate system."
            )
            % facts
        )


def common_shift(results: Sequence[Result], declared: str) -> Shift | None:
    """The shift all rows have in common, from the corners of what stands and of what replaces it; None without."""
    pairs = [pair for result in results for pair in _corners(result)][:LOOKED_AT]
    moves = [metres_between(old, new) for old, new in pairs]
    if len(moves) < 2:
        return None
    mean = (
        sum(east for east, _north in moves) / len(moves),
        sum(north for _east, north in moves) / len(moves),
    )
    length = hypot(*mean)
    alike = sum(hypot(east - mean[0], north - mean[1]) <= ALIKE * length for east, north in moves)
    if length < WORTH_A_WORD_M or alike < MOST * len(moves):
        return None
    rests = {crs: _left(pairs, declared, crs) for crs in SourceCrs if crs != declared}
    best = min(rests, key=lambda crs: rests[crs])
    fits = best if rests[best] < LEFT_OVER * length else None
    return Shift(round(length), fits, max(1, round(rests[best])))


def _corners(result: Result) -> list[tuple[Position, Position]]:
    """South-west and north-east of what stands and of what replaces it: of a shape that was redrawn they move apart."""
    old, new = result.old_shape, result.new_shape
    if old is None or new is None:
        return []
    if not result.is_redrawn:
        before, after = old.centroid, new.centroid
        return [((before.x, before.y), (after.x, after.y))]
    west, south, east, north = old.extent
    new_west, new_south, new_east, new_north = new.extent
    return [((west, south), (new_west, new_south)), ((east, north), (new_east, new_north))]


def _left(pairs: Sequence[tuple[Position, Position]], declared: str, crs: str) -> float:
    """How many metres are left on average when the file is read as `crs`."""
    left = 0.0
    for old, new in pairs:
        read_anew = TO_WGS84[crs](*FROM_WGS84[declared](*new))
        left += hypot(*metres_between(old, read_anew))
    return left / len(pairs)
