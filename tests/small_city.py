"""A city small enough to know by heart: nine grids in a square, and reports in it.

Grids ``g00``…``g22`` (column, row) are 0.01° squares whose lower left corner is
121.00 E, 30.00 N. Columns 0 and 1 are community ``c0`` in township ``t0``,
column 2 is ``c1`` in ``t1``. ``g11`` is a dedicated grid.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from boundaries.publish import Published, publish
from gis.coverage import Proven
from gis.crs import metric_crs, snap_to_storage_grid
from gis.store.cities import CityRow, add_city
from gis.store.engine import Transaction

WEST, SOUTH, STEP = 121.0, 30.0, 0.01
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CRS: pyproj.CRS = metric_crs(WEST, SOUTH)


def nine_grids(side: int = 3) -> gpd.GeoDataFrame:
    """The nine grids as a GridFrame; up to 100 with a longer ``side`` (at most 10)."""
    rows = [
        {
            "code": f"g{column}{row}",
            "name": f"网格 {column}-{row}",
            "kind": "dedicated" if (column, row) == (1, 1) else "base",
            "community": f"c{column // 2}",
            "community_name": f"社区{column // 2}",
            "township": f"t{column // 2}",
            "township_name": f"镇{column // 2}",
            "geometry": shapely.box(
                WEST + column * STEP,
                SOUTH + row * STEP,
                WEST + (column + 1) * STEP,
                SOUTH + (row + 1) * STEP,
            ),
        }
        for column in range(side)
        for row in range(side)
    ]
    frame = gpd.GeoDataFrame(rows, crs=4326).sort_values("code").reset_index(drop=True)
    frame["geometry"] = snap_to_storage_grid(frame.geometry.to_numpy())
    return frame


async def publish_small_city(
    tx: Transaction,
    *,
    at: datetime = NOON,
    frame: gpd.GeoDataFrame | None = None,
    allow_outline_change: bool = False,
    onto: int | None = None,
    proven: Proven | None = None,
) -> Published:
    """Name the city and publish its nine grids (or ``frame``)."""
    await add_city(tx, CityRow("tested", "小城", generated=True))
    return await publish(
        tx,
        nine_grids() if frame is None else frame,
        effective_at=at,
        actor="test",
        crs=CRS,
        allow_outline_change=allow_outline_change,
        onto=onto,
        proven=proven,
    )


def report_rows(
    count: int, *, grid_id: int, version_id: int, since: datetime = NOON
) -> pd.DataFrame:
    """Rows for ``add_reports``: one a minute from ``since``, all in the middle of ``g00``."""
    times = [since + timedelta(minutes=minute) for minute in range(count)]
    return pd.DataFrame(
        {
            "channel": "import",
            "external_id": [f"r{number:05d}" for number in range(count)],
            "content_hash": [number.to_bytes(16, "big") for number in range(count)],
            "category": "other",
            "kind": "event",
            "state": "historic",
            "urgency": "normal",
            "occurred_at": times,
            "received_at": times,
            "client_time": times,
            "time_flag": None,
            "given_x": WEST + STEP / 2,
            "given_y": SOUTH + STEP / 2,
            "given_datum": "wgs84",
            "accuracy_m": None,
            "lng": WEST + STEP / 2,
            "lat": SOUTH + STEP / 2,
            "version_id": version_id,
            "grid_id": grid_id,
            "today_grid_id": grid_id,
            "grid_reason": "inside",
            "staff_id": None,
            "staff_role": None,
            "staff_rule": None,
            "staff_row": None,
        }
    )
