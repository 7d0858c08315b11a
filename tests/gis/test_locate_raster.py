from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.locate_cells import DOUBTFUL, FAR_ANSWER, HELD, NEARBY
from gis.locate_raster import GridRaster
from tests.gis.lattice import crooked_lattice
from tests.gis.scattered_coverage import awkward_points, scattered_coverage

SEEDS = st.integers(0, 2**32 - 1)


def assert_no_sure_answer_is_wrong(
    raster: GridRaster, polygons: NDArray[np.object_], points: NDArray[np.float64]
) -> None:
    """A sure answer names the only grid that GEOS finds, or none where it finds none."""
    lng, lat = np.ascontiguousarray(points.T)
    grid, answer = raster.place(lng, lat)
    met = shapely.intersects(polygons[:, None], np.asarray(shapely.points(points))[None, :])
    count = met.sum(axis=0)
    held, free = answer == HELD, (answer == NEARBY) | (answer == FAR_ANSWER)
    assert (held | free | (answer == DOUBTFUL)).all()
    assert (count[held] == 1).all()
    assert (grid[held] == met.argmax(axis=0)[held]).all()
    assert (count[free] == 0).all()
    assert (grid[~held] == -1).all()


def points_on_pixel_sides(raster: GridRaster, seed: int) -> NDArray[np.float64]:
    """Corners and anchors of pixels, one ulp aside as well."""
    rng = np.random.default_rng(seed)
    rows, columns = raster.cells.shape
    corner = np.column_stack([rng.integers(0, columns, 40), rng.integers(0, rows, 40)])
    shift = rng.choice([0.0, -2 * raster.doubt, 1 - 2 * raster.doubt, 1e-6], corner.shape)
    points = (raster.west, raster.south) + (corner + shift) / raster.pixels_per_degree
    return np.concatenate(
        [points, np.nextafter(points, np.inf), np.nextafter(points, -np.inf)]
    ).clip((-180.0, -90.0), (180.0, 90.0))


@given(
    seed=SEEDS,
    pixels=st.sampled_from([20, 300, 5_000, 60_000]),
    size_deg=st.sampled_from([1e-5, 1e-3, 0.03, 1.5]),
    crooked=st.booleans(),
)
def test_no_sure_answer_is_wrong_however_large_the_pixels(
    seed: int, pixels: int, size_deg: float, crooked: bool
) -> None:
    polygons = scattered_coverage(seed, size_deg=size_deg, crooked=crooked)
    raster = GridRaster.build(polygons, pixels=pixels)
    points = np.concatenate(
        [awkward_points(polygons, seed, many=30), points_on_pixel_sides(raster, seed)]
    )
    assert_no_sure_answer_is_wrong(raster, polygons, points)


@given(seed=SEEDS, pixels=st.sampled_from([100, 5_000]))
def test_grids_that_overlap_leave_no_wrong_answer(seed: int, pixels: int) -> None:
    polygons = np.concatenate([scattered_coverage(seed, side=3), crooked_lattice(2, 2, seed=seed)])
    raster = GridRaster.build(polygons, pixels=pixels)
    assert_no_sure_answer_is_wrong(raster, polygons, awkward_points(polygons, seed))


@given(seed=SEEDS, pixels=st.sampled_from([100, 5_000]))
def test_grids_inside_grids_inside_grids_are_told_apart(seed: int, pixels: int) -> None:
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, 17)[:-1]
    rings = [
        shapely.Polygon(
            (121.05, 30.05)
            + (share * rng.uniform(0.012, 0.014, (16, 1)))
            * np.column_stack([np.cos(angles), np.sin(angles)])
        )
        for share in (1.0, 0.8, 0.6, 0.4, 1e-5)
    ]
    polygons = np.array(
        [shapely.Polygon(outer.exterior, [inner.exterior]) for outer, inner in pairwise(rings)]
    )
    assert shapely.is_valid(polygons).all()
    raster = GridRaster.build(polygons, pixels=pixels)
    assert_no_sure_answer_is_wrong(raster, polygons, awkward_points(polygons, seed))


@given(
    seed=SEEDS,
    rise=st.sampled_from([0.0, 1e-14, 1e-13, 1e-12, 1e-9, 1e-6]),
    upright=st.booleans(),
    pixels=st.sampled_from([100, 5_000]),
)
def test_edges_that_almost_follow_the_pixels_do_no_harm(
    seed: int, rise: float, upright: bool, pixels: int
) -> None:
    rng = np.random.default_rng(seed)
    heights = np.sort(rng.uniform(0, 0.01, 4))
    polygons = np.array(
        [
            shapely.Polygon([(0.0, low), (0.02, low + rise), (0.02, high + rise), (0.0, high)])
            for low, high in pairwise(heights)
        ]
    )
    if upright:
        polygons = shapely.transform(polygons, lambda xy: xy[:, ::-1])
    raster = GridRaster.build(polygons, pixels=pixels)
    points = np.concatenate(
        [awkward_points(polygons, seed, many=30), points_on_pixel_sides(raster, seed)]
    )
    assert_no_sure_answer_is_wrong(raster, polygons, points)


@given(seed=SEEDS, reach_deg=st.sampled_from([1e-4, 3e-3, 0.2]))
def test_a_far_point_has_no_grid_within_reach(seed: int, reach_deg: float) -> None:
    polygons = scattered_coverage(seed)
    raster = GridRaster.build(polygons, (reach_deg, reach_deg), pixels=3_000)
    points = awkward_points(polygons, seed)
    _, answer = raster.place(*np.ascontiguousarray(points.T))
    x, y = points[answer == FAR_ANSWER].T
    boxes = shapely.box(x - reach_deg, y - reach_deg, x + reach_deg, y + reach_deg)
    assert not shapely.intersects(polygons[:, None], boxes[None, :]).any()
    assert (answer[-4:-1] == FAR_ANSWER).all()


@pytest.mark.parametrize("repeated", [False, True])
def test_a_repeated_vertex_changes_nothing(repeated: bool) -> None:
    ring = [(121.0, 30.0), (121.01, 30.0), (121.01, 30.0), (121.01, 30.01), (121.0, 30.01)]
    if not repeated:
        del ring[2]
    polygons = np.array([shapely.Polygon(ring)])
    raster = GridRaster.build(polygons, pixels=500)
    assert_no_sure_answer_is_wrong(raster, polygons, awkward_points(polygons, 1))


def test_almost_every_point_of_a_city_gets_a_sure_answer() -> None:
    polygons = crooked_lattice(30, 30, seed=4)
    raster = GridRaster.build(polygons)
    rng = np.random.default_rng(0)
    west, south, east, north = shapely.total_bounds(polygons)
    _, answer = raster.place(rng.uniform(west, east, 100_000), rng.uniform(south, north, 100_000))
    assert (answer == DOUBTFUL).sum() <= 10
    assert raster.nbytes < 20_000_000
