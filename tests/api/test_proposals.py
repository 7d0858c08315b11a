"""Even grids over HTTP: drafts that PostGIS counts again, reasons, roles, one search at a time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import geopandas as gpd
import httpx
import numpy as np
import pytest
import pytest_asyncio
import shapely
from fastapi import FastAPI
from sqlalchemy import text

from api.searches import Searches
from gis.store.building_counts import replace_counts
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.handed_over import add_case
from tests.api.test_drafts import Studio
from tests.gis.store.counts_oracle import counted
from tests.small_city import SOUTH, STEP, WEST, nine_grids, publish_small_city

GRIDS = ["g00", "g01", "g02", "g10", "g12"]
EVEN = {"grids": GRIDS, "by": "households", "seconds": 1}
BLOCK = shapely.box(WEST + 0.4 * STEP, SOUTH + 1.5 * STEP, WEST + 1.4 * STEP, SOUTH + 2.5 * STEP)


def crowded_west(seed: int = 1) -> gpd.GeoDataFrame:
    """Buildings all over the nine grids, three times as many in the west, and one large block.

    And one on the edge of g12 that is of g11, as the lower code.
    """
    rng = np.random.default_rng(seed)
    places = np.concatenate(
        [rng.uniform((0, 0), (width, 3), (count, 2)) for width, count in ((3, 120), (1, 120))]
    )
    shapes: list[Any] = [shapely.Point(WEST + x * STEP, SOUTH + y * STEP) for x, y in places]
    shapes += [BLOCK, shapely.Point(round(WEST + 1.5 * STEP, 9), round(SOUTH + 2 * STEP, 9))]
    return counted(shapes, [*rng.integers(1, 30, len(places)).tolist(), 200, 40])


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    await publish_small_city(tx)
    await replace_counts(tx, crowded_west())
    return await signed_in("planner")


async def grids_of(client: httpx.AsyncClient, draft: int) -> dict[str, shapely.Geometry]:
    told = (await client.get(f"/api/drafts/{draft}/grids")).json()
    return {
        each["properties"]["code"]: shapely.from_geojson(json.dumps(each["geometry"]))
        for each in told["grids"]["features"]
    }


async def recounted(
    tx: Transaction, grids: dict[str, shapely.Geometry]
) -> dict[str, dict[str, float]]:
    """By building, by grid: households as PostGIS splits them, a point for the lowest code."""
    rows = await tx.execute(
        text("""
            WITH grids AS (SELECT code, ST_GeomFromWKB(shape, 4326) AS shape
                           FROM unnest(CAST(:codes AS text[]), CAST(:shapes AS bytea[]))
                               AS grid (code, shape)),
            points AS (SELECT DISTINCT ON (id) id, code, CAST(households AS float8) AS households
                       FROM building_counts JOIN grids ON ST_Intersects(geometry, shape)
                       WHERE ST_Dimension(geometry) = 0 ORDER BY id, code COLLATE "C")
            SELECT * FROM points UNION ALL
            SELECT id, code, households * ST_Area(ST_Intersection(geometry, shape))
                                        / ST_Area(geometry)
            FROM building_counts JOIN grids ON ST_Intersects(geometry, shape)
            WHERE ST_Dimension(geometry) = 2
        """),
        {"codes": [*grids], "shapes": [shapely.to_wkb(shape) for shape in grids.values()]},
    )
    found: dict[str, dict[str, float]] = {}
    for building, code, households in rows:
        found.setdefault(str(building), {})[code] = households
    return found


def totals(found: dict[str, dict[str, float]], code: str) -> float:
    return sum(held.get(code, 0.0) for held in found.values())


def moved(
    old: dict[str, shapely.Geometry],
    new: dict[str, shapely.Geometry],
    before: dict[str, dict[str, float]],
    after: dict[str, dict[str, float]],
) -> float:
    """Households in another grid: buildings one by one, and of the block what did not stay."""
    buildings = [key for key, held in before.items() if len(held) == 1]
    common = shapely.intersection([old[code] for code in old], [new[code] for code in old])
    stayed = float(shapely.area(shapely.intersection(common, BLOCK)).sum()) / BLOCK.area
    gone = [sum(before[key].values()) for key in buildings if before[key] != after[key]]
    return sum(gone) + 200 * (1 - stayed)


async def test_proposals_are_drafts_that_hold_what_is_said_of_them(
    tx: Transaction, planner: httpx.AsyncClient
) -> None:
    answer = await planner.post("/api/proposals", json=EVEN)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    old = dict(zip(nine_grids()["code"], nine_grids().geometry, strict=True))
    before = await recounted(tx, old)
    assert 1 <= len(told["proposals"]) <= 3
    assert told["because"] == []
    assert [point["moved"] for point in told["curve"]] == sorted(
        point["moved"] for point in told["curve"]
    )
    for proposal in told["proposals"]:
        new = await grids_of(planner, proposal["draft"])
        after = await recounted(tx, new)
        assert [row["code"] for row in proposal["table"]] == GRIDS
        for row in proposal["table"]:
            assert row["before"] == pytest.approx(totals(before, row["code"]))
            assert row["after"] == pytest.approx(totals(after, row["code"]))
        mean = sum(row["after"] for row in proposal["table"]) / len(GRIDS)
        off = max(abs(row["after"] / mean - 1) for row in proposal["table"])
        assert proposal["deviation"] == pytest.approx(off)
        assert proposal["deviation"] < told["today"]["deviation"]
        assert proposal["moved"] == pytest.approx(moved(old, new, before, after), abs=1e-3)
        outer = shapely.union_all([old[code] for code in GRIDS])
        assert shapely.union_all([new[code] for code in GRIDS]).symmetric_difference(
            outer
        ).area == pytest.approx(0, abs=1e-10)
        assert all(shapely.equals(new[code], old[code]) for code in ("g20", "g21", "g22"))
        checks = (await planner.get(f"/api/drafts/{proposal['draft']}/checks")).json()
        assert checks["publishable"], checks


async def test_a_proposal_is_a_draft_like_any_other(planner: httpx.AsyncClient) -> None:
    told = (await planner.post("/api/proposals", json=EVEN)).json()
    proposal = told["proposals"][0]
    draft = (await planner.get(f"/api/drafts/{proposal['draft']}")).json()
    assert draft["name"] == proposal["name"]
    assert draft["name"].startswith("均衡方案 1/")
    assert draft["base_version"] == told["base_version"]
    (operation,) = draft["history"]
    assert operation["operation"]["op"] == "redraw"
    assert f"调整 {proposal['moved']:,.0f} 户" in operation["note"]
    undone = await planner.post(
        f"/api/drafts/{draft['id']}/undo", headers={"If-Match": f'"{proposal["revision"]}"'}
    )
    assert undone.status_code == 200
    grids = await grids_of(planner, draft["id"])
    assert all(shapely.equals(grids[row.code], row.geometry) for row in nine_grids().itertuples())


async def test_the_load_is_that_of_the_last_year(
    tx: Transaction, planner: httpx.AsyncClient
) -> None:
    rng = np.random.default_rng(2)
    for number, (x, y) in enumerate(rng.uniform((0, 0), (1, 2), (60, 2)), start=1):
        await add_case(tx, number, (WEST + x * STEP, SOUTH + y * STEP), grid="g00")
    # Whatever day the test is run on.
    await tx.execute(text("UPDATE cases SET received_at = now()"))
    told = (await planner.post("/api/proposals", json={**EVEN, "by": "load"})).json()
    assert told["today"]["total"] == 60
    best = told["proposals"][-1]
    impact = (await planner.get(f"/api/drafts/{best['draft']}/impact")).json()
    loads = {row["code"]: row["load"] for row in impact["after"]}
    changed = [row for row in best["table"] if row["code"] in loads]
    assert changed
    assert all(row["after"] == loads[row["code"]] for row in changed)


async def test_a_community_is_made_even_without_its_dedicated_grids(
    planner: httpx.AsyncClient,
) -> None:
    told = (
        await planner.post(
            "/api/proposals", json={"community": "c0", "by": "households", "seconds": 1}
        )
    ).json()
    assert {row["code"] for row in told["proposals"][0]["table"]} == set(GRIDS)
    assert told["because"] == [
        {
            "reason": "dedicated",
            "parent": None,
            "name": "g11",
            "detail": "grid g11 is dedicated and stays",
        }
    ]
    new = await grids_of(planner, told["proposals"][0]["draft"])
    assert shapely.equals(new["g11"], nine_grids().geometry[4])


async def test_where_nothing_is_better_no_draft_is_made_and_the_reason_is_told(
    tx: Transaction, planner: httpx.AsyncClient
) -> None:
    middles = [shape.centroid for shape in nine_grids().geometry]
    await replace_counts(tx, counted(middles, [10] * 9))
    answer = await planner.post("/api/proposals", json=EVEN)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["proposals"], told["today"]["deviation"]) == ([], 0)
    assert [(each["reason"], each["parent"]) for each in told["because"]] == [
        ("even_already", "社区0 (c0)")
    ]
    alone = (await planner.post("/api/proposals", json={**EVEN, "grids": ["g22"]})).json()
    assert [each["detail"] for each in alone["because"]] == [
        "社区1 (c1): only grid g22 of it was chosen"
    ]
    assert (await planner.get("/api/drafts")).json() == {"drafts": []}


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"grids": ["g00", "nope"]}, 404, "grid_not_found"),
        ({"community": "nope"}, 404, "community_not_found"),
        ({"grids": ["g11"]}, 422, "nothing_to_even_out"),
        ({"grids": []}, 422, "malformed"),
        ({}, 422, "malformed"),
        ({"grids": ["g00"], "community": "c0"}, 422, "malformed"),
        ({"grids": [f"g{n}" for n in range(301)]}, 422, "malformed"),
        ({"grids": ["g00"], "seconds": 31}, 422, "malformed"),
        ({"grids": ["g00"], "by": "people"}, 422, "malformed"),
    ],
)
async def test_what_cannot_be_made_even_has_a_clear_answer(
    planner: httpx.AsyncClient, asked: dict[str, Any], status: int, code: str
) -> None:
    answer = await planner.post("/api/proposals", json={"by": "households", **asked})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_city_without_counts_is_told_so(
    tx: Transaction, planner: httpx.AsyncClient
) -> None:
    await tx.execute(text("DELETE FROM building_counts"))
    answer = await planner.post("/api/proposals", json=EVEN)
    assert (answer.status_code, answer.json()["code"]) == (422, "households_unknown")
    assert "nobody has counted" in answer.json()["detail"]


async def test_a_planner_bound_to_an_area_makes_only_its_grids_even(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    bound = await signed_in("planner", "c0")
    assert (await bound.post("/api/proposals", json={**EVEN, "seconds": 1})).status_code == 201
    beyond = await bound.post("/api/proposals", json={**EVEN, "grids": ["g00", "g20"]})
    assert (beyond.status_code, beyond.json()["code"]) == (403, "not_yours")
    leader = await signed_in("leader")
    assert (await leader.post("/api/proposals", json=EVEN)).status_code == 403


async def test_a_second_search_is_asked_to_come_back(
    app: FastAPI, planner: httpx.AsyncClient
) -> None:
    app.state.searches = Searches()
    never = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await never.wait()
        return {}

    async with app.state.searches.one(7.0, receive):
        busy = await planner.post("/api/proposals", json=EVEN)
    assert (busy.status_code, busy.json()["code"]) == (429, "search_running")
    assert 1 <= int(busy.headers["Retry-After"]) <= 7
    assert (await planner.post("/api/proposals", json={**EVEN, "seconds": 1})).status_code == 201


async def test_a_search_of_somebody_who_is_gone_ends_and_makes_no_draft(
    app: FastAPI, planner: httpx.AsyncClient
) -> None:
    body = json.dumps({**EVEN, "seconds": 30}).encode()
    told: list[dict[str, Any]] = [
        {"type": "http.request", "body": body, "more_body": False},
        {"type": "http.disconnect"},
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return told.pop(0)

    async def send(message: Any) -> None:
        sent.append(dict(message))

    headers = {**planner.headers, "host": "127.0.0.1", "content-type": "application/json"}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/proposals",
        "raw_path": b"/api/proposals",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "headers": [(name.lower().encode(), word.encode()) for name, word in headers.items()],
    }
    async with asyncio.timeout(20):
        await app(scope, receive, send)
    assert sent[0]["status"] == 409
    assert b"search_given_up" in sent[1]["body"]
    assert (await planner.get("/api/drafts")).json() == {"drafts": []}
    assert (await planner.post("/api/proposals", json=EVEN)).status_code == 201


async def test_a_grid_is_divided_by_one_operation_that_can_be_undone(
    tx: Transaction, planner: httpx.AsyncClient
) -> None:
    studio = await Studio.begin(planner)
    before = await studio.grids()
    answer = await studio.post("divide", {"grid": "g00", "parts": 3, "by": "households"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["retired"] == ["g00"]
    parts = {row["code"]: row["after"] for row in told["table"] if row["after"] is not None}
    assert len(parts) == 3
    after = await recounted(tx, await grids_of(planner, studio.id))
    assert parts == pytest.approx({code: totals(after, code) for code in parts})
    (old,) = (row for row in told["table"] if row["code"] == "g00")
    assert (old["before"], old["after"]) == (pytest.approx(sum(parts.values())), None)
    mean = sum(parts.values()) / 3
    assert told["deviation"] == pytest.approx(max(abs(v / mean - 1) for v in parts.values()))
    assert told["deviation"] < 0.1
    history = (await planner.get(f"/api/drafts/{studio.id}")).json()["history"]
    assert [each["operation"]["op"] for each in history] == ["redraw"]
    assert (await studio.post("undo")).status_code == 200
    assert await studio.grids() == before


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"parts": 1}, 422, "parts_too_few"),
        ({"parts": 0}, 422, "parts_too_few"),
        ({"parts": 10_000}, 422, "parts_too_many"),
        ({"grid": "nope"}, 404, "grid_not_found"),
        ({"by": "load"}, 422, "nothing_counted"),
        ({"parts": "many"}, 422, "malformed"),
    ],
)
async def test_a_division_that_makes_no_sense_changes_nothing(
    planner: httpx.AsyncClient, asked: dict[str, Any], status: int, code: str
) -> None:
    studio = await Studio.begin(planner)
    answer = await studio.post("divide", {"grid": "g00", "parts": 2, "by": "households", **asked})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await planner.get(f"/api/drafts/{studio.id}")).json()["revision"] == 1


async def test_a_division_of_a_draft_that_somebody_changed_is_a_lost_race(
    planner: httpx.AsyncClient,
) -> None:
    studio = await Studio.begin(planner)
    await studio.operate({"op": "rename", "grid": "g01", "name": "市场"})
    late = await planner.post(
        f"/api/drafts/{studio.id}/divide",
        json={"grid": "g00", "parts": 2, "by": "households"},
        headers={"If-Match": '"1"'},
    )
    assert (late.status_code, late.json()["code"]) == (409, "draft_changed")
