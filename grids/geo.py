"""What PostGIS computes of WGS-84 geometry: metres on the ellipsoid, validity, simpler outlines."""

from django.contrib.gis.db.models import GeometryField
from django.db.models import BooleanField, FloatField, Func

# Two drawings of one edge differ: a hand on a map misses by about a metre, and component location of class B in
# GB/T 30428 asks for 1 m. Ground narrower than this is a shared edge, neither overlap nor gap.
EDGE_WIDTH_M = 1.0


class IsValid(Func):
    """Whether an outline neither crosses nor touches itself; unknown for none, so that a constraint lets it pass."""

    function = "ST_IsValid"
    output_field = BooleanField()


class Metres(Func):
    """The distance of two WGS-84 geometries in metres."""

    template = "ST_Distance(%(expressions)s::geography)"
    arg_joiner = "::geography, "
    output_field = FloatField()


class Simplified(Func):
    """An outline with fewer points for display; neighbours keep touching within the tolerance (degrees)."""

    function = "ST_SimplifyPreserveTopology"
    output_field = GeometryField(srid=4326)
