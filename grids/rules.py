"""The rules of outlines: valid, inside the parent, not over a neighbour. Sizes and household counts are advice only."""

from typing import TYPE_CHECKING

from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from grids.models import Area


def square_metres(value: float) -> str:
    """Whole square metres as people read them; at least 1, since a conflict is never nothing."""
    return f"{max(1, round(value)):,}"


def check_boundary(area: "Area") -> None:
    """Raise ValidationError on `boundary` naming each neighbour and the square metres in conflict.

    Nothing is checked without an outline or for a retired area: history keeps its shape.
    """
    if area.boundary is None or area.active_to is not None:
        return
    if not area.boundary.valid:
        raise ValidationError({"boundary": _("The outline crosses or touches itself. Draw it again.")})
    problems = boundary_conflicts(area)
    if problems:
        raise ValidationError({"boundary": problems})


def boundary_conflicts(area: "Area") -> list[str]:
    """One sentence per conflict of a valid outline with its parent, the areas of its level and its children."""
    areas = apps.get_model("grids", "Area").objects.in_force()
    overlapped = areas.filter(level=area.level).exclude(pk=area.pk).crossing(area.boundary)
    found = [
        _("It overlaps %(name)s (%(code)s) by %(m2)s m².") % _facts(other, other.shared_m2)
        for other in overlapped
    ]
    found += [
        _("It lies outside of %(name)s (%(code)s) by %(m2)s m².") % _facts(parent, parent.outside_m2)
        for parent in areas.filter(pk=area.parent_id).not_holding(area.boundary)
    ]
    if area.pk:
        found += [
            _("%(name)s (%(code)s), which belongs to it, would lie outside by %(m2)s m².")
            % _facts(child, child.outside_m2)
            for child in areas.filter(parent_id=area.pk).reaching_outside(area.boundary)
        ]
    return found


def _facts(other: "Area", metres: float) -> dict[str, str]:
    return {"name": other.name, "code": other.code, "m2": square_metres(metres)}
