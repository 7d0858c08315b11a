from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import pytest

from api.settings import Settings
from boundaries.publish import publish
from gis.crs import metric_crs, snap_to_storage_grid
from gis.store.engine import Transaction
from tests.tiles.decoding import decoded, tiles_over
from tests.tiles.lost_area import MOST_LOST, lost_area
from tiles.layers import get_layer
from tiles.mvt import render
from tiles.shapes import build_shapes, store_shapes

ZOOMS = (8, 9, 10, 11)


def block_groups() -> gpd.GeoDataFrame:
    """Houston's census block groups as a GridFrame: tracts as communities, one township."""
    path = Settings().test_data / "city-houston" / "census_block_groups.geojson"
    if not path.exists():
        pytest.skip(f"no {path}")
    read = gpd.read_file(path).sort_values("GEOID", ignore_index=True)
    code = read["GEOID"].astype(str)
    return gpd.GeoDataFrame(
        {
            "code": code,
            "name": code,
            "kind": "base",
            "community": code.str[:11],
            "community_name": code.str[:11],
            "township": "houston",
            "township_name": "Houston",
        },
        geometry=snap_to_storage_grid(read.geometry.to_numpy()),
        crs=4326,
    )


@pytest.mark.houston
async def test_the_block_groups_of_houston_fit_together_in_their_tiles(tx: Transaction) -> None:
    frame = block_groups()
    west, south, east, north = frame.total_bounds
    published = await publish(
        tx,
        frame,
        effective_at=datetime(2026, 1, 1, tzinfo=UTC),
        actor="test",
        crs=metric_crs(west, south),
    )
    await store_shapes(tx, published.version.id, build_shapes(frame, ZOOMS))
    for zoom in ZOOMS:
        for layer in ("communities", "grids"):
            for tile in tiles_over(west, south, east, north, zoom):
                encoded = await render(tx, get_layer(layer), *tile, published.version.id)
                polygons = [f.geometry for f in decoded(encoded).get(layer, [])]
                assert lost_area(polygons) <= MOST_LOST, (layer, tile)
