"""Random cases in three versions of the small city, and where each lies by plain arithmetic.

The edge between columns 0 and 1 lies at 0.010° of the first version, 0.013° of the second,
which is in force, and 0.007° of the third, which is not yet.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import text

from boundaries.publish import publish
from gis.cells import CASE_RESOLUTION, cells_of
from gis.store.copying import copy_into, ewkb_points
from gis.store.engine import Transaction
from gis.store.tables.cases import CASE_KINDS, CASE_STATES, CHANNELS
from tests.small_city import CRS, NOON, SOUTH, STEP, WEST, nine_grids, publish_small_city

EDGES = {1: 0.010, 2: 0.013, 3: 0.007}
EFFECTIVE = {1: NOON - timedelta(days=20), 2: NOON, 3: NOON + timedelta(days=36_500)}
IN_FORCE = 2
CATEGORIES = ("garbage", "flooding", "other", "neighbour_dispute")
SENSITIVE = frozenset({"neighbour_dispute"})
FIRST, LAST = pd.Timestamp("2024-10-20", tz="UTC"), pd.Timestamp("2026-11-22", tz="UTC")


def random_cases(seed: int, count: int = 120) -> pd.DataFrame:
    """Cases with their grid (None outside) in each version: columns ``in_1`` to ``in_3``.

    Times lie around clock changes, two years and today; no point is near an edge of the city.
    """
    rng = np.random.default_rng(seed)
    beyond = np.array([-0.0045, 0.0345])
    x, y = rng.uniform(0.0001, 3 * STEP - 0.0001, (2, count))
    far = rng.random((2, count)) < 0.05
    x = np.where(far[0], rng.choice(beyond, count) + rng.uniform(-0.001, 0.001, count), x)
    y = np.where(far[1], rng.choice(beyond, count) + rng.uniform(-0.001, 0.001, count), y)
    # A few stand in one spot.
    x[: count // 6], y[: count // 6] = x[0], y[0]
    start = rng.choice(
        pd.DatetimeIndex(["2024-10-27", "2024-11-03", "2025-03-09", "2025-03-30", "2026-11-19"]),
        count,
    )
    at = pd.DatetimeIndex(start).tz_localize("UTC") + pd.to_timedelta(
        rng.integers(0, 48 * 3600, count), unit="s"
    )
    cases = pd.DataFrame(
        {
            "number": np.arange(1, count + 1),
            "kind": rng.choice(CASE_KINDS, count),
            "state": rng.choice(CASE_STATES, count),
            "urgency": "normal",
            "category": rng.choice(CATEGORIES, count),
            "channel": rng.choice(CHANNELS, count),
            "occurred_at": at,
            "received_at": at,
            "held": rng.random(count) < 0.05,
            "lng": np.round(WEST + x, 9),
            "lat": np.round(SOUTH + y, 9),
        }
    )
    for version in EDGES:
        cases[f"in_{version}"] = grids_of(x, y, version)
    return cases


def grids_of(x: Any, y: Any, version: int) -> list[str | None]:
    """Grids of points given in degrees from the city's lower left corner."""
    column = np.searchsorted([0, EDGES[version], 2 * STEP, 3 * STEP], x) - 1
    row = np.floor(y / STEP).astype(int)
    inside = (column >= 0) & (column <= 2) & (row >= 0) & (row <= 2)
    return [f"g{c}{r}" if known else None for c, r, known in zip(column, row, inside, strict=True)]


def own_version(cases: pd.DataFrame) -> pd.Series:
    """The version that was in force when each case happened."""
    return pd.Series(np.where(cases["occurred_at"] < EFFECTIVE[2], 1, 2), cases.index)


async def store_city(tx: Transaction, cases: pd.DataFrame) -> None:
    """Publish the three versions and store the cases."""
    await publish_small_city(tx, at=EFFECTIVE[1], frame=frame_of(1))
    for version in (2, 3):
        await publish(tx, frame_of(version), effective_at=EFFECTIVE[version], actor="test", crs=CRS)
    rows = await tx.execute(text("SELECT code, id FROM grids"))
    grid_id = {row.code: row.id for row in rows}
    rows = await tx.execute(text("SELECT number, id FROM boundary_versions"))
    version_id = {row.number: row.id for row in rows}
    own = own_version(cases)
    own_grid = np.where(own == 1, cases["in_1"], cases["in_2"])
    inside = pd.notna(own_grid)
    await copy_into(
        tx,
        "cases",
        {
            **{
                name: cases[name]
                for name in ("number", "kind", "state", "urgency", "category", "channel",
                             "occurred_at", "received_at")
            },
            "held_at": cases["received_at"].where(cases["held"]),
            "point": ewkb_points(cases["lng"].to_numpy(), cases["lat"].to_numpy()),
            "cell": cells_of(cases["lng"], cases["lat"], CASE_RESOLUTION).astype(np.int64),
            "version_id": [
                version_id[number] if known else None
                for number, known in zip(own, inside, strict=True)
            ],
            "grid_id": [grid_id.get(code) for code in own_grid],
            "grid_reason": np.where(inside, "inside", "outside").astype(object),
            "today_grid_id": [grid_id.get(code) for code in cases[f"in_{IN_FORCE}"]],
        },
    )  # fmt: skip


def frame_of(version: int) -> gpd.GeoDataFrame:
    """The nine grids as a version has them."""
    frame = nine_grids()
    edge = WEST + EDGES[version]

    def moved(corners: Any) -> Any:
        return np.where(np.isclose(corners, [WEST + STEP, 0]), [edge, 0], corners)

    frame["geometry"] = shapely.transform(frame.geometry.to_numpy(), moved)
    return frame
