"""The public notice board of a grid (网格公示牌): who serves it, on one A4 sheet."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from grids.choices import CODE_LENGTH, DUTY_NOTES, Duty, Level
from grids.models import Area, AreaAssignment, Compound

# From the community's secretary, who leads all its grids, to the helpers at the door.
BOARD_DUTIES = (Duty.COMMUNITY_SECRETARY, Duty.GRID_LEADER, Duty.GRID_WORKER, Duty.MICRO_GRID_WORKER)


@dataclass(frozen=True)
class BoardLine:
    """One duty with its holders and what residents may expect of it."""

    duty: Any
    note: Any
    people: tuple[AreaAssignment, ...]


@dataclass(frozen=True)
class NoticeBoard:
    area: Area
    lines: tuple[BoardLine, ...]
    compounds: tuple[Compound, ...]
    households: int

    @property
    def above(self) -> str:
        """The community, and the grid of a micro-grid."""
        return self.area.parent.path_name if self.area.parent else ""


def notice_board_of(area: Area) -> NoticeBoard:
    """The board of a grid or micro-grid: its own posts, those above up to the community, those below."""
    above = [area.code[: CODE_LENGTH[level]] for level in (Level.COMMUNITY, Level.GRID)]
    posts = AreaAssignment.objects.current().select_related("user", "area")
    by_duty: dict[str, list[AreaAssignment]] = defaultdict(list)
    for post in posts.filter(area__code__in=above) | posts.filter(area__code__startswith=area.code):
        by_duty[post.duty].append(post)
    compounds = tuple(
        Compound.objects.filter(micro_grid__code__startswith=area.code).select_related("micro_grid")
    )
    return NoticeBoard(
        area=area,
        lines=tuple(
            BoardLine(
                duty.label,
                DUTY_NOTES[duty],
                tuple(sorted(by_duty[duty], key=lambda p: (p.is_deputy, p.area.code))),
            )
            for duty in BOARD_DUTIES
            if by_duty[duty]
        ),
        compounds=compounds,
        households=sum(compound.households or 0 for compound in compounds),
    )
