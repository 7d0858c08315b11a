"""Checks over HTTP: the profile's limits and the city's counts decide, and publishing obeys."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import pytest_asyncio
import shapely

from gis.store.building_counts import replace_counts
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.test_drafts import RENAME, SPLIT, Studio
from tests.gis.store.counts_oracle import counted
from tests.small_city import SOUTH, STEP, WEST, publish_small_city

METRE = 1e-5
"""About a metre in degrees, here."""


def split_at(lng: float) -> dict[str, Any]:
    line = {"type": "LineString", "coordinates": [[lng, SOUTH - STEP], [lng, SOUTH + STEP * 1.5]]}
    return {"op": "split", "grid": "g00", "line": line}


def yard(metres: float) -> dict[str, Any]:
    west, south, side = WEST + STEP / 2, SOUTH + STEP / 2, metres * METRE
    box = shapely.box(west, south, west + side, south + side)
    area = {"type": "Polygon", "coordinates": [list(map(list, box.exterior.coords))]}
    return {"op": "carve", "area": area, "name": "学校"}


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    await publish_small_city(tx)
    return await signed_in("planner")


async def told(studio: Studio) -> dict[str, Any]:
    answer: dict[str, Any] = (await studio.client.get(f"/api/drafts/{studio.id}/checks")).json()
    return answer


# The shipped profile: 5 m wide and 500 m² at least.
@pytest.mark.parametrize(
    ("operation", "rule"),
    [(split_at(WEST + 4 * METRE), "sliver"), (yard(15), "size")],
    ids=["sliver", "size"],
)
async def test_the_limits_of_the_profile_keep_a_draft_from_being_published(
    planner: httpx.AsyncClient, signed_in: SignedIn, operation: dict[str, Any], rule: str
) -> None:
    studio = await Studio.begin(planner)
    await studio.operate(operation)
    checks = await told(studio)
    assert checks["publishable"] is False
    [found] = [each for each in checks["checks"] if each["severity"] == "error"]
    assert found["rule"] == rule
    ground = shapely.geometry.shape((await studio.grids())[found["grid"]])
    assert shapely.intersects(shapely.geometry.shape(found["where"]), ground)
    leader = await signed_in("leader")
    await studio.post("submit")
    await studio.post("approve", by=leader)
    refused = await studio.post("publish", {}, by=leader)
    assert (refused.status_code, refused.json()["code"]) == (422, "checks_failed")
    assert refused.json()["grids"] == [found["grid"]]
    assert len((await planner.get("/api/versions")).json()["versions"]) == 1


@pytest.mark.parametrize("operation", [split_at(WEST + 7 * METRE), yard(30)], ids=["wide", "large"])
async def test_what_is_within_the_limits_is_not_told(
    planner: httpx.AsyncClient, operation: dict[str, Any]
) -> None:
    studio = await Studio.begin(planner)
    await studio.operate(operation)
    assert await told(studio) == {"revision": 2, "publishable": True, "checks": []}


async def test_more_households_than_a_grid_should_have_are_told_and_publishing_goes_on(
    planner: httpx.AsyncClient, tx: Transaction
) -> None:
    places = [shapely.Point(WEST + STEP * x, SOUTH + STEP / 2) for x in (0.25, 0.75)]
    await replace_counts(tx, counted(places, [801, 800], [None] * 2))
    studio = await Studio.begin(planner)
    await studio.operate(SPLIT)
    checks = await told(studio)
    assert checks["publishable"] is True
    [found] = checks["checks"]
    assert (found["rule"], found["severity"]) == ("households", "warning")
    ground = shapely.geometry.shape((await studio.grids())[found["grid"]])
    assert shapely.covers(ground, places[0])
    assert found["facts"] == {"households": 801, "most": 800}


async def test_what_no_longer_fits_is_told_with_its_place_and_the_draft_stays_as_it_is(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    winner, late = await Studio.begin(planner), await Studio.begin(planner)
    corner = [WEST + STEP, SOUTH + STEP * 2]
    aside = [WEST + STEP * 1.1, SOUTH + STEP * 2.1]
    back = [WEST + STEP * 0.9, SOUTH + STEP * 1.9]
    move = {"op": "move_boundary", "from": corner, "to": back}
    await winner.operate({**move, "to": aside})
    await late.operate(RENAME)
    await late.operate(move)
    await winner.post("submit")
    await winner.post("approve", by=await signed_in("leader"))
    assert (await winner.post("publish", {})).is_success
    before = await late.grids()
    answer = await late.post("rebase", {})
    assert answer.status_code == 409
    [unfit] = answer.json()["unfit"]
    assert (unfit["place"], unfit["code"]) == (1, "no_edge_here")
    assert {key: unfit["operation"][key] for key in move} == move
    assert unfit["message"].endswith(".")
    assert unfit["where"] == {"type": "Point", "coordinates": corner}
    assert await late.grids() == before
    shown = (await planner.get(f"/api/drafts/{late.id}")).json()
    assert (shown["base_version"], shown["revision"], shown["operations"]) == (1, late.revision, 2)
    # Left out, what fits is put on the shapes of the new base.
    assert (await late.post("rebase", {"leave_out": True})).is_success
    left = (await planner.get(f"/api/drafts/{late.id}/grids")).json()["grids"]["features"]
    base = (await planner.get("/api/versions/2/grids")).json()["grids"]["features"]
    shapes = {each["properties"]["code"]: each["geometry"] for each in base}
    assert {each["properties"]["code"]: each["geometry"] for each in left} == shapes
    assert "市场" in {each["properties"]["name"] for each in left}
