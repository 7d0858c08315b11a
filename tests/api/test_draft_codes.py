"""Codes over HTTP: never given twice, kept for a draft as long as it lives and no longer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest_asyncio

from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.test_drafts import RENAME, SPLIT, Studio
from tests.small_city import SOUTH, STEP, WEST, nine_grids, publish_small_city

NAMES = set(nine_grids()["code"])


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    await publish_small_city(tx)
    return await signed_in("planner")


def new(told: dict[str, Any]) -> set[str]:
    return {each["properties"]["code"] for each in told["grids"]["features"]} - NAMES


async def refused(studio: Studio, operation: dict[str, Any]) -> tuple[int, str]:
    answer = await studio.post("operations", operation)
    return answer.status_code, answer.json()["code"]


async def publish(studio: Studio, signed_in: SignedIn) -> None:
    await studio.post("submit")
    await studio.post("approve", by=await signed_in("leader"))
    answer = await studio.post("publish", {})
    assert answer.is_success, answer.text


async def test_a_code_of_a_grid_that_is_no_more_is_never_given_again(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    studio = await Studio.begin(planner)
    gone = new(await studio.operate(SPLIT))
    await publish(studio, signed_in)
    later = await Studio.begin(planner)
    await later.operate({"op": "merge", "grids": [*sorted(gone), "g01"]})
    await publish(later, signed_in)
    last = await Studio.begin(planner)
    retired = ({"g00", "g01"} | gone) - set(await last.grids())
    assert len(retired) == 3
    for code in sorted(retired):
        answer = await refused(last, {"op": "recode", "grid": "g10", "code": code})
        assert answer == (422, "code_taken")
    middle = WEST + STEP * 1.5
    line = [[middle, SOUTH - STEP], [middle, SOUTH + STEP * 1.5]]
    across = {"type": "LineString", "coordinates": line}
    assert not new(await last.operate({"op": "split", "grid": "g10", "line": across})) & gone


async def test_a_code_that_another_draft_chose_is_not_given(planner: httpx.AsyncClient) -> None:
    one, other = await Studio.begin(planner), await Studio.begin(planner)
    await one.operate({"op": "recode", "grid": "g00", "code": "X-1"})
    same = {"op": "recode", "grid": "g10", "code": "X-1"}
    assert await refused(other, same) == (422, "code_taken")
    await one.post("undo")
    # It may be redone any day.
    assert await refused(other, same) == (422, "code_taken")
    await planner.delete(f"/api/drafts/{one.id}", headers={"If-Match": f'"{one.revision}"'})
    assert (await other.operate(same))["retired"] == ["g10"]


async def test_what_was_undone_is_released_when_the_draft_is_published(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    studio = await Studio.begin(planner)
    undone = new(await studio.operate(SPLIT))
    await studio.post("undo")
    await studio.operate(RENAME)
    await publish(studio, signed_in)
    later = await Studio.begin(planner)
    assert new(await later.operate(SPLIT)) == undone


async def test_a_draft_keeps_its_codes_on_another_base(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    winner, late = await Studio.begin(planner), await Studio.begin(planner)
    kept = new(await late.operate(SPLIT))
    await winner.operate({**RENAME, "grid": "g20"})
    await publish(winner, signed_in)
    assert (await late.post("rebase", {})).json()["base_version"] == 2
    assert kept <= set(await late.grids())
    third = await Studio.begin(planner)
    assert not new(await third.operate(SPLIT)) & kept
