"""What a draft stands on, over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.test_drafts import ACROSS_G00, Studio
from tests.small_city import publish_small_city

SPLIT = {"op": "split", "grid": "g00", "line": ACROSS_G00}


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    await publish_small_city(tx)
    return await signed_in("planner")


async def _base(studio: Studio) -> dict[str, Any]:
    told = (await studio.client.get(f"/api/drafts/{studio.id}/base")).json()
    return {each["properties"]["code"]: each["geometry"] for each in told["grids"]["features"]}


async def test_the_base_tells_the_changed_and_the_retired_grids_as_they_were(
    planner: httpx.AsyncClient,
) -> None:
    studio = await Studio.begin(planner)
    before = await studio.grids()
    assert await _base(studio) == {}
    told = await studio.operate(SPLIT)
    changed = {each["properties"]["code"] for each in told["grids"]["features"]}
    touched = (changed & before.keys()) | {"g00"}
    assert len(touched) > 1
    assert await _base(studio) == {code: before[code] for code in touched}


async def test_after_a_restart_only_what_was_changed_is_told_as_changed(
    planner: httpx.AsyncClient, app: FastAPI
) -> None:
    studio = await Studio.begin(planner)
    await studio.operate(SPLIT)
    changed, before = await studio.grids(changed="true"), await _base(studio)
    # The coverages in memory are gone; what is in the store is the same.
    del app.state.drafts
    assert await studio.grids(changed="true") == changed
    assert await _base(studio) == before
    assert len(changed) < len(await studio.grids())


async def test_what_is_undone_is_as_the_base_again(planner: httpx.AsyncClient) -> None:
    studio = await Studio.begin(planner)
    await studio.operate(SPLIT)
    await studio.post("undo")
    assert await _base(studio) == {}


async def test_a_grid_of_a_draft_has_the_area_of_the_published_one(
    planner: httpx.AsyncClient,
) -> None:
    studio = await Studio.begin(planner)
    told = (await planner.get(f"/api/drafts/{studio.id}/grids")).json()["grids"]["features"]
    of_draft = {each["properties"]["code"]: each["properties"]["area_m2"] for each in told}
    published = (await planner.get("/api/grids", params={"limit": 50})).json()["grids"]
    assert of_draft == pytest.approx(
        {grid["code"]: grid["area_m2"] for grid in published}, abs=0.01
    )
    pieces = (await studio.operate(SPLIT))["grids"]["features"]
    new = [each["properties"] for each in pieces if each["properties"]["code"] not in of_draft]
    assert sum(each["area_m2"] for each in new) == pytest.approx(of_draft["g00"], rel=1e-6)


async def test_each_community_is_told_with_the_name_of_its_township(
    planner: httpx.AsyncClient,
) -> None:
    studio = await Studio.begin(planner)
    answer = await planner.get(f"/api/drafts/{studio.id}/communities")
    told = {each["code"]: each for each in answer.json()["communities"]}
    of_grids = (await planner.get("/api/grids", params={"limit": 50})).json()["grids"]
    assert {
        (grid["community"], grid["community_name"], grid["township"], grid["township_name"])
        for grid in of_grids
    } == {
        (code, each["name"], each["township"], each["township_name"]) for code, each in told.items()
    }
