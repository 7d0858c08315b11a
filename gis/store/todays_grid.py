"""Today's grid of each case, which follows the boundary version in force."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class CasePoints:
    """Cases by number and where they are (WGS84 degrees), aligned arrays."""

    number: NDArray[np.int64]
    lng: NDArray[np.float64]
    lat: NDArray[np.float64]


async def case_points(tx: AsyncConnection, *, after: int, limit: int) -> CasePoints:
    """The next cases by number after ``after``."""
    rows = (
        await tx.execute(
            text(
                "SELECT number, ST_X(point), ST_Y(point) FROM cases"
                " WHERE number > :after ORDER BY number LIMIT :limit"
            ),
            {"after": after, "limit": limit},
        )
    ).all()
    columns = np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 3)
    # Case numbers stay far below 2**53, so the detour through doubles is exact.
    return CasePoints(columns[:, 0].astype(np.int64), columns[:, 1], columns[:, 2])


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
