"""Publishing across the rooms: version, tile shapes, today's grids, journal."""

from __future__ import annotations

import asyncio
from datetime import datetime

import geopandas as gpd
import numpy as np
import pyproj

from api.locators import build_locator
from boundaries.publish import Published, publish
from gis.store import journal
from gis.store.engine import Transaction
from gis.store.grids import load_grids
from gis.store.todays_grid import case_points, set_todays_grids
from tiles.shapes import build_shapes, store_shapes

CHUNK_CASES = 50_000


async def publish_coverage(
    tx: Transaction,
    frame: gpd.GeoDataFrame,
    *,
    effective_at: datetime,
    actor: str,
    crs: pyproj.CRS,
    nearest_m: float,
    allow_outline_change: bool = False,
) -> Published:
    """Publish a GridFrame in force from now on, with everything that follows from it.

    In the caller's transaction: the proven version, its tile shapes, today's grid
    of every case, and one journal row. An unchanged frame writes nothing.
    """
    published = await publish(
        tx,
        frame,
        effective_at=effective_at,
        actor=actor,
        crs=crs,
        allow_outline_change=allow_outline_change,
    )
    if not published.is_new:
        return published
    await store_shapes(tx, published.version.id, await asyncio.to_thread(build_shapes, frame))
    moved = await _rejoin(tx, published, nearest_m, crs)
    await journal.append(
        tx,
        actor=actor,
        kind="version.published",
        subject=f"version/{published.version.number}",
        after={
            "grids": len(frame),
            "effective_at": published.version.effective_at.isoformat(),
            "cases_moved": moved,
        },
    )
    return published


async def _rejoin(tx: Transaction, published: Published, nearest_m: float, crs: pyproj.CRS) -> int:
    """Give every case its grid of today, leaving that of its own time; answers how many changed."""
    locator = build_locator(
        published.version,
        await load_grids(tx, published.version.id),
        nearest_m=nearest_m,
        metric=crs.to_string(),
    )
    moved, after = 0, 0
    while True:
        cases = await case_points(tx, after=after, limit=CHUNK_CASES)
        if not len(cases.number):
            return moved
        placed = await asyncio.to_thread(locator.index.locate, cases.lng, cases.lat)
        grid_ids = np.append(locator.grid_ids, -1)[placed.grid]
        moved += await set_todays_grids(tx, cases.number, grid_ids)
        after = int(cases.number[-1])
