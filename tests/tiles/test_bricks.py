"""Bricks stand for the hexagons of H3: same ground, neither gaps nor overlaps to be seen."""

from __future__ import annotations

import h3
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from tiles.bricks import bricks

TO_METRES = Transformer.from_crs(4326, 3857, always_xy=True)


def hexagons_around(lat: float, lng: float, resolution: int, rings: int) -> np.ndarray:
    """Cells in Web Mercator as H3 itself gives their corners."""
    cells = h3.grid_disk(h3.latlng_to_cell(lat, lng, resolution), rings)
    return np.array(
        [
            shapely.Polygon([TO_METRES.transform(at[1], at[0]) for at in h3.cell_to_boundary(cell)])
            for cell in cells
        ]
    )


@given(st.floats(18, 53), st.floats(74, 134), st.integers(8, 11))
def test_a_brick_covers_the_ground_of_its_cell(lat: float, lng: float, resolution: int) -> None:
    hexagons = hexagons_around(lat, lng, resolution, 3)
    for brick, hexagon in zip(bricks(hexagons), hexagons, strict=True):
        width = hexagon.area**0.5
        assert brick.is_valid
        assert brick.area == pytest.approx(hexagon.area, rel=0.02)
        assert brick.centroid.distance(hexagon.centroid) < 0.02 * width
        # The parts of a regular hexagon beyond its brick are a twelfth of it.
        assert brick.intersection(hexagon).area > 0.9 * hexagon.area
        assert brick.hausdorff_distance(hexagon) < 0.35 * width


@given(st.floats(18, 53), st.floats(74, 134), st.integers(8, 11))
def test_bricks_lie_beside_each_other_as_cells_do(lat: float, lng: float, resolution: int) -> None:
    hexagons = hexagons_around(lat, lng, resolution, 6)
    # Over an edge of the icosahedron cells are bent.
    if any(shapely.get_num_coordinates(hexagons) != 7):
        return
    laid = bricks(hexagons)
    together = shapely.union_all(laid)
    overlap = shapely.area(laid).sum() - together.area
    inner = hexagons_around(lat, lng, resolution, 4)
    gaps = shapely.union_all(inner).difference(together).area
    assert overlap < 0.03 * together.area
    assert gaps < 0.03 * together.area


def test_four_corners_and_not_more() -> None:
    laid = bricks(hexagons_around(30.04, 121.15, 9, 2))
    assert set(shapely.get_num_coordinates(laid)) == {5}


def test_a_pentagon_stays_as_it_is() -> None:
    pentagon = h3.get_pentagons(9)[2]
    lat, lng = h3.cell_to_latlng(pentagon)
    cells = hexagons_around(lat, lng, 9, 1)
    bent = shapely.get_num_coordinates(cells) != 7
    assert bent.any()
    assert (bricks(cells)[bent] == cells[bent]).all()
    assert bricks(cells[bent]).tolist() == cells[bent].tolist()
    assert not len(bricks(cells[:0]))
