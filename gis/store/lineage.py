"""Lineage in and out, and the counts that it is shared by."""

from __future__ import annotations

from typing import Any

import pandas as pd
import shapely
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from gis.store.copying import copy_into
from gis.store.tables.lineage import GridLineage
from gis.store.tables.places import Grid

_FIGURES = ["area_m2", "area_share", "households_share"]


async def add_lineage(tx: AsyncConnection, version_id: int, rows: pd.DataFrame) -> None:
    """Write a version's lineage: columns ``old, new`` (codes), and the three figures."""
    codes = sorted({*rows["old"], *rows["new"]})
    found = await tx.execute(
        text("SELECT code, id FROM grids WHERE code = ANY(CAST(:codes AS text[]))"),
        {"codes": codes},
    )
    ids = {row.code: row.id for row in found}
    await copy_into(
        tx,
        GridLineage.__tablename__,
        {
            "version_id": [version_id] * len(rows),
            "old_grid_id": [ids[code] for code in rows["old"]],
            "new_grid_id": [ids[code] for code in rows["new"]],
            **{name: rows[name].astype("Float64") for name in _FIGURES},
        },
    )


async def lineage_of(tx: AsyncConnection, version_id: int) -> pd.DataFrame:
    """A version's lineage as ``add_lineage`` takes it, by old code, then new code.

    ``households_share`` is NA where none were counted. A grid without a row is the same as
    in the version before.
    """
    old, new = aliased(Grid), aliased(Grid)
    rows = await tx.execute(
        select(
            old.code.label("old"),
            new.code.label("new"),
            *(getattr(GridLineage, name) for name in _FIGURES),
        )
        .join(old, old.id == GridLineage.old_grid_id)
        .join(new, new.id == GridLineage.new_grid_id)
        .where(GridLineage.version_id == version_id)
        .order_by(old.code.collate("C"), new.code.collate("C"))
    )
    frame = pd.DataFrame(rows.all(), columns=["old", "new", *_FIGURES])
    return frame.astype(dict.fromkeys(_FIGURES, "Float64"))


async def households_near(
    tx: AsyncConnection, shapes: Any
) -> tuple[list[shapely.Geometry], list[float]] | None:
    """Every count whose box meets that of one of these shapes (EPSG:4326).

    Geometries and households, NaN where they were not counted; None in a city without any
    count of households.
    """
    counted = await tx.execute(
        text("SELECT EXISTS (SELECT FROM building_counts WHERE households IS NOT NULL)")
    )
    if not counted.scalar_one():
        return None
    west, south, east, north = (column.tolist() for column in shapely.bounds(shapes).T)
    rows = (
        await tx.execute(
            text("""
                SELECT DISTINCT ON (building.id) ST_AsBinary(building.geometry) AS wkb,
                       coalesce(CAST(building.households AS float8), 'NaN') AS households
                FROM unnest(CAST(:west AS float8[]), CAST(:south AS float8[]),
                            CAST(:east AS float8[]), CAST(:north AS float8[]))
                    AS box (west, south, east, north)
                JOIN building_counts AS building
                    ON building.geometry && ST_MakeEnvelope(west, south, east, north, 4326)
            """),
            {"west": west, "south": south, "east": east, "north": north},
        )
    ).all()
    return list(shapely.from_wkb([row.wkb for row in rows])), [row.households for row in rows]
