"""How areas and positions are written on pages."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from grids.rules import square_metres

register = template.Library()


@register.filter
def m2(value: float) -> str:
    """`1,234 m²`."""
    return _("%(m2)s m²") % {"m2": square_metres(value)}


@register.filter
def position(point: Any) -> str:
    """Latitude and longitude with five digits, a metre."""
    return f"{point.y:.5f}, {point.x:.5f}"
