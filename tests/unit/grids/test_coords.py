"""Coordinate systems: published vectors, and every position comes back from a round trip."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids import coords
from grids.choices import SourceCrs

# The vector of the site: WGS-84, and the same place as Amap and Baidu show it (to their six digits).
WGS = (103.8570, 36.0530)
GCJ = (103.859358, 36.052631)
BD = (103.865974, 36.058322)
# Well inside the box in which GCJ-02 shifts positions.
IN_CHINA = st.tuples(st.floats(75, 134), st.floats(4, 53))


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return hypot((a[0] - b[0]) * cos(radians(a[1])), a[1] - b[1]) * 111_195


def test_the_site_in_gcj02_is_where_amap_shows_it() -> None:
    assert coords.wgs84_to_gcj02(*WGS) == pytest.approx(GCJ, abs=1e-6)


def test_the_site_in_bd09_is_where_baidu_shows_it() -> None:
    assert coords.wgs84_to_bd09(*WGS) == pytest.approx(BD, abs=1e-6)


def test_the_shift_at_the_site_is_wider_than_a_compound() -> None:
    assert metres(WGS, coords.wgs84_to_gcj02(*WGS)) == pytest.approx(216, abs=1)
    assert metres(WGS, coords.wgs84_to_bd09(*WGS)) == pytest.approx(1002, abs=2)


def test_published_positions_come_back_to_the_site() -> None:
    assert coords.gcj02_to_wgs84(*GCJ) == pytest.approx(WGS, abs=1e-6)
    assert coords.bd09_to_wgs84(*BD) == pytest.approx(WGS, abs=1e-6)


@given(IN_CHINA)
def test_every_position_comes_back_from_gcj02_within_a_centimetre(position: tuple[float, float]) -> None:
    back = coords.gcj02_to_wgs84(*coords.wgs84_to_gcj02(*position))
    assert back == pytest.approx(position, abs=1e-7)


@given(IN_CHINA)
def test_every_position_comes_back_from_bd09_within_a_centimetre(position: tuple[float, float]) -> None:
    back = coords.bd09_to_wgs84(*coords.wgs84_to_bd09(*position))
    assert back == pytest.approx(position, abs=1e-7)


@pytest.mark.parametrize("position", [(2.3522, 48.8566), (-70.0, -33.0), (179.0, 10.0)])
def test_gcj02_is_wgs84_outside_china(position: tuple[float, float]) -> None:
    assert coords.wgs84_to_gcj02(*position) == position
    assert coords.gcj02_to_wgs84(*position) == position


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_no_position_on_earth_fails_in_any_system(lng: float, lat: float) -> None:
    for crs in SourceCrs:
        assert len(coords.TO_WGS84[crs](lng, lat)) == 2
        assert len(coords.FROM_WGS84[crs](lng, lat)) == 2
