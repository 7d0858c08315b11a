"""A city of crooked grids with an island, cases in them, and households of most.

Grids are called ``x0y0`` … by column and row of a lattice of seven by seven; two rows are
missing, but for one grid, which shares an edge with nobody. Communities are blocks of two columns
by three rows, townships two columns.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import text

from gis.cells import CASE_RESOLUTION, cells_of
from gis.store.building_counts import replace_counts
from gis.store.copying import copy_into, ewkb_points
from gis.store.engine import Transaction
from tests.gis.lattice import crooked_lattice
from tests.gis.store.counts_oracle import counted
from tests.small_city import NOON, publish_small_city

SIDE = 7
ISLAND = "x3y6"
UNCOUNTED = ("x0y1", "x4y4")
NO_HOUSEHOLDS = "x2y2"


def crooked_grids(seed: int) -> gpd.GeoDataFrame:
    """The grids as a GridFrame."""
    rows = [
        {
            "code": f"x{column}y{row}",
            "name": f"网格 {column}-{row}",
            "kind": "base",
            "community": f"c{column // 2}{row // 3}",
            "community_name": f"社区 {column // 2}-{row // 3}",
            "township": f"t{column // 2}",
            "township_name": f"镇 {column // 2}",
            "geometry": shape,
        }
        for (column, row), shape in zip(
            np.ndindex(SIDE, SIDE), crooked_lattice(SIDE, SIDE, seed=seed), strict=True
        )
        if row < SIDE - 2 or f"x{column}y{row}" == ISLAND
    ]
    return gpd.GeoDataFrame(rows, crs=4326).sort_values("code").reset_index(drop=True)


def cases_in(frame: gpd.GeoDataFrame, seed: int, count: int = 700) -> pd.DataFrame:
    """Cases at random in the grids' box, many around one point; ``grid`` is None outside."""
    rng = np.random.default_rng(seed)
    west, south, east, north = frame.total_bounds
    lng, lat = rng.uniform(west, east, count), rng.uniform(south, north, count)
    gathered = count // 4
    lng[:gathered] = west + 0.015 + rng.normal(0, 0.004, gathered)
    lat[:gathered] = south + 0.035 + rng.normal(0, 0.004, gathered)
    lng, lat = np.round(lng, 9), np.round(lat, 9)
    case, grid = shapely.STRtree(frame.geometry.to_numpy()).query(
        shapely.points(lng, lat), predicate="within"
    )
    code = pd.Series(frame["code"].to_numpy()[grid], index=case).reindex(range(count))
    at = NOON + pd.to_timedelta(rng.integers(0, 48 * 3600, count), unit="s")
    return pd.DataFrame(
        {
            "number": np.arange(1, count + 1),
            "kind": "event",
            "state": "closed",
            "urgency": "normal",
            "category": rng.choice(["garbage", "flooding", "neighbour_dispute"], count),
            "channel": "hotline",
            "occurred_at": at,
            "received_at": at,
            "lng": lng,
            "lat": lat,
            "grid": code.where(code.notna(), None),
        }
    )


def households_of(frame: gpd.GeoDataFrame, seed: int) -> pd.Series:
    """By code: missing where nobody counted, 0 where nobody lives."""
    rng = np.random.default_rng(seed)
    found = pd.Series(np.ceil(10 ** rng.uniform(0.5, 3, len(frame))), index=frame["code"])
    found[NO_HOUSEHOLDS] = 0
    return found.drop(list(UNCOUNTED))


async def store_crooked_city(
    tx: Transaction, frame: gpd.GeoDataFrame, cases: pd.DataFrame, households: pd.Series
) -> None:
    """Publish the grids, and store cases and households."""
    await publish_small_city(tx, frame=frame)
    ids = {row.code: row.id for row in await tx.execute(text("SELECT code, id FROM grids"))}
    version = (await tx.execute(text("SELECT id FROM boundary_versions"))).scalar_one()
    grid_id = [ids.get(code) for code in cases["grid"]]
    await copy_into(
        tx,
        "cases",
        {
            **{name: cases[name] for name in cases.columns.difference(["lng", "lat", "grid"])},
            "point": ewkb_points(cases["lng"].to_numpy(), cases["lat"].to_numpy()),
            "cell": cells_of(cases["lng"], cases["lat"], CASE_RESOLUTION).astype(np.int64),
            "version_id": [None if id_ is None else version for id_ in grid_id],
            "grid_id": grid_id,
            "grid_reason": np.where(cases["grid"].isna(), "outside", "inside").astype(object),
            "today_grid_id": grid_id,
        },
    )
    figures = households.reindex(frame["code"])
    middles = list(frame.geometry.representative_point())
    buildings = counted(middles, [None if np.isnan(one) else int(one) for one in figures])
    await replace_counts(tx, buildings)
