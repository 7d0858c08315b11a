from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import metric_crs, project, snap_to_storage_grid, unproject
from gis.errors import BadInput, Misconfigured


@pytest.mark.parametrize(
    ("lng", "lat", "epsg"),
    [
        (121.15, 30.04, 4549),  # Yuyao: central meridian 120
        (116.39, 39.91, 4548),  # Beijing: 117
        (75.99, 39.47, 4534),  # Kashgar: 75, the first zone
        (134.7, 48.4, 4554),  # Fuyuan: 135, the last
        (-95.37, 29.76, 32615),  # Houston
        (151.2, -33.87, 32756),  # Sydney, southern half
        (180.0, 10.0, 32660),
        (-180.0, 10.0, 32601),
    ],
)
def test_a_place_is_measured_in_its_own_zone(lng: float, lat: float, epsg: int) -> None:
    assert metric_crs(lng, lat).to_epsg() == epsg


@given(lng=st.floats(73.62, 134.77), lat=st.floats(16.7, 53.56))
def test_the_central_meridian_in_china_is_never_further_than_one_and_a_half_degrees(
    lng: float, lat: float
) -> None:
    operation = metric_crs(lng, lat).coordinate_operation
    assert operation is not None
    meridian = {p.name: p.value for p in operation.params}["Longitude of natural origin"]
    assert abs(float(meridian) - lng) <= 1.5


def test_the_profile_overrides_the_choice() -> None:
    assert metric_crs(121.15, 30.04, "EPSG:32651").to_epsg() == 32651


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ("EPSG:999999", "crs_unknown"),
        ("EPSG:4490", "crs_not_metric"),
        ("EPSG:2278", "crs_not_metric"),
    ],
)
def test_an_override_that_cannot_measure_metres_is_refused(override: str, code: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        metric_crs(121.15, 30.04, override)
    assert caught.value.code == code


@pytest.mark.parametrize(("lng", "lat"), [(np.nan, 30.0), (181.0, 0.0), (30.0, 121.0)])
def test_a_place_that_is_nowhere_has_no_metric_crs(lng: float, lat: float) -> None:
    with pytest.raises(BadInput):
        metric_crs(lng, lat)


@given(lng=st.floats(120.0, 122.0), lat=st.floats(29.0, 31.0))
def test_projecting_and_back_returns_to_the_same_point_of_the_storage_grid(
    lng: float, lat: float
) -> None:
    start = snap_to_storage_grid([shapely.Point(lng, lat)])
    crs = metric_crs(121.0, 30.0)
    back = snap_to_storage_grid(unproject(project(start, crs), crs))
    assert shapely.equals_exact(start[0], back[0], 0.0)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_a_snapped_coordinate_is_the_double_nearest_to_a_nine_digit_decimal(
    lng: float, lat: float
) -> None:
    point = snap_to_storage_grid([shapely.Point(lng, lat)])[0]
    for given_value, snapped in ((lng, point.x), (lat, point.y)):
        assert snapped == float(f"{snapped:.9f}")
        assert abs(Fraction(snapped) - Fraction(given_value)) <= Fraction(6, 10**10)


def test_snapping_twice_changes_nothing_more() -> None:
    rng = np.random.default_rng(3)
    shapes = np.asarray(shapely.polygons(rng.uniform(-90, 90, (50, 6, 2))), dtype=object)
    once = snap_to_storage_grid(shapes)
    assert [g.wkb for g in snap_to_storage_grid(once)] == [g.wkb for g in once]


def test_snapping_drops_repeated_points_collapsed_rings_and_heights() -> None:
    solid = shapely.from_wkt(
        "POLYGON Z ((0 0 5, 1 0 5, 1.00000000001 0.00000000001 5, 1 1 5, 0 1 5, 0 0 5),"
        " (0.5 0.5 5, 0.50000000001 0.5 5, 0.5 0.50000000001 5, 0.5 0.5 5))"
    )
    snapped = snap_to_storage_grid([solid])[0]
    assert snapped.wkb == shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1)]).wkb


def test_a_polygon_smaller_than_the_grid_becomes_empty_and_none_stays_none() -> None:
    crumb = shapely.box(0.1, 0.1, 0.1 + 1e-11, 0.1 + 1e-11)
    both = shapely.MultiPolygon([crumb, shapely.box(1, 1, 2, 2)])
    snapped = snap_to_storage_grid([crumb, None, both])
    assert snapped[0].is_empty
    assert snapped[1] is None
    assert len(snapped[2].geoms) == 1


def test_equal_coordinates_have_equal_bytes_on_both_sides_of_zero() -> None:
    below, above = snap_to_storage_grid([shapely.Point(-1e-11, 0.0), shapely.Point(1e-11, -0.0)])
    assert below.wkb == above.wkb
