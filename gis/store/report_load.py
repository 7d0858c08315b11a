"""How many reports came from where: the load of a piece of ground."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.driver import fetch

# Coordinates as PostgreSQL's binary functions write them, in one value that numpy reads as it is:
# a quarter of a million rows made into objects take longer than finding them.
_PLACES = """
    SELECT string_agg(float8send(ST_X(cases.point)) || float8send(ST_Y(cases.point)), NULL::bytea)
    FROM city.cases JOIN city.reports ON reports.case_number = cases.number
    WHERE reports.received_at >= $1 AND cases.number IN (
        SELECT number
        FROM unnest($2::float8[], $3::float8[], $4::float8[], $5::float8[])
            AS box (west, south, east, north)
        JOIN city.cases ON point && ST_MakeEnvelope(west, south, east, north, 4326))
"""


async def report_places(
    tx: AsyncConnection, boxes: NDArray[np.float64], since: datetime
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the cases lie whose reports came since an instant: a place for each report.

    Longitudes and latitudes (WGS84) within any of the boxes, rows of west, south, east, north.
    """
    ((sent,),) = await fetch(tx, _PLACES, since, *(column.tolist() for column in boxes.T))
    places = np.frombuffer(sent or b"", ">f8").astype(np.float64).reshape(-1, 2)
    return places[:, 0], places[:, 1]
