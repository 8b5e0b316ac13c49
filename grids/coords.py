"""GCJ-02 and BD-09 to WGS-84 and back. Pure arithmetic: positions are converted once, where they enter.

At the demonstration site an unconverted GCJ-02 point lies 216 m off, more than the width of two compounds.
Positions are (longitude, latitude) in degrees, as in GeoJSON.
"""

from collections.abc import Callable
from math import atan2, cos, hypot, pi, sin, sqrt

from grids.choices import SourceCrs

Position = tuple[float, float]

# Krasovsky 1940, the ellipsoid the GCJ-02 offset is defined on: semi-major axis in metres, eccentricity squared.
AXIS = 6378245.0
ECCENTRICITY = 0.00669342162296594323
# GCJ-02 shifts positions inside this box only (west, south, east, north).
CHINA = (72.004, 0.8293, 137.8347, 55.8271)
BD_TURN = pi * 3000.0 / 180.0
BD_EAST, BD_NORTH = 0.0065, 0.006
# 1e-9 degrees is a tenth of a millimetre; each step shrinks the error about a hundredfold.
PRECISION = 1e-9
MAX_STEPS = 30
METRES_PER_DEGREE = 111_195


def is_shifted(lng: float, lat: float) -> bool:
    """Whether GCJ-02 differs from WGS-84 here."""
    west, south, east, north = CHINA
    return west <= lng <= east and south <= lat <= north


def wgs84_to_gcj02(lng: float, lat: float) -> Position:
    """The position Amap and Tencent show for a GPS position."""
    if not is_shifted(lng, lat):
        return lng, lat
    x, y = lng - 105.0, lat - 35.0
    ripple = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    north = (
        -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * sqrt(abs(x))
        + (
            ripple
            + 20.0 * sin(y * pi)
            + 40.0 * sin(y / 3.0 * pi)
            + 160.0 * sin(y / 12.0 * pi)
            + 320.0 * sin(y * pi / 30.0)
        )
        * (2.0 / 3.0)
    )
    east = (
        300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * sqrt(abs(x))
        + (
            ripple
            + 20.0 * sin(x * pi)
            + 40.0 * sin(x / 3.0 * pi)
            + 150.0 * sin(x / 12.0 * pi)
            + 300.0 * sin(x / 30.0 * pi)
        )
        * (2.0 / 3.0)
    )
    phi = lat / 180.0 * pi
    flat = 1.0 - ECCENTRICITY * sin(phi) ** 2
    metres_north = AXIS * (1.0 - ECCENTRICITY) / (flat * sqrt(flat)) * pi / 180.0
    metres_east = AXIS / sqrt(flat) * cos(phi) * pi / 180.0
    return lng + east / metres_east, lat + north / metres_north


def gcj02_to_bd09(lng: float, lat: float) -> Position:
    """The position Baidu shows for a GCJ-02 position."""
    radius = hypot(lng, lat) + 0.00002 * sin(lat * BD_TURN)
    angle = atan2(lat, lng) + 0.000003 * cos(lng * BD_TURN)
    return radius * cos(angle) + BD_EAST, radius * sin(angle) + BD_NORTH


def wgs84_to_bd09(lng: float, lat: float) -> Position:
    """The position Baidu shows for a GPS position."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lng, lat))


def gcj02_to_wgs84(lng: float, lat: float) -> Position:
    """The GPS position of a point on Amap or Tencent; exact to less than 1e-7 degrees (1 cm)."""
    return _solve(wgs84_to_gcj02, lng, lat)


def bd09_to_wgs84(lng: float, lat: float) -> Position:
    """The GPS position of a point on Baidu; exact to less than 1e-7 degrees (1 cm)."""
    return gcj02_to_wgs84(*_solve(gcj02_to_bd09, lng, lat))


def _solve(forward: Callable[[float, float], Position], lng: float, lat: float) -> Position:
    """The position that `forward` carries to (lng, lat): take the miss off the guess until it is gone.

    On the edge of the box the forward shift has a jump and no exact answer; the last guess is returned.
    """
    guess = (lng, lat)
    for _step in range(MAX_STEPS):
        got = forward(*guess)
        miss = (got[0] - lng, got[1] - lat)
        if max(abs(miss[0]), abs(miss[1])) < PRECISION:
            break
        guess = (guess[0] - miss[0], guess[1] - miss[1])
    return guess


def _unchanged(lng: float, lat: float) -> Position:
    return lng, lat


TO_WGS84: dict[str, Callable[[float, float], Position]] = {
    SourceCrs.WGS84: _unchanged,
    SourceCrs.GCJ02: gcj02_to_wgs84,
    SourceCrs.BD09: bd09_to_wgs84,
}
FROM_WGS84: dict[str, Callable[[float, float], Position]] = {
    SourceCrs.WGS84: _unchanged,
    SourceCrs.GCJ02: wgs84_to_gcj02,
    SourceCrs.BD09: wgs84_to_bd09,
}
