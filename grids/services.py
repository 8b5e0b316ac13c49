"""The writers of this app in one place, for those who call them."""

from grids.calendar_keeping import import_year, set_workday
from grids.handover import assign_post, end_post, hand_over_post
from grids.importing import confirm_import, import_areas, stage_import
from grids.reshape import merge_areas, split_area

__all__ = [
    "assign_post",
    "confirm_import",
    "end_post",
    "hand_over_post",
    "import_areas",
    "import_year",
    "merge_areas",
    "set_workday",
    "split_area",
    "stage_import",
]
