"""Who may do what to a draft and when: every route that changes one is walked."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.app import create_app
from api.settings import Settings
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.test_drafts import RENAME, SPLIT, Studio
from tests.small_city import SOUTH, STEP, WEST, publish_small_city

CHANGING = sorted(
    (method.upper(), path)
    for path, operations in create_app(Settings()).openapi()["paths"].items()
    for method in operations
    if path.startswith("/api/drafts/{draft_id}") and method != "get"
)
BODIES: dict[str, Any] = {
    "operations": RENAME,
    "divide": {"grid": "g00", "parts": 2, "by": "households"},
}


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    await publish_small_city(tx)
    return await signed_in("planner")


async def shown(studio: Studio) -> dict[str, Any]:
    told: dict[str, Any] = (await studio.client.get(f"/api/drafts/{studio.id}")).json()
    return told


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({}, 422, "if_match_missing"),
        ({"If-Match": '"1"'}, 409, "draft_changed"),
        ({"If-Match": "*"}, 409, "draft_changed"),
        ({"If-Match": '"3"'}, 409, "draft_changed"),
    ],
    ids=["none", "old", "any", "later"],
)
async def test_every_change_of_a_draft_names_the_revision_it_is_made_to(
    planner: httpx.AsyncClient,
    signed_in: SignedIn,
    given: dict[str, str],
    status: int,
    code: str,
) -> None:
    studio = await Studio.begin(planner)
    await studio.operate(SPLIT)
    before = await shown(studio)
    leader = await signed_in("leader")
    for method, path in CHANGING:
        step = path.rpartition("/")[2]
        answer = await (leader if step == "approve" else planner).request(
            method, path.format(draft_id=studio.id), json=BODIES.get(step), headers=given
        )
        assert (path, answer.status_code, answer.json()["code"]) == (path, status, code)
    assert await shown(studio) == before


def test_there_are_routes_that_change_a_draft() -> None:
    assert len(CHANGING) > 8


async def test_who_worked_on_a_draft_does_not_approve_it_whoever_began_it(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    helper, hander, other = [await signed_in("planner") for _ in range(3)]
    studio = await Studio.begin(planner)
    await studio.operate(SPLIT)
    assert (await studio.post("operations", RENAME, by=helper)).is_success
    assert (await studio.post("submit", by=hander)).is_success
    for somebody in (planner, helper, hander):
        own = await studio.post("approve", by=somebody)
        assert (own.status_code, own.json()["code"]) == (403, "own_draft")
    assert (await shown(studio))["state"] == "submitted"
    assert (await studio.post("approve", by=other)).is_success


async def test_only_what_was_handed_in_is_approved_and_only_what_was_approved_is_published(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    leader = await signed_in("leader")
    studio = await Studio.begin(planner)
    await studio.operate(RENAME)

    async def refused(step: str) -> tuple[int, str]:
        answer = await studio.post(step, {} if step == "publish" else None, by=leader)
        return answer.status_code, answer.json()["code"]

    assert await refused("approve") == (409, "draft_state")
    await studio.post("submit")
    assert await refused("publish") == (409, "draft_not_approved")
    await studio.post("approve", by=leader)
    # What is worked on again has to be handed in and approved again.
    await studio.post("reopen")
    await studio.operate({**RENAME, "name": "菜场"})
    assert await refused("publish") == (409, "draft_not_approved")
    assert await refused("approve") == (409, "draft_state")
    await studio.post("submit")
    assert await refused("publish") == (409, "draft_not_approved")
    await studio.post("approve", by=leader)
    assert (await studio.post("publish", {}, by=leader)).json()["version"] == 2
    studio.revision = (await shown(studio))["revision"]
    assert await refused("publish") == (409, "draft_not_approved")
    reopened = await studio.post("reopen")
    assert (reopened.status_code, reopened.json()["code"]) == (409, "draft_state")


@pytest.mark.parametrize("handed", ["submit", "approve"])
async def test_nothing_changes_in_a_draft_that_was_handed_in(
    planner: httpx.AsyncClient, signed_in: SignedIn, handed: str
) -> None:
    studio = await Studio.begin(planner)
    await studio.operate(SPLIT)
    await studio.operate(RENAME)
    await studio.post("undo")
    await studio.post("submit")
    if handed == "approve":
        await studio.post("approve", by=await signed_in("leader"))
    before = await studio.grids()
    for step, body in (("operations", RENAME), ("undo", None), ("redo", None), ("rebase", {})):
        closed = await studio.post(step, body)
        assert (step, closed.status_code, closed.json()["code"]) == (step, 409, "draft_not_open")
    assert await studio.grids() == before


async def test_a_planner_of_a_township_undoes_and_redoes_nothing_outside_of_it(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    local = await signed_in("planner", "t1")
    studio = await Studio.begin(planner)
    await studio.operate({**RENAME, "grid": "g20"})
    await studio.operate(SPLIT)
    before = await shown(studio)
    undone = await studio.post("undo", by=local)
    assert (undone.status_code, undone.json()["code"]) == (403, "not_yours")
    assert await shown(studio) == before
    assert (await studio.post("undo")).is_success
    redone = await studio.post("redo", by=local)
    assert (redone.status_code, redone.json()["code"]) == (403, "not_yours")
    # What lies in the township is its planner's, whoever drew it.
    assert (await studio.post("undo", by=local)).is_success
    assert (await studio.post("redo", by=local)).is_success


async def test_a_planner_of_a_township_neither_takes_grids_from_others_nor_gives_its_own_away(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    studio = await Studio.begin(await signed_in("planner", "t1"))
    for grid, community in (("g20", "c0"), ("g10", "c1")):
        change = {"op": "change_community", "grid": grid, "community": community}
        refused = await studio.post("operations", change)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    across = {"op": "merge", "grids": ["g10", "g20"], "allow_community_change": True}
    assert (await studio.post("operations", across)).status_code == 403
    assert await studio.grids(changed=True) == {}


async def test_a_planner_of_a_township_decides_on_drafts_of_its_own_grids_only(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    local = await signed_in("planner", "t1")
    for grid, is_its_own in (("g01", False), ("g20", True)):
        studio = await Studio.begin(planner)
        await studio.operate({**RENAME, "grid": grid})

        async def discarded(studio: Studio = studio) -> httpx.Response:
            given = {"If-Match": f'"{studio.revision}"'}
            return await local.delete(f"/api/drafts/{studio.id}", headers=given)

        if not is_its_own:
            assert (await discarded()).json()["code"] == "not_yours"
        await studio.post("submit")
        for step in ("approve", "publish"):
            answer = await studio.post(step, {} if step == "publish" else None, by=local)
            assert answer.is_success is is_its_own, answer.text
            if not is_its_own:
                assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
                await studio.post("approve", by=await signed_in("leader"))
    versions = (await planner.get("/api/versions")).json()["versions"]
    assert len(versions) == 2


async def test_a_move_of_the_outline_is_redone_by_those_who_may_move_it(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    west, south = WEST + 2 * STEP, SOUTH
    ring = [
        (WEST, SOUTH),
        (west, SOUTH),
        (west + STEP, south),
        (west + 2 * STEP, south + STEP / 2),
        (west + STEP, south + STEP),
        (west + STEP, south + 3 * STEP),
        (WEST, south + 3 * STEP),
        (WEST, SOUTH),
    ]
    outline = {"type": "Polygon", "coordinates": [ring]}
    studio = await Studio.begin(planner)
    told = await studio.operate({"op": "redraw_outline", "outline": outline, "reason": "围垦"})
    assert {each["properties"]["community"] for each in told["grids"]["features"]} == {"c1"}
    local = await signed_in("planner", "t1")
    assert (await studio.post("undo", by=local)).status_code == 403
    await studio.post("undo")
    assert (await studio.post("redo", by=local)).status_code == 403
