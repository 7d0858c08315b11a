"""Which grids an area has today, whatever its level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.errors import BadInput


@dataclass(frozen=True, slots=True)
class Townships:
    """The townships of a boundary version, and in which of them each grid lies.

    ``of_grid`` is indexed by the grid's id: a position in ``codes``, -1 for ids that are
    no grid of the version. Its last entry is -1 as well, for the id -1 of no grid.
    """

    codes: tuple[str, ...]
    of_grid: NDArray[np.int32]

    def at(self, grid_ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """The township of each grid; -1 for none."""
        known = np.where(grid_ids < len(self.of_grid), grid_ids, -1)
        found: NDArray[np.int32] = self.of_grid[known]
        return found


async def townships_of(tx: AsyncConnection, version_id: int) -> Townships:
    """The townships of a boundary version, by code."""
    rows = (
        await tx.execute(
            text("""
                SELECT townships.code, part.grid_id
                FROM grid_versions AS part
                JOIN community_versions AS above USING (version_id, community_id)
                JOIN townships ON townships.id = above.township_id
                WHERE part.version_id = :version
            """),
            {"version": version_id},
        )
    ).all()
    codes = tuple(sorted({row.code for row in rows}))
    position = {code: place for place, code in enumerate(codes)}
    of_grid = np.full(max((row.grid_id for row in rows), default=-1) + 2, -1, np.int32)
    for row in rows:
        of_grid[row.grid_id] = position[row.code]
    return Townships(codes, of_grid)


async def areas_of_versions(tx: AsyncConnection) -> pd.DataFrame:
    """Every grid of every version: ``version_id, grid_id`` and the codes of its areas.

    Columns ``grid, community, township`` hold these.
    """
    rows = await tx.execute(
        text("""
            SELECT part.version_id, part.grid_id, grids.code AS grid,
                   communities.code AS community, townships.code AS township
            FROM grid_versions AS part
            JOIN community_versions AS above USING (version_id, community_id)
            JOIN grids ON grids.id = part.grid_id
            JOIN communities ON communities.id = part.community_id
            JOIN townships ON townships.id = above.township_id
        """)
    )
    return pd.DataFrame(rows.all(), columns=list(rows.keys()))


async def grids_of_areas(
    tx: AsyncConnection, codes: Sequence[str], *, at: datetime
) -> frozenset[int]:
    """Ids of the grids in any of these grids, communities and townships, at ``at``.

    Raises
    ------
    BadInput
        ``area_unknown``: no area in force has that code.
    """
    rows = await tx.execute(
        text("""
            SELECT wanted.code, part.grid_id
            FROM unnest(CAST(:codes AS text[])) AS wanted (code)
            LEFT JOIN (
                SELECT part.grid_id, grids.code AS grid, communities.code AS community,
                       townships.code AS township
                FROM grid_versions AS part
                JOIN community_versions AS above USING (version_id, community_id)
                JOIN grids ON grids.id = part.grid_id
                JOIN communities ON communities.id = part.community_id
                JOIN townships ON townships.id = above.township_id
                WHERE part.version_id = (
                    SELECT id FROM boundary_versions WHERE effective_at <= :at
                    ORDER BY effective_at DESC LIMIT 1)
            ) AS part ON wanted.code IN (part.grid, part.community, part.township)
        """),
        {"codes": list(codes), "at": at},
    )
    found = [(code, grid_id) for code, grid_id in rows]
    for code, grid_id in found:
        if grid_id is None:
            raise BadInput(
                "area_unknown", f"No area of today has the code {code!r}.", field="area", value=code
            )
    return frozenset(grid_id for _, grid_id in found)
