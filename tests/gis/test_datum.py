from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import datum as datum_module
from gis.datum import (
    CHINA_EAST,
    CHINA_NORTH,
    CHINA_SOUTH,
    CHINA_WEST,
    Datum,
    from_wgs84,
    geometries_to_wgs84,
    to_wgs84,
)
from gis.errors import BadInput

VECTORS = Path(__file__).parents[1] / "data" / "coordinates" / "eviltransform_vectors.csv"
SHIFTED = [Datum.GCJ02, Datum.BD09]
china_lng = st.floats(CHINA_WEST, CHINA_EAST)
china_lat = st.floats(CHINA_SOUTH, CHINA_NORTH)


def _vectors(function: str) -> list[tuple[float, float, float, float]]:
    """Published vectors as lng, lat -> lng, lat."""
    with VECTORS.open(encoding="utf-8") as file:
        return [
            (float(r["in_lon"]), float(r["in_lat"]), float(r["out_lon"]), float(r["out_lat"]))
            for r in csv.DictReader(file)
            if r["function"] == function
        ]


@pytest.mark.parametrize(("lng", "lat", "out_lng", "out_lat"), _vectors("wgs2gcj"))
def test_the_published_gcj02_vectors_hold_both_ways(
    lng: float, lat: float, out_lng: float, out_lat: float
) -> None:
    assert from_wgs84(lng, lat, Datum.GCJ02) == pytest.approx((out_lng, out_lat), abs=1e-9)
    assert to_wgs84(out_lng, out_lat, Datum.GCJ02) == pytest.approx((lng, lat), abs=1e-9)


@pytest.mark.parametrize(("lng", "lat", "out_lng", "out_lat"), _vectors("bd2wgs"))
def test_the_bd09_vectors_are_those_of_another_wobble_and_a_single_step(
    lng: float, lat: float, out_lng: float, out_lat: float
) -> None:
    # The vectors' source puts pi where Baidu's formula has 3000 pi / 180, and subtracts the
    # GCJ-02 offset once instead of solving for it. With both changes our own GCJ-02 formula
    # gives its numbers to the last digit, so only those two choices separate us: 45 m at most.
    x, y = lng - 0.0065, lat - 0.006
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * np.pi)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * np.pi)
    gcj_lng, gcj_lat = radius * np.cos(angle), radius * np.sin(angle)
    there_lng, there_lat = from_wgs84(gcj_lng, gcj_lat, Datum.GCJ02)
    one_step = (2 * gcj_lng - there_lng, 2 * gcj_lat - there_lat)
    assert one_step == pytest.approx((out_lng, out_lat), abs=1e-12)
    ours_lng, ours_lat = to_wgs84(lng, lat, Datum.BD09)
    apart_m = np.hypot((ours_lng - out_lng) * 97_000, (ours_lat - out_lat) * 111_000)
    assert apart_m < 45
    assert from_wgs84(ours_lng, ours_lat, Datum.BD09) == pytest.approx((lng, lat), abs=1e-9)


def test_bd09_agrees_with_the_worked_example_of_beijing_railway_station() -> None:
    gcj_lng, gcj_lat = 116.42703, 39.90245
    bd = from_wgs84(*to_wgs84(gcj_lng, gcj_lat, Datum.GCJ02), Datum.BD09)
    assert bd == pytest.approx((116.43351, 39.90851), abs=1e-5)  # printed with five decimals


@pytest.mark.parametrize("datum", SHIFTED)
@given(lng=china_lng, lat=china_lat)
def test_every_point_of_the_box_and_its_border_makes_the_round_trip(
    datum: Datum, lng: float, lat: float
) -> None:
    back = to_wgs84(*from_wgs84(lng, lat, datum), datum)
    assert back == pytest.approx((lng, lat), abs=1e-9)


@pytest.mark.parametrize("datum", SHIFTED)
def test_a_lattice_over_the_box_its_border_and_the_kink_at_105_makes_the_round_trip(
    datum: Datum,
) -> None:
    xs = np.append(np.linspace(CHINA_WEST, CHINA_EAST, 307), [105.0, np.nextafter(105.0, 0)])
    lng, lat = np.meshgrid(xs, np.linspace(CHINA_SOUTH, CHINA_NORTH, 211))
    back_lng, back_lat = to_wgs84(*from_wgs84(lng, lat, datum), datum)
    assert back_lng.shape == lng.shape
    assert max(np.abs(back_lng - lng).max(), np.abs(back_lat - lat).max()) < 1e-9


@pytest.mark.parametrize("datum", SHIFTED)
@given(lng=st.floats(73.0, 137.0), lat=st.floats(2.0, 55.0))
def test_a_shifted_coordinate_inside_the_box_comes_back_from_its_wgs84(
    datum: Datum, lng: float, lat: float
) -> None:
    assert from_wgs84(*to_wgs84(lng, lat, datum), datum) == pytest.approx((lng, lat), abs=1e-9)


@pytest.mark.parametrize("datum", Datum)
@given(
    lng=st.floats(-180, 180).filter(lambda x: not 71.9 < x < 137.9),
    lat=st.floats(-90, 90),
)
def test_outside_the_box_nothing_moves_by_a_bit(datum: Datum, lng: float, lat: float) -> None:
    assert np.array_equal(from_wgs84(lng, lat, datum), (lng, lat))
    assert np.array_equal(to_wgs84(lng, lat, datum), (lng, lat))


@given(lng=china_lng, lat=china_lat)
def test_cgcs2000_is_taken_as_wgs84(lng: float, lat: float) -> None:
    assert np.array_equal(to_wgs84(lng, lat, Datum.CGCS2000), (lng, lat))
    assert np.array_equal(from_wgs84(lng, lat, Datum.CGCS2000), (lng, lat))


@pytest.mark.parametrize("datum", Datum)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_coordinate_that_is_no_number_is_named_by_its_index(datum: Datum, bad: float) -> None:
    for convert in (to_wgs84, from_wgs84):
        with pytest.raises(BadInput, match="coordinate 1 ") as caught:
            convert(np.array([121.0, bad]), np.array([30.0, 30.0]), datum)
        assert caught.value.code == "coordinate_not_finite"
        assert caught.value.where == {"index": 1}


def test_an_inverse_that_reaches_the_iteration_limit_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(datum_module, "_MAX_ITERATIONS", 1)
    with pytest.raises(BadInput, match=r"121\.5, 31\.1") as caught:
        to_wgs84(121.5, 31.1, Datum.GCJ02)
    assert caught.value.code == "datum_inverse_diverged"


def test_a_point_gets_the_same_bytes_alone_and_in_company() -> None:
    rng = np.random.default_rng(7)
    lng, lat = rng.uniform(73, 135, 1001), rng.uniform(18, 54, 1001)
    together = np.column_stack(to_wgs84(lng, lat, Datum.BD09))
    alone = np.array([to_wgs84(x, y, Datum.BD09) for x, y in zip(lng, lat, strict=True)])
    assert np.array_equal(together, alone)


def test_polygons_that_share_an_edge_still_share_it_after_the_change_of_datum() -> None:
    left, right = shapely.box(121.0, 30.0, 121.1, 30.1), shapely.box(121.1, 30.0, 121.2, 30.1)
    moved = geometries_to_wgs84([left, right], Datum.GCJ02)
    assert shapely.coverage_is_valid(moved)
    assert not shapely.equals(moved[0], left)
    assert shapely.intersection(*moved).geom_type == "LineString"
