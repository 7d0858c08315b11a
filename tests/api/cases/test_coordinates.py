from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cases.coordinates import Bounds, CoordinateFault, coordinate_faults, read_coordinates

YUYAO = Bounds(120.8, 29.6, 121.5, 30.4)
ACCRA = Bounds(-0.5, 5.4, 0.1, 5.8)
DEGREES = st.floats(-180, 180, allow_nan=False)


def _fault(lng: float, lat: float, bounds: Bounds | None) -> CoordinateFault:
    return CoordinateFault(int(coordinate_faults(np.array([lng]), np.array([lat]), bounds)[0]))


def _read(lng: str, lat: str) -> CoordinateFault:
    return CoordinateFault(int(read_coordinates(pa.array([lng]), pa.array([lat]), YUYAO).fault[0]))


@pytest.mark.parametrize(
    ("lng", "lat", "bounds", "fault"),
    [
        (121.1, 30.0, YUYAO, CoordinateFault.NONE),
        (30.0, 121.1, YUYAO, CoordinateFault.SWAPPED_LAT_LNG),
        (30.0, 121.1, None, CoordinateFault.SWAPPED_LAT_LNG),
        # Both orders are on the globe: only the city can tell.
        (5.6, -0.2, ACCRA, CoordinateFault.SWAPPED_LAT_LNG),
        (5.6, -0.2, None, CoordinateFault.NONE),
        (-0.2, 5.6, ACCRA, CoordinateFault.NONE),
        # The other order would lie beside the city, not in it.
        (5.9, -0.2, ACCRA, CoordinateFault.NONE),
        # In the sea, and on the other side of the globe: outside, but no fault.
        (125.0, 29.0, YUYAO, CoordinateFault.NONE),
        (-95.4, 29.7, YUYAO, CoordinateFault.NONE),
        (0.0, 0.0, YUYAO, CoordinateFault.NONE),
        (181.0, 95.0, YUYAO, CoordinateFault.COORDINATE_OUT_OF_RANGE),
        (200.0, 30.0, YUYAO, CoordinateFault.COORDINATE_OUT_OF_RANGE),
        (121.1, float("nan"), YUYAO, CoordinateFault.COORDINATE_NOT_FINITE),
        (float("inf"), 30.0, YUYAO, CoordinateFault.COORDINATE_NOT_FINITE),
    ],
)
def test_a_pair_has_the_fault_a_person_would_see(
    lng: float, lat: float, bounds: Bounds | None, fault: CoordinateFault
) -> None:
    assert _fault(lng, lat, bounds) is fault


@given(
    lng=st.floats(YUYAO.west, YUYAO.east),
    lat=st.floats(YUYAO.south, YUYAO.north),
)
def test_a_point_of_the_city_is_right_one_way_and_swapped_the_other(lng: float, lat: float) -> None:
    assert _fault(lng, lat, YUYAO) is CoordinateFault.NONE
    assert _fault(lat, lng, YUYAO) is CoordinateFault.SWAPPED_LAT_LNG


def test_a_city_on_the_diagonal_never_calls_its_own_points_swapped() -> None:
    diagonal = Bounds(10.0, 10.0, 11.0, 11.0)
    assert _fault(10.2, 10.8, diagonal) is CoordinateFault.NONE


@given(value=DEGREES, digits=st.integers(0, 12))
def test_a_decimal_number_is_read_as_python_reads_it(value: float, digits: int) -> None:
    text = f"{value:.{digits}f}"
    found = read_coordinates(pa.array([text]), pa.array(["0"]), None)
    assert found.lng[0] == float(text)


@given(value=DEGREES.filter(lambda value: value == 0 or abs(value) > 1e-90))
def test_the_shortest_form_of_a_number_is_read_exactly(value: float) -> None:
    assert read_coordinates(pa.array([repr(value)]), pa.array(["0"]), None).lng[0] == value


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", CoordinateFault.COORDINATE_MISSING),
        ("NaN", CoordinateFault.COORDINATE_NOT_FINITE),
        ("-inf", CoordinateFault.COORDINATE_NOT_FINITE),
        ("Infinity", CoordinateFault.COORDINATE_NOT_FINITE),
        ("abc", CoordinateFault.COORDINATE_UNREADABLE),
        ("121,15", CoordinateFault.COORDINATE_UNREADABLE),
        ("121°9'", CoordinateFault.COORDINATE_UNREADABLE),
        ("0x79", CoordinateFault.COORDINATE_UNREADABLE),
        ("1_2", CoordinateFault.COORDINATE_UNREADABLE),
        ("1e999", CoordinateFault.COORDINATE_UNREADABLE),
        ("１２１", CoordinateFault.COORDINATE_UNREADABLE),
        (".", CoordinateFault.COORDINATE_UNREADABLE),
        ("1e9", CoordinateFault.COORDINATE_OUT_OF_RANGE),
    ],
)
def test_what_is_no_decimal_degree_is_named(text: str, fault: CoordinateFault) -> None:
    assert _read(text, "30") is fault
    if fault is not CoordinateFault.COORDINATE_OUT_OF_RANGE:
        assert _read("121", text) is fault
