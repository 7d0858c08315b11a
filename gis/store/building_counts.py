"""How many households and people there are at each building. Counts, never people."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.crs import STORAGE_SRID
from gis.store.copying import copy_into, ewkb


@dataclass(frozen=True, slots=True)
class CountTotals:
    """Buildings and the sums over them; a sum is None where no building has that figure."""

    buildings: int
    households: int | None
    population: int | None


async def replace_counts(tx: AsyncConnection, counts: gpd.GeoDataFrame) -> None:
    """Put these counts in the place of those the city had.

    Columns ``households, population`` (whole numbers from 0, NA where not counted), and
    the geometry: points and valid polygons, WGS84 degrees.
    """
    await tx.execute(text("DELETE FROM building_counts"))
    await copy_into(
        tx,
        "building_counts",
        {
            "geometry": ewkb(counts.geometry.to_numpy(), STORAGE_SRID),
            "households": pa.array(counts["households"].astype("Int32"), from_pandas=True),
            "population": pa.array(counts["population"].astype("Int32"), from_pandas=True),
        },
    )


async def count_totals(tx: AsyncConnection) -> CountTotals:
    """The sums over the whole city."""
    row = (
        await tx.execute(
            text(
                "SELECT count(*) AS buildings, sum(households) AS households,"
                " sum(population) AS population FROM building_counts"
            )
        )
    ).one()
    return CountTotals(row.buildings, row.households, row.population)
