"""Ground that cells share with grids, against laying each cell on each grid alone."""

from __future__ import annotations

import h3
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.cell_overlap import overlap_m2
from gis.crs import metric_crs, project
from tests.gis.lattice import crooked_lattice

EQUAL_AREA = pyproj.CRS.from_proj4("+proj=laea +lat_0=30.03 +lon_0=121.03 +ellps=WGS84")
GRIDS = crooked_lattice(6, 6, seed=4)
WEST, SOUTH, EAST, NORTH = shapely.total_bounds(GRIDS)
CRS = metric_crs(121.03, 30.03)


def numbers(cells: list[str]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array([h3.str_to_int(cell) for cell in cells], dtype=np.uint64)


def outline(cell: str) -> shapely.Polygon:
    return shapely.Polygon([(lng, lat) for lat, lng in h3.cell_to_boundary(cell)])


@given(
    resolution=st.integers(6, 10),
    places=st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)), min_size=1, max_size=12),
)
def test_each_grid_shares_what_each_cell_alone_has_of_it(
    resolution: int, places: list[tuple[float, float]]
) -> None:
    cells = sorted(
        {
            h3.latlng_to_cell(SOUTH + y * (NORTH - SOUTH), WEST + x * (EAST - WEST), resolution)
            for x, y in places
        }
    )
    found = overlap_m2(numbers(cells), GRIDS, CRS)
    expected = np.zeros(len(GRIDS))
    for cell in cells:
        common = shapely.segmentize(shapely.intersection(GRIDS, outline(cell)), 1e-3)
        expected += shapely.area(project(common, EQUAL_AREA))
    # The city's plane is true to its middle meridian, not to areas beside it.
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1.0)
    # A cell told twice, or with its children, has no more ground.
    again = [*cells, cells[0], *h3.cell_to_children(cells[0], resolution + 2)[:9]]
    children = overlap_m2(numbers(again), GRIDS, CRS)
    assert (children >= found - 1e-3).all()
    assert children.sum() <= expected.sum() * 1.2 + 1e4
    np.testing.assert_allclose(overlap_m2(numbers([*cells, *cells]), GRIDS, CRS), found)


def test_cells_as_wide_as_continents_hold_every_grid() -> None:
    whole = shapely.area(project(GRIDS, CRS))
    every = numbers(sorted(h3.get_res0_cells()))
    np.testing.assert_allclose(overlap_m2(every, GRIDS, CRS), whole, rtol=1e-6)


@pytest.mark.parametrize("resolution", [5, 8])
def test_a_grid_beyond_180_degrees_shares_the_cell_that_crosses_it(resolution: int) -> None:
    """On both sides of the meridian, as GeoJSON has it."""
    cell = h3.latlng_to_cell(-16.9, 180.0, resolution)
    east, west = shapely.box(179, -18, 180, -16), shapely.box(-180, -18, -179, -16)
    crs = metric_crs(179.9, -16.9)
    found = overlap_m2(numbers([cell]), [east, west], crs)
    assert found.min() > 0
    assert found.sum() == pytest.approx(h3.cell_area(cell, "m^2"), rel=0.01)
