from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.crs import metric_crs, project
from gis.errors import BadInput
from gis.locate import GridIndex, Placement, Reason
from tests.gis.lattice import codes_of, crooked_lattice
from tests.gis.scattered_coverage import awkward_points, scattered_coverage

SEEDS = st.integers(0, 2**32 - 1)
# From 0 points on the raster answers; from never on GEOS does.
BOTH_WAYS = pytest.mark.parametrize("fast_from", [0, sys.maxsize])


def index_of(polygons: NDArray[np.object_], *, nearest_m: float = 0.0) -> GridIndex:
    return GridIndex.build(codes_of(polygons), polygons, nearest_m=nearest_m, crs=crs_of(polygons))


def crs_of(polygons: NDArray[np.object_]) -> pyproj.CRS:
    west, south, _, _ = shapely.total_bounds(polygons)
    return metric_crs(float(west), float(south))


def meets(polygons: NDArray[np.object_], points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """GEOS intersects for every grid (rows) and point (columns), no index, nothing prepared."""
    met: NDArray[np.bool_] = shapely.intersects(
        polygons[:, None], np.asarray(shapely.points(points))[None, :]
    )
    return met


def distances_m(
    polygons: NDArray[np.object_], points: NDArray[np.float64], crs: pyproj.CRS
) -> NDArray[np.float64]:
    places = project(np.asarray(shapely.points(points)), crs)
    distance: NDArray[np.float64] = shapely.distance(
        project(polygons, crs)[:, None], places[None, :]
    )
    return distance


@BOTH_WAYS
@given(seed=SEEDS, crooked=st.booleans())
def test_the_grid_is_the_lowest_of_those_that_geos_says_meet_the_point(
    fast_from: int, seed: int, crooked: bool
) -> None:
    polygons = scattered_coverage(seed, crooked=crooked)
    points = awkward_points(polygons, seed)
    placed = index_of(polygons).locate(*points.T, fast_from=fast_from)
    met = meets(polygons, points)
    count = met.sum(axis=0)
    assert (placed.grid == np.where(count > 0, met.argmax(axis=0), -1)).all()
    assert ((placed.reason == Reason.INSIDE) == (count == 1)).all()
    assert ((placed.reason == Reason.EDGE) == (count > 1)).all()
    assert ((placed.reason == Reason.OUTSIDE) == (count == 0)).all()


@BOTH_WAYS
@given(seed=SEEDS)
def test_a_point_in_no_grid_goes_to_the_nearest_within_reach(fast_from: int, seed: int) -> None:
    polygons = scattered_coverage(seed)
    crs = crs_of(polygons)
    points = awkward_points(polygons, seed)
    free = points[~meets(polygons, points).any(axis=0)]
    # What is farther than a degree lies outside the CRS's area, and out of reach.
    west, south, east, north = shapely.total_bounds(polygons)
    close = (np.abs(free - ((west + east) / 2, (south + north) / 2)) < 1.0).all(axis=1)
    nearest_m = 40.0
    placed = index_of(polygons, nearest_m=nearest_m).locate(*free.T, fast_from=fast_from)
    assert (placed.grid[~close] == -1).all()
    distance = distances_m(polygons, free[close], crs)
    reached = distance.min(axis=0) <= nearest_m
    assert (placed.grid[close] == np.where(reached, distance.argmin(axis=0), -1)).all()
    wanted = np.where(reached, Reason.NEAREST, Reason.OUTSIDE)
    assert (placed.reason[close] == wanted).all()


@given(seed=SEEDS)
def test_one_point_is_placed_as_many_are(seed: int) -> None:
    polygons = scattered_coverage(seed)
    points = awkward_points(polygons, seed, many=5)
    index = index_of(polygons, nearest_m=100.0)
    many = index.locate(*points.T)
    for (lng, lat), grid, reason in zip(points.tolist(), many.grid, many.reason, strict=True):
        one = index.locate_one(lng, lat)
        assert one == Placement(None if grid == -1 else int(grid), Reason(int(reason)))


@given(seed=SEEDS, accuracy_m=st.sampled_from([0.0, 1.0, 50.0, 700.0, 3000.0, 500_000.0]))
def test_candidates_are_all_grids_in_the_circle_the_nearest_first(
    seed: int, accuracy_m: float
) -> None:
    polygons = scattered_coverage(seed)
    crs = crs_of(polygons)
    index = index_of(polygons)
    points = awkward_points(polygons, seed, many=3)[:-4]
    met = meets(polygons, points)
    distance = distances_m(polygons, points, crs)
    distance[met] = 0.0
    for column, (lng, lat) in enumerate(points.tolist()):
        in_circle = np.flatnonzero(distance[:, column] <= accuracy_m)
        order = np.argsort(distance[in_circle, column], kind="stable")
        assert index.candidates(lng, lat, accuracy_m) == in_circle[order].tolist()


def test_a_point_as_near_to_two_grids_goes_to_the_lower_code() -> None:
    # Both grids end at the corner (121.01, 30), which is nearest to every point below it.
    polygons = np.array(
        [
            shapely.Polygon([(121.0, 30.005), (121.01, 30.0), (121.01, 30.01)]),
            shapely.Polygon([(121.01, 30.0), (121.02, 30.005), (121.01, 30.01)]),
        ]
    )
    for order in ([0, 1], [1, 0]):
        index = index_of(polygons[order], nearest_m=50.0)
        assert index.locate_one(121.01, 29.9999) == Placement(0, Reason.NEAREST)


def test_a_point_on_the_outer_edge_is_inside() -> None:
    index = index_of(np.array([shapely.box(121.0, 30.0, 121.01, 30.01)]), nearest_m=50.0)
    assert index.locate_one(121.005, 30.0) == Placement(0, Reason.INSIDE)
    assert index.locate_one(121.01, 30.01) == Placement(0, Reason.INSIDE)


def test_reasons_are_written_as_the_words_of_the_design() -> None:
    assert [reason.word for reason in Reason] == ["inside", "edge", "nearest", "outside"]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("lng", "lat"),
    [
        (np.nan, 30.0),
        (121.0, np.nan),
        (np.inf, 30.0),
        (121.0, -np.inf),
        (30.0, 121.0),
        (180.1, 30.0),
        (-181.0, 30.0),
        (121.0, -90.1),
    ],
)
def test_a_place_off_the_globe_is_refused_with_its_row(
    fast_from: int, lng: float, lat: float
) -> None:
    index = index_of(crooked_lattice(2, 2, seed=0))
    lngs, lats = np.full(7, 121.01), np.full(7, 30.01)
    lngs[[4, 6]], lats[[4, 6]] = lng, lat
    with pytest.raises(BadInput, match="Row 4") as caught:
        index.locate(lngs, lats, fast_from=fast_from)
    assert caught.value.code == "off_the_globe"
    assert caught.value.where == {"row": 4}
    with pytest.raises(BadInput):
        index.locate_one(lng, lat)
    with pytest.raises(BadInput):
        index.candidates(lng, lat, 10.0)


