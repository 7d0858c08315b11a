"""Where cases came in: the load of a piece of ground."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.driver import fetch

# Coordinates as PostgreSQL's binary functions write them, in one value that numpy reads as it is:
# a quarter of a million rows made into objects take longer than finding them.
_PLACES = """
    SELECT string_agg(float8send(ST_X(point)) || float8send(ST_Y(point)), NULL::bytea)
    FROM unnest($2::float8[], $3::float8[], $4::float8[], $5::float8[])
        AS box (west, south, east, north)
    JOIN city.cases ON point && ST_MakeEnvelope(west, south, east, north, 4326)
    WHERE received_at >= $1
"""


async def case_places(
    tx: AsyncConnection, boxes: NDArray[np.float64], since: datetime
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes (WGS84) of the cases received since an instant, within boxes.

    ``boxes`` are rows of west, south, east, north. Every case counts, whatever became of it:
    also those merged into another, so that a place is weighed by all that was reported of it.
    """
    ((sent,),) = await fetch(tx, _PLACES, since, *(column.tolist() for column in _apart(boxes).T))
    places = np.frombuffer(sent or b"", ">f8").astype(np.float64).reshape(-1, 2)
    return places[:, 0], places[:, 1]


def _apart(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fewer boxes that cover these and do not overlap, so that no case is found twice."""
    shapes: Any = shapely.box(*boxes.T)
    while True:
        united = shapely.envelope(shapely.get_parts(shapely.union_all(shapes)))
        if len(united) == len(shapes):
            apart: NDArray[np.float64] = shapely.bounds(united)
            return apart
        shapes = united
