"""How many households and people there are at each building. Counts, never people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pyarrow as pa
import shapely
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


@dataclass(frozen=True, slots=True)
class CountsNear:
    """Counts near some shapes: geometries (EPSG:4326), and aligned figures, NaN where not counted.

    A figure that the city has nowhere is None.
    """

    geometries: Sequence[shapely.Geometry]
    households: Sequence[float] | None
    population: Sequence[float] | None


async def counts_near(tx: AsyncConnection, shapes: Any) -> CountsNear:
    """Every count whose box meets that of one of these shapes (EPSG:4326, at least one)."""
    totals = await count_totals(tx)
    west, south, east, north = (column.tolist() for column in shapely.bounds(shapes).T)
    rows = (
        await tx.execute(
            text("""
                SELECT DISTINCT ON (building.id) ST_AsBinary(building.geometry) AS wkb,
                       coalesce(CAST(building.households AS float8), 'NaN') AS households,
                       coalesce(CAST(building.population AS float8), 'NaN') AS population
                FROM unnest(CAST(:west AS float8[]), CAST(:south AS float8[]),
                            CAST(:east AS float8[]), CAST(:north AS float8[]))
                    AS box (west, south, east, north)
                JOIN building_counts AS building
                    ON building.geometry && ST_MakeEnvelope(west, south, east, north, 4326)
            """),
            {"west": west, "south": south, "east": east, "north": north},
        )
    ).all()
    return CountsNear(
        list(shapely.from_wkb([row.wkb for row in rows])),
        None if totals.households is None else [row.households for row in rows],
        None if totals.population is None else [row.population for row in rows],
    )
