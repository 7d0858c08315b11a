from __future__ import annotations

from datetime import timedelta

import httpx
import shapely

from gis.store.engine import Transaction
from tests.small_city import NOON, SOUTH, STEP, WEST, nine_grids, publish_small_city


async def test_nothing_is_told_of_a_city_without_boundaries(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/api/outline")
    assert answer.json() == {"type": "Feature", "properties": {}, "geometry": None}


async def test_everybody_is_told_the_outline_and_not_twice(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx, at=NOON - timedelta(days=9))
    first = await visitor.get("/api/outline")
    shape = shapely.from_geojson(first.text)
    (told,) = shapely.get_parts(shape)
    square = shapely.box(WEST, SOUTH, WEST + 3 * STEP, SOUTH + 3 * STEP)
    assert told.symmetric_difference(square).area < 1e-9
    known = {"If-None-Match": first.headers["etag"]}
    again = await visitor.get("/api/outline", headers=known)
    assert (again.status_code, again.content) == (304, b"")

    shorter = nine_grids().query("code != 'g00'").reset_index(drop=True)
    await publish_small_city(tx, at=NOON, frame=shorter, allow_outline_change=True)
    other = await visitor.get("/api/outline", headers=known)
    assert other.status_code == 200
    cut = shapely.get_parts(shapely.from_geojson(other.text))[0]
    corner = shapely.box(WEST, SOUTH, WEST + STEP, SOUTH + STEP)
    assert cut.symmetric_difference(square.difference(corner)).area < 1e-9
