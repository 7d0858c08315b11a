"""What a planner and the city's profile ask of even grids decides what is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import geopandas as gpd
import httpx
import numpy as np
import pytest
import pytest_asyncio
import shapely
from fastapi import FastAPI
from sqlalchemy import text

from gis.store.background import add_shapes
from gis.store.building_counts import replace_counts
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.handed_over import add_case
from tests.api.test_drafts import Studio
from tests.api.test_proposals import crowded_west, grids_of, recounted, totals
from tests.gis.store.counts_oracle import counted
from tests.small_city import NOON, SOUTH, STEP, WEST, nine_grids, publish_small_city


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    """Of a city in one township, whose west is crowded."""
    frame = nine_grids().assign(township="t0", township_name="镇0")
    await publish_small_city(tx, frame=frame)
    await replace_counts(tx, crowded_west())
    return await signed_in("planner")


def of_profile(app: FastAPI, part: str, **settings: Any) -> None:
    """Change the profile of the city, before it is asked anything."""
    service = app.state.service
    changed = getattr(service.profile, part).model_copy(update=settings)
    profile = service.profile.model_copy(update={part: changed})
    app.state.service = replace(service, profile=profile)


def places(count: int, west: float, south: float, east: float, north: float) -> np.ndarray:
    """Places strewn over a box, in cells from the corner of the city."""
    strewn = np.random.default_rng(3).uniform((west, south), (east, north), (count, 2))
    return np.asarray((WEST, SOUTH) + strewn * STEP)


async def test_ground_goes_to_another_community_only_where_that_is_asked_for(
    tx: Transaction, planner: httpx.AsyncClient
) -> None:
    """g10 is of c0, its neighbour g20 of c1; the newest version, in which they are of one town."""
    frame = nine_grids().assign(township="t0", township_name="新镇")
    await publish_small_city(tx, at=NOON + timedelta(hours=1), frame=frame, onto=1)
    asked = {"grids": ["g10", "g20"], "by": "households", "seconds": 1}
    within = (await planner.post("/api/proposals", json=asked)).json()
    assert within["proposals"] == []
    assert [(each["reason"], each["name"]) for each in within["because"]] == [
        ("one_chosen", "g10"),
        ("one_chosen", "g20"),
    ]
    across = await planner.post("/api/proposals", json={**asked, "keep_communities": False})
    assert across.status_code == 201, across.text
    assert across.json()["base_version"] == 2
    best = across.json()["proposals"][-1]
    assert best["deviation"] < across.json()["today"]["deviation"]
    new = await grids_of(planner, best["draft"])
    old = nine_grids().geometry[3]
    mine, beside = shapely.area([new["g10"], new["g20"]])
    assert abs(mine / old.area - 1) > 0.01
    assert mine + beside == pytest.approx(2 * old.area, rel=1e-9)


async def test_what_is_told_of_proposals_follows_from_their_tables(
    planner: httpx.AsyncClient,
) -> None:
    asked = {"community": "c0", "by": "households", "seconds": 1}
    told = (await planner.post("/api/proposals", json=asked)).json()
    curve = [(point["moved"], point["deviation"]) for point in told["curve"]]
    assert curve[0] == pytest.approx((0, told["today"]["deviation"]))
    assert [off for _, off in curve] == sorted((off for _, off in curve), reverse=True)
    for plan in [{**told["today"], "table": None}, *told["proposals"]]:
        column, table = ("after", plan["table"]) if plan["table"] else ("before", None)
        weights = np.array([row[column] for row in table or told["proposals"][0]["table"]])
        away = weights / weights.mean() - 1
        assert plan["deviation"] == pytest.approx(np.abs(away).max())
        assert plan["spread"] == pytest.approx(np.sqrt((away**2).mean()))
    for plan in told["proposals"]:
        assert plan["moved_share"] == pytest.approx(plan["moved"] / told["today"]["total"])
        # The curve is of whole blocks, the plan of the shapes they become.
        near = min(curve, key=lambda point: abs(point[0] - plan["moved"]))
        assert near == pytest.approx((plan["moved"], plan["deviation"]), rel=0.05, abs=0.02)


async def test_no_case_older_than_a_year_is_load(
    tx: Transaction, planner: httpx.AsyncClient
) -> None:
    """In the year 40 in the west of g00; long before it 80 in the east of g10."""
    for number, place in enumerate([*places(40, 0, 0, 0.5, 1), *places(80, 1.5, 0, 2, 1)], 1):
        await add_case(tx, number, (place[0], place[1]), grid="g00")
    ages = "now() - CASE WHEN number <= 40 THEN interval '364 d' ELSE interval '366 d' END"
    await tx.execute(text(f"UPDATE cases SET received_at = {ages}"))
    asked = {"grids": ["g00", "g10"], "by": "load", "seconds": 1}
    told = (await planner.post("/api/proposals", json=asked)).json()
    assert told["today"]["total"] == 40
    best = told["proposals"][-1]
    assert [row["before"] for row in best["table"]] == [40, 0]
    assert best["table"][0]["after"] < 30
    studio = await Studio.begin(planner)
    divided = await studio.post("divide", {"grid": "g00", "parts": 2, "by": "load"})
    assert divided.status_code == 200, divided.text
    parts = [row["after"] for row in divided.json()["table"] if row["after"] is not None]
    assert sum(parts) == 40
    assert min(parts) >= 18


async def test_a_grid_is_divided_as_the_draft_has_it_along_a_road_and_keeps_its_code(
    tx: Transaction, app: FastAPI, planner: httpx.AsyncClient
) -> None:
    """g00 and g01 are one in the draft; a road runs aslant between their halves."""
    of_profile(app, "codes", split="largest_keeps", merge="largest_keeps")
    # As many on both sides of it.
    road = shapely.LineString(
        [(WEST - STEP, SOUTH + 0.7 * STEP), (WEST + 2 * STEP, SOUTH + 1.3 * STEP)]
    )
    houses = [
        (WEST + x * STEP, SOUTH + (0.9 + 0.2 * x + aside) * STEP)
        for x in np.linspace(0.05, 0.95, 20)
        for aside in (-0.6, -0.3, 0.3, 0.6)
    ]
    named = {"kind": ["road"], "name_zh": [None], "name_en": [None]}
    await add_shapes(tx, gpd.GeoDataFrame(named, geometry=[road], crs=4326))
    await replace_counts(tx, counted([*map(shapely.Point, houses)], [4] * len(houses)))
    studio = await Studio.begin(planner)
    await studio.operate({"op": "merge", "grids": ["g00", "g01"]})
    assert "g01" not in await studio.grids()
    answer = await studio.post("divide", {"grid": "g00", "parts": 2, "by": "households"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["retired"] == []
    parts = {row["code"]: row["after"] for row in told["table"]}
    assert "g00" in parts
    grids = await grids_of(planner, studio.id)
    after = await recounted(tx, grids)
    assert parts == pytest.approx({code: totals(after, code) for code in parts})
    assert sum(parts.values()) == 320
    first, second = (grids[code] for code in parts)
    border = shapely.intersection(first, second)
    along = shapely.intersection(border, shapely.buffer(road, 1e-7))
    assert shapely.length(along) > 0.9 * shapely.length(border)


async def test_no_proposal_leaves_a_grid_smaller_than_the_profile_has_pieces(
    app: FastAPI, planner: httpx.AsyncClient
) -> None:
    """No cell of a square kilometre may lose anything then; else some of them would."""
    asked = {"community": "c0", "by": "households", "seconds": 1}
    free = (await planner.post("/api/proposals", json=asked)).json()["proposals"]
    of_profile(app, "planning", smallest_piece_m2=1e9)
    kept = (await planner.post("/api/proposals", json=asked)).json()["proposals"]
    assert len(free) > len(kept) == 0


async def test_a_planner_bound_to_an_area_divides_only_its_grids(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    studio = await Studio.begin(await signed_in("planner", "c1"))
    beyond = await studio.post("divide", {"grid": "g00", "parts": 2, "by": "households"})
    assert (beyond.status_code, beyond.json()["code"]) == (403, "not_yours")
    own = await studio.post("divide", {"grid": "g20", "parts": 2, "by": "households"})
    assert own.status_code == 200, own.text
