"""Tiles of cells, read back with somebody else's decoder and held against h3."""

from __future__ import annotations

import h3
import numpy as np
import pytest
import shapely

from gis.cells import CellRegion
from gis.store.engine import Transaction
from tests.tiles.decoding import decoded, tile_of, tiles_over
from tiles.cell_tiles import CellShapes, render_cells, resolution_at

WEST, SOUTH, EAST, NORTH = 121.05, 29.95, 121.2, 30.08
CITY = shapely.box(WEST, SOUTH, EAST, NORTH)


def in_tile_units(lng: float, lat: float, z: int, x: int, y: int) -> tuple[float, float]:
    across = (lng + 180) / 360 * 2**z
    down = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**z
    return (across - x) * 4096, (down - y) * 4096


@pytest.mark.parametrize("z", [9, 11, 13])
async def test_every_cell_that_meets_a_tile_is_in_it_with_its_outline(
    tx: Transaction, z: int
) -> None:
    region = CellRegion.of(CITY, resolution_at(z))
    shapes = CellShapes.of(region)
    seen: set[str] = set()
    for address in tiles_over(WEST, SOUTH, EAST, NORTH, z)[:12]:
        tile = await render_cells(tx, shapes, *address)
        square = shapely.box(0, 0, 4096, 4096)
        found = {
            feature.properties["cell"]: feature.geometry
            for feature in decoded(tile).get("cells", [])
        }
        for name in shapes.cells:
            corners = [in_tile_units(lng, lat, *address) for lat, lng in h3.cell_to_boundary(name)]
            if shapely.intersects(shapely.Polygon(corners), square):
                outline = shapely.Polygon(corners)
                assert shapely.hausdorff_distance(found[name].exterior, outline.exterior) < 2
        seen |= found.keys()
    assert seen


@pytest.mark.parametrize(
    ("z", "resolution", "corners"), [(9, 10, 4), (9, 8, 6), (10, 10, 4), (11, 10, 6), (13, 11, 6)]
)
async def test_cells_under_four_pixels_are_bricks_no_pixel_away_from_their_hexagons(
    tx: Transaction, z: int, resolution: int, corners: int
) -> None:
    middle = tile_of((WEST + EAST) / 2, (SOUTH + NORTH) / 2, z)
    shapes = CellShapes.of(CellRegion.of(CITY, resolution))
    features = decoded(await render_cells(tx, shapes, *middle))["cells"]
    assert len(features) > 50
    for feature in features:
        assert len(feature.geometry.exterior.coords) == corners + 1
        outline = shapely.Polygon(
            in_tile_units(lng, lat, *middle)
            for lat, lng in h3.cell_to_boundary(feature.properties["cell"])
        )
        # A tile of 4,096 units is drawn with 1,024 pixels at most.
        assert shapely.hausdorff_distance(feature.geometry, outline) < 4


async def test_a_tile_away_from_the_region_is_empty(tx: Transaction) -> None:
    shapes = CellShapes.of(CellRegion.of(CITY, 8))
    assert await render_cells(tx, shapes, *tile_of(110.0, 20.0, 12)) == b""


@pytest.mark.parametrize("zoom", range(20))
def test_cells_are_finer_the_nearer_and_never_a_grey_wash(zoom: int) -> None:
    resolution = resolution_at(zoom)
    assert resolution_at(zoom + 1) >= resolution
    metres_a_pixel = 40_075_016 * np.cos(np.radians(30)) / (512 * 2**zoom)
    width_px = h3.average_hexagon_edge_length(resolution, unit="m") * 2 / metres_a_pixel
    # Below zoom 8 the whole city is some hundred pixels.
    assert width_px > 9 or zoom < 8
