"""The shapes of a city's own light basemap."""

from __future__ import annotations

import json

import geopandas as gpd
import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.crs import STORAGE_SRID
from gis.store.copying import copy_into, ewkb

# 1e-6 degree is 0.1 m: finer than any line that is drawn.
DECIMALS = 6


async def add_shapes(tx: AsyncConnection, shapes: gpd.GeoDataFrame) -> None:
    """Store shapes: columns ``kind, name_zh, name_en`` (None where it has no name), geometry."""
    await copy_into(
        tx,
        "background_shapes",
        {
            **{
                name: pa.array(shapes[name], pa.string(), from_pandas=True)
                for name in ("kind", "name_zh", "name_en")
            },
            "geometry": ewkb(shapes.geometry.to_numpy(), STORAGE_SRID),
        },
    )


async def background_geojson(tx: AsyncConnection) -> bytes:
    """All shapes as a GeoJSON FeatureCollection in the order they are drawn; empty without any."""
    rows = await tx.execute(
        text(
            "SELECT kind, name_zh, name_en, ST_AsGeoJSON(geometry, :decimals) AS geometry"
            " FROM background_shapes ORDER BY id"
        ),
        {"decimals": DECIMALS},
    )
    features = [
        '{"type":"Feature","properties":'
        + json.dumps(
            {"kind": row.kind, "name_zh": row.name_zh, "name_en": row.name_en},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        + f',"geometry":{row.geometry}}}'
        for row in rows
    ]
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'.encode()
