"""What a draft has kept is what its operations make of its base, byte for byte, at any step."""

from __future__ import annotations

from typing import Any

import httpx
import pytest_asyncio
import shapely
from fastapi import FastAPI

from api.planning import planning_of
from api.profile import read_profile
from api.settings import SHIPPED_PROFILE
from boundaries.codes import RecordedCodes
from boundaries.draft_coverage import DraftCoverage
from boundaries.drafts import Drafts
from boundaries.operation_json import read_operation
from boundaries.operations import apply
from gis.store.drafts import find_draft
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.test_drafts import RENAME, SPLIT, Studio
from tests.small_city import CRS, SOUTH, STEP, WEST, nine_grids, publish_small_city

PLANNING = planning_of(read_profile(SHIPPED_PROFILE))
Known = dict[str, Any]


def at(column: float, row: float) -> list[float]:
    return [WEST + column * STEP, SOUTH + row * STEP]


YARD = [at(1.3, 2.3), at(1.7, 2.3), at(1.7, 2.6), at(1.3, 2.6), at(1.3, 2.3)]
OPERATIONS: tuple[dict[str, Any], ...] = (
    SPLIT,
    RENAME,
    {"op": "recode", "grid": "g01", "code": "X-1"},
    {"op": "move_boundary", "from": at(1, 2), "to": at(1.1, 2.05)},
    {"op": "merge", "grids": ["X-1", "g02"]},
    {"op": "carve", "area": {"type": "Polygon", "coordinates": [YARD]}, "name": "学校"},
    {"op": "renumber", "community": "c0"},
)


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    await publish_small_city(tx)
    return await signed_in("planner")


async def grids(client: httpx.AsyncClient, address: str) -> Known:
    told = (await client.get(f"{address}/grids")).json()
    return {each["properties"]["code"]: each for each in told["grids"]["features"]}


def followed(known: Known, told: dict[str, Any]) -> Known:
    """What a page knows after an answer: that is all it is told."""
    left = {code: each for code, each in known.items() if code not in told["retired"]}
    return left | {each["properties"]["code"]: each for each in told["grids"]["features"]}


async def test_who_follows_the_answers_knows_the_draft_at_every_step(
    planner: httpx.AsyncClient, app: FastAPI
) -> None:
    studio = await Studio.begin(planner)
    address = f"/api/drafts/{studio.id}"
    states = [await grids(planner, address)]
    for operation in OPERATIONS:
        states.append(followed(states[-1], await studio.operate(operation)))
        assert await grids(planner, address) == states[-1]
    known = states[-1]
    # Days later: nothing of the draft is in memory any more.
    for step, expected in (
        *(("undo", state) for state in states[-2::-1]),
        *(("redo", state) for state in states[1:]),
    ):
        del app.state.drafts
        known = followed(known, (await studio.post(step)).json())
        assert known == expected
        assert await grids(planner, address) == expected


def bytes_of(city: DraftCoverage) -> list[tuple[str, str, str, str, bytes]]:
    return sorted(
        (grid.code, grid.name, grid.kind, grid.community, shapely.to_wkb(grid.geometry))
        for grid in city.grids.values()
    )


async def test_the_operations_it_tells_make_what_it_has_kept(
    planner: httpx.AsyncClient, tx: Transaction
) -> None:
    studio = await Studio.begin(planner)
    for operation in OPERATIONS:
        await studio.operate(operation)
    replayed = DraftCoverage.of(nine_grids(), CRS)
    history = (await planner.get(f"/api/drafts/{studio.id}")).json()["history"]
    assert len(history) == len(OPERATIONS)
    for row in history:
        codes = RecordedCodes(PLANNING.codes, row["codes"])
        asked = read_operation(row["operation"])
        replayed = apply(replayed, asked, codes, PLANNING.limits).coverage
    draft = await find_draft(tx, studio.id)
    assert draft is not None
    assert bytes_of(await Drafts(PLANNING).coverage(tx, draft)) == bytes_of(replayed)


async def test_what_was_drafted_is_what_is_published(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    studio = await Studio.begin(planner)
    for operation in OPERATIONS:
        await studio.operate(operation)
    drafted = await grids(planner, f"/api/drafts/{studio.id}")
    await studio.post("submit")
    await studio.post("approve", by=await signed_in("leader"))
    answer = await studio.post("publish", {})
    assert answer.is_success, answer.text
    published = await grids(planner, "/api/versions/2")
    assert published.keys() == drafted.keys()
    for code, grid in drafted.items():
        assert published[code]["geometry"] == grid["geometry"]
        assert published[code]["properties"] == grid["properties"]
