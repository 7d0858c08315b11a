"""The shapes of a city's own light basemap."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import pyarrow as pa
import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.crs import STORAGE_SRID
from gis.store.copying import copy_into, ewkb

# 1e-6 degree is 0.1 m: finer than any line that is drawn.
DECIMALS = 6

LINE_KINDS = ("water", "river", "stream", "main_road", "road")
"""Along these people find their way: borders may follow them."""


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


async def background_lines(
    tx: AsyncConnection, box: tuple[float, float, float, float]
) -> list[shapely.LineString]:
    """Roads and edges of waters in a box (west, south, east, north), cut off at it."""
    rows = await tx.execute(
        text("""
            SELECT ST_AsBinary(ST_ClipByBox2D(
                CASE WHEN ST_Dimension(geometry) = 2 THEN ST_Boundary(geometry)
                     ELSE geometry END, area.box)) AS wkb
            FROM background_shapes, (
                SELECT ST_MakeEnvelope(:west, :south, :east, :north, 4326) AS box) AS area
            WHERE geometry && area.box AND kind = ANY(:kinds)
            ORDER BY id
        """),
        dict(zip(("west", "south", "east", "north"), box, strict=True)) | {"kinds": [*LINE_KINDS]},
    )
    shapes: Any = shapely.from_wkb([row.wkb for row in rows])
    parts: Any = shapely.get_parts(shapely.line_merge(shapes)) if len(shapes) else []
    return [part for part in parts if not part.is_empty and part.geom_type == "LineString"]
