"""The writers of this app in one place, for those who call them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.errors import DomainError, NotAllowed
from grids.calendar_keeping import import_year, set_workday
from grids.handover import assign_post, end_post, hand_over_post
from grids.importing import confirm_import, import_areas, stage_import
from grids.models import Area
from grids.permissions import can_change_area
from grids.reshape import merge_areas, split_area

__all__ = [
    "assign_post",
    "confirm_import",
    "end_post",
    "hand_over_post",
    "import_areas",
    "import_year",
    "merge_areas",
    "save_area",
    "set_workday",
    "split_area",
    "stage_import",
]


def save_area(*, actor: Any, area: Area) -> Area:
    """Save an area that keeps the rules of the tree and of outlines. DomainError names what is in the way."""
    if not can_change_area(actor, area.code):
        raise NotAllowed(_("This lies outside of the area you keep."))
    try:
        area.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from error
    area.save()
    return area
