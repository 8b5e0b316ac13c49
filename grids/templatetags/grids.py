"""How areas and positions are written on pages."""

from typing import Any

from django import template

from grids.rules import square_metres

register = template.Library()


@register.filter
def m2(value: float) -> str:
    """`1,234 m²`."""
    return f"{square_metres(value)} m²"


@register.filter
def position(point: Any) -> str:
    """Latitude and longitude with five digits, a metre."""
    return f"{point.y:.5f}, {point.x:.5f}"
