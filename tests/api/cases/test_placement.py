"""Placement in the small city of `tests.small_city`, without a database."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cases.duty import NO_ID, Roster
from api.cases.placement import Placed, grid_today, place
from api.locators import Locator, build_locator
from gis.datum import Datum, from_wgs84
from gis.locate import Reason
from gis.store.versions import BEGINNING, Version
from tests.small_city import NOON, SOUTH, STEP, WEST, nine_grids

NOON_UTC = np.datetime64(NOON.replace(tzinfo=None), "us")
HOUR = np.timedelta64(1, "h")


def _with_ids(frame: gpd.GeoDataFrame, first_id: int) -> gpd.GeoDataFrame:
    return frame.assign(
        grid_id=np.arange(len(frame)) + first_id,
        community_id=frame["community"].map({"c0": 20, "c1": 21}),
        township_id=frame["township"].map({"t0": 30, "t1": 31}),
    )


def _locator(
    number: int, effective_at: datetime, frame: gpd.GeoDataFrame, first_id: int
) -> Locator:
    version = Version(number, number, effective_at, None, b"")
    return build_locator(version, _with_ids(frame, first_id), nearest_m=30, metric=None)


FIRST = _locator(1, BEGINNING, nine_grids(), 100)
# The next version has lost the middle column of grids.
SECOND = _locator(
    2, NOON, nine_grids()[lambda f: ~f["code"].str.startswith("g1")].reset_index(drop=True), 200
)


def _placed(
    lng: float, lat: float, at: np.datetime64 = NOON_UTC, datum: Datum = Datum.WGS84
) -> Placed:
    return place([FIRST, SECOND], np.array([lng]), np.array([lat]), datum, np.array([at]))


def _middle(column: int, row: int) -> tuple[float, float]:
    return WEST + (column + 0.5) * STEP, SOUTH + (row + 0.5) * STEP


def test_a_point_gets_the_ids_of_its_grid_community_and_township() -> None:
    placed = _placed(*_middle(2, 0), NOON_UTC - HOUR)
    assert placed.version_id[0] == 1
    assert placed.grid_id[0] == 100 + 6
    assert (placed.community_id[0], placed.township_id[0]) == (21, 31)
    assert placed.reason[0] == Reason.INSIDE


def test_a_point_is_placed_in_the_version_in_force_when_it_happened() -> None:
    before, after = _placed(*_middle(1, 1), NOON_UTC - HOUR), _placed(*_middle(1, 1), NOON_UTC)
    assert (before.version_id[0], before.grid_id[0]) == (1, 104)
    assert (after.version_id[0], after.grid_id[0]) == (2, NO_ID)
    assert after.reason[0] == Reason.OUTSIDE


def test_what_happened_before_the_first_version_is_placed_in_it() -> None:
    assert _placed(*_middle(0, 0), np.datetime64("1850-01-01", "us")).version_id[0] == 1


def test_a_point_outside_every_grid_has_no_ids() -> None:
    placed = _placed(WEST - 1, SOUTH)
    ids = (placed.grid_id[0], placed.community_id[0], placed.township_id[0], placed.grid[0])
    assert ids == (NO_ID,) * 4
    assert placed.version_id[0] == 2


def test_a_city_without_grids_places_everything_outside() -> None:
    placed = place([], np.array([WEST]), np.array([SOUTH]), Datum.WGS84, np.array([NOON_UTC]))
    assert placed.reason[0] == Reason.OUTSIDE
    assert (placed.version_id[0], placed.grid_id[0]) == (NO_ID, NO_ID)
    assert grid_today([], placed, NOON_UTC)[0] == NO_ID


@pytest.mark.parametrize("datum", Datum)
def test_a_point_given_in_any_datum_finds_the_same_grid(datum: Datum) -> None:
    lng, lat = from_wgs84(*_middle(2, 2), datum)
    placed = _placed(float(lng), float(lat), datum=datum)
    assert placed.grid_id[0] == 200 + 5
    assert (placed.lng[0], placed.lat[0]) == pytest.approx(_middle(2, 2), abs=1e-8)


def test_the_grid_of_today_is_that_of_the_version_in_force_now() -> None:
    at = np.array([NOON_UTC - HOUR, NOON_UTC - HOUR, NOON_UTC])
    lng, lat = np.array([_middle(1, 1), _middle(2, 2), _middle(2, 2)]).T
    placed = place([FIRST, SECOND], lng, lat, Datum.WGS84, at)
    assert grid_today([FIRST, SECOND], placed, NOON_UTC).tolist() == [NO_ID, 205, 205]
    assert grid_today([FIRST, SECOND], placed, NOON_UTC - HOUR).tolist() == [104, 108, 108]


def test_the_grid_is_of_the_time_it_happened_and_the_person_of_the_time_it_was_received() -> None:
    posts = pd.DataFrame(
        {
            "table": "duty",
            "row_id": [1, 2],
            "level": "grid",
            "area_id": 206,
            "role": "worker",
            "staff_id": [7, 8],
            "staff_code": ["S7", "S8"],
            "start": [BEGINNING, datetime(2026, 11, 20, 14, tzinfo=UTC)],
            "stop": [datetime(2026, 11, 20, 14, tzinfo=UTC), None],
        }
    )
    placed = _placed(*_middle(2, 0), NOON_UTC)
    assert placed.grid_id[0] == 203
    roster = Roster.build(posts.assign(area_id=203), ["worker"])
    for received, staff in ((NOON_UTC, 7), (NOON_UTC + 2 * HOUR, 8)):
        assert placed.answered_by(roster, np.array([received])).staff_id[0] == staff
    assert _placed(*_middle(1, 1)).answered_by(roster, np.array([NOON_UTC])).staff_id[0] == NO_ID


@given(
    points=st.lists(
        st.tuples(
            st.floats(WEST - STEP, WEST + 4 * STEP),
            st.floats(SOUTH - STEP, SOUTH + 4 * STEP),
            st.integers(-2, 2),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_many_points_are_placed_as_each_alone(points: list[tuple[float, float, int]]) -> None:
    lng, lat = np.array([point[:2] for point in points]).T
    at = NOON_UTC + np.array([point[2] for point in points]) * HOUR
    together = place([FIRST, SECOND], lng, lat, Datum.GCJ02, at)
    for number in range(len(points)):
        alone = _placed(lng[number], lat[number], at[number], Datum.GCJ02)
        for name in vars(alone):
            assert getattr(alone, name)[0] == getattr(together, name)[number], name


def test_placing_a_small_file_never_waits_for_the_compiler() -> None:
    program = (
        "import sys, numpy; from api.cases.placement import place\n"
        "from gis.datum import Datum; from tests.api.cases import test_placement as small\n"
        "lng = numpy.full(49_999, small.WEST + small.STEP / 2)\n"
        "lat = numpy.full(49_999, small.SOUTH + small.STEP / 2)\n"
        "at = numpy.full(49_999, small.NOON_UTC)\n"
        "placed = place([small.FIRST, small.SECOND], lng, lat, Datum.WGS84, at)\n"
        "print((placed.grid_id == 200).all(), 'numba' in sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["True", "False"]
