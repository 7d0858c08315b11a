"""Lineage in and out."""

from __future__ import annotations

import pandas as pd
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
