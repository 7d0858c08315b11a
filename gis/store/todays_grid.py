"""Today's grid of each case, which follows the boundary version in force."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def set_todays_grids(
    tx: AsyncConnection, numbers: NDArray[np.int64], grid_ids: NDArray[np.int64]
) -> int:
    """Set today's grid of cases (-1: none); answers how many changed."""
    result = await tx.execute(
        text(
            "UPDATE cases SET today_grid_id = nullif(moved.grid_id, -1)"
            " FROM unnest(CAST(:numbers AS bigint[]), CAST(:grids AS int[]))"
            " AS moved(number, grid_id)"
            " WHERE cases.number = moved.number"
            " AND today_grid_id IS DISTINCT FROM nullif(moved.grid_id, -1)"
        ),
        {"numbers": numbers.tolist(), "grids": grid_ids.tolist()},
    )
    return int(result.rowcount)
