"""Arithmetic of outlines that PostGIS does better than a hand: cutting along a line, uniting, filling."""

from collections.abc import Sequence
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, LineString, MultiPolygon, Polygon
from django.db import connection
from django.utils.translation import gettext as _

from core.errors import DomainError
from grids.geo import EDGE_WIDTH_M

CUT = "SELECT ST_AsEWKB((ST_Dump(ST_CollectionExtract(ST_Split(%s::geometry, %s::geometry), 3))).geom)"
UNION = "SELECT ST_AsEWKB(ST_Union(o::geometry)) FROM unnest(%s::bytea[]) AS o"
# Out by half an edge's width and back: what was drawn twice closes up, corners stay.
CLOSED = """
    SELECT ST_AsEWKB(ST_Buffer(ST_Buffer(%s::geometry::geography, %s, 'join=mitre'), %s, 'join=mitre')::geometry)
"""
# Ground in only one of the two, and ground counted twice among the parts, wider than a shared edge.
MISFIT = """
    WITH parts AS (SELECT o::geometry AS ground FROM unnest(%s::bytea[]) AS o),
         whole AS (SELECT ST_Union(ground) AS ground FROM parts)
    SELECT ST_Area(ST_Buffer(ST_CollectionExtract(ST_SymDifference(ground, %s::geometry), 3)::geography, %s)) > 0
        OR (SELECT SUM(ST_Area(ground::geography)) FROM parts) > ST_Area(ground::geography) * 1.001
    FROM whole
"""


def cut(boundary: MultiPolygon, line: LineString) -> list[MultiPolygon]:
    """The two parts into which a line that crosses an outline divides it, from the west. DomainError otherwise."""
    pieces = sorted(
        (GEOSGeometry(memoryview(row[0])) for row in _rows(CUT, [bytes(boundary.ewkb), bytes(line.ewkb)])),
        key=lambda piece: piece.centroid.x,
    )
    if len(pieces) != len(boundary) + 1:
        raise DomainError(_("The line must cross the area once: begin and end it outside of the outline."))
    return [_multi(pieces[0]), united([_multi(piece) for piece in pieces[1:]])]


def united(outlines: Sequence[MultiPolygon]) -> MultiPolygon:
    """The outlines as one; an edge drawn twice with a hair's breadth between is closed up."""
    union = _multi(_geometry(UNION, [[bytes(outline.ewkb) for outline in outlines]]))
    if len(union) > 1:
        half = EDGE_WIDTH_M / 2
        union = _multi(_geometry(CLOSED, [bytes(union.ewkb), half, -half]))
    return union


def is_partition(whole: MultiPolygon, parts: Sequence[MultiPolygon]) -> bool:
    """Whether the parts fill the whole without gap or overlap, shared edges aside."""
    blobs = [bytes(part.ewkb) for part in parts]
    ((is_misfit,),) = _rows(MISFIT, [blobs, bytes(whole.ewkb), -EDGE_WIDTH_M / 2])
    return not is_misfit


def _geometry(query: str, values: list) -> GEOSGeometry:
    return GEOSGeometry(memoryview(_rows(query, values)[0][0]))


def _rows(query: str, values: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def _multi(geometry: GEOSGeometry) -> MultiPolygon:
    outline: Any = MultiPolygon(geometry) if isinstance(geometry, Polygon) else geometry
    outline.srid = 4326
    return outline