@BOTH_WAYS
def test_no_points_are_no_placements(fast_from: int) -> None:
    placed = index_of(crooked_lattice(2, 2, seed=0)).locate([], [], fast_from=fast_from)
    assert (len(placed.grid), len(placed.reason)) == (0, 0)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(BadInput, match="2 longitudes come with 1 latitudes"):
        index_of(crooked_lattice(2, 2, seed=0)).locate([121.0, 121.1], [30.0])


@pytest.mark.parametrize("accuracy_m", [-1.0, np.nan, np.inf])
def test_an_accuracy_that_is_no_distance_is_refused(accuracy_m: float) -> None:
    with pytest.raises(BadInput, match="distance"):
        index_of(crooked_lattice(2, 2, seed=0)).candidates(121.01, 30.01, accuracy_m)


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (None, "not_a_polygon"),
        (shapely.Polygon(), "not_a_polygon"),
        (shapely.Point(121, 30), "not_a_polygon"),
        (shapely.Polygon([(121, 30), (122, 31), (122, 30), (121, 31)]), "polygon_invalid"),
        (shapely.box(179, 30, 181, 31), "off_the_globe"),
    ],
)
def test_a_grid_that_cannot_be_indexed_is_named(shape: shapely.Geometry | None, code: str) -> None:
    polygons = crooked_lattice(2, 2, seed=0)
    polygons[2] = shape
    crs = metric_crs(121.0, 30.0)
    with pytest.raises(BadInput, match="G0002") as caught:
        GridIndex.build(codes_of(polygons), polygons, nearest_m=0.0, crs=crs)
    assert (caught.value.code, caught.value.where["grid"]) == (code, "G0002")


@pytest.mark.parametrize("codes", [["b", "a"], ["a", "a"]])
def test_codes_that_do_not_ascend_are_refused(codes: list[str]) -> None:
    polygons = crooked_lattice(2, 1, seed=0)
    with pytest.raises(BadInput, match="'a'"):
        GridIndex.build(codes, polygons, nearest_m=0.0, crs=metric_crs(121.0, 30.0))


@pytest.mark.parametrize("nearest_m", [-1.0, np.nan, np.inf])
def test_a_reach_that_is_no_distance_is_refused(nearest_m: float) -> None:
    with pytest.raises(BadInput, match="nearest_m"):
        index_of(crooked_lattice(2, 2, seed=0), nearest_m=nearest_m)


@pytest.mark.parametrize(
    ("crs", "code"),
    [
        ("EPSG:4490", "crs_not_metric"),
        ("EPSG:2278", "crs_not_metric"),
        ("EPSG:32633", "crs_elsewhere"),
    ],
)
def test_a_crs_that_does_not_measure_metres_here_is_refused(crs: str, code: str) -> None:
    # UTM of 15 degrees east ends before 105 degrees east.
    polygons = np.array([shapely.box(105, 0, 110, 1)])
    with pytest.raises(BadInput, match="CRS") as caught:
        GridIndex.build(["a"], polygons, nearest_m=0.0, crs=pyproj.CRS.from_user_input(crs))
    assert caught.value.code == code


def test_an_index_can_be_sent_to_another_process() -> None:
    polygons = crooked_lattice(3, 3, seed=0)
    index = index_of(polygons)
    index.prepare()
    points = awkward_points(polygons, 0)
    sent = pickle.loads(pickle.dumps(index)).locate(*points.T, fast_from=0)
    assert (sent.grid == index.locate(*points.T).grid).all()


def test_threads_share_the_points_without_changing_the_answer() -> None:
    polygons = crooked_lattice(3, 3, seed=0)
    index = index_of(polygons, nearest_m=20.0)
    points = awkward_points(polygons, 0)
    one = index.locate(*points.T, fast_from=0)
    three = index.locate(*points.T, fast_from=0, threads=3)
    assert (one.grid == three.grid).all()
    assert (one.reason == three.reason).all()


def test_a_small_file_never_waits_for_the_compiler() -> None:
    program = (
        "import sys, numpy, shapely; from gis.crs import metric_crs\n"
        "from gis.locate import GridIndex\n"
        "index = GridIndex.build(['a'], [shapely.box(121, 30, 122, 31)], nearest_m=10,\n"
        "    crs=metric_crs(121, 30))\n"
        "lng = numpy.full(49_999, 121.5)\n"
        "index.locate(lng, lng - 91)\n"
        "print('numba' in sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"
