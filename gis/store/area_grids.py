"""Which grids an area has today, whatever its level."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.errors import BadInput


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
