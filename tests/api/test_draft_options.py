"""What an operation may be told beside its shape is heard over HTTP: leave, heirs, communities."""

from __future__ import annotations

from typing import Any

import httpx
import pytest_asyncio
import shapely

from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.test_drafts import Studio
from tests.small_city import SOUTH, STEP, WEST, publish_small_city


def at(column: float, row: float) -> list[float]:
    return [WEST + column * STEP, SOUTH + row * STEP]


def block(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [[at(*corner) for corner in corners]]}


BULGE = {"type": "LineString", "coordinates": [at(2, 0.2), at(2.2, 0.5), at(2, 0.8)]}
ACROSS_COMMUNITIES: tuple[tuple[dict[str, Any], tuple[float, float]], ...] = (
    # The larger of the two by a hair is g20, which keeps its community.
    ({"op": "merge", "grids": ["g10", "g20"]}, (1.5, 0.5)),
    ({"op": "move_boundary", "from": at(2, 1), "to": at(2.1, 1)}, (2.03, 0.9)),
    ({"op": "move_boundary", "line": BULGE}, (2.1, 0.5)),
    ({"op": "transfer", "to": "g10", "area": block(2, 0.2, 2.4, 0.8)}, (2.2, 0.5)),
    ({"op": "carve", "area": block(1.6, 0.2, 2.2, 0.8), "name": "学校"}, (2.1, 0.5)),
    ({"op": "dissolve", "grid": "g20", "to": "g10"}, (2.5, 0.5)),
    ({"op": "redraw", "grid": "g10", "area": block(1, 0, 2.3, 1)}, (2.2, 0.5)),
    (
        {
            "op": "redraw",
            "grids": [
                {"code": "g10", "area": block(1, 0, 2.3, 1)},
                {"code": "g20", "area": block(2.3, 0, 3, 1)},
            ],
        },
        (2.2, 0.5),
    ),
)


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    await publish_small_city(tx)
    return await signed_in("planner")


async def community_at(studio: Studio, column: float, row: float) -> str:
    told = (await studio.client.get(f"/api/drafts/{studio.id}/grids")).json()
    here = shapely.Point(*at(column, row))
    [found] = [
        each["properties"]["community"]
        for each in told["grids"]["features"]
        if shapely.intersects(shapely.geometry.shape(each["geometry"]), here)
    ]
    return str(found)


async def test_ground_changes_its_community_only_where_that_is_allowed(
    planner: httpx.AsyncClient,
) -> None:
    studio = await Studio.begin(planner)
    for operation, place in ACROSS_COMMUNITIES:
        refused = await studio.post("operations", operation)
        told = refused.json()
        assert (operation["op"], refused.status_code, told["code"]) == (
            operation["op"],
            422,
            "community_edge",
        )
        # What would go with the edge: ground near the place that changes its community.
        where = shapely.geometry.shape(told["where"])
        assert shapely.distance(where, shapely.Point(*at(*place))) < STEP
        assert shapely.area(where) > 0
        before = await community_at(studio, *place)
        await studio.operate({**operation, "allow_community_change": True})
        assert await community_at(studio, *place) == {"c0": "c1", "c1": "c0"}[before]
        await studio.post("undo")


async def test_a_piece_that_is_cut_off_goes_to_whom_it_was_said(planner: httpx.AsyncClient) -> None:
    # A road through g01 from west to east: the south of it, cut off, to whom it is said.
    road = {"op": "transfer", "to": "g11", "area": block(0, 0.4 + 1, 1, 0.6 + 1)}
    studio = await Studio.begin(planner)
    refused = await studio.post("operations", road)
    assert (refused.status_code, refused.json()["code"]) == (422, "would_cut")
    offered = refused.json()["offered"]
    assert len(offered) > 1
    where = shapely.geometry.shape(refused.json()["where"])
    for code in offered:
        await studio.operate({**road, "cut_off_to": code})
        told = await studio.grids()
        assert shapely.covers(shapely.geometry.shape(told[code]), where.buffer(-1e-7))
        await studio.post("undo")


async def test_a_carved_grid_is_of_the_community_it_was_said(planner: httpx.AsyncClient) -> None:
    studio = await Studio.begin(planner)
    carve = {"op": "carve", "area": block(1.6, 0.2, 2.2, 0.8), "name": "学校"}
    await studio.operate({**carve, "community": "c1", "allow_community_change": True})
    assert await community_at(studio, 1.7, 0.5) == "c1"
