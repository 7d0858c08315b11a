"""Publishing a draft over HTTP: what was told of it happens, and at the instant it was told."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import shapely
from sqlalchemy import text

from gis.store.building_counts import replace_counts
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.handed_over import add_case, do_due, grids_today, make_city, post
from tests.api.test_drafts import SPLIT, Studio
from tests.gis.store.counts_oracle import counted
from tests.small_city import SOUTH, STEP, WEST, nine_grids

DAY = timedelta(days=1)
NINE = set(nine_grids()["code"])
WEST_HALF = shapely.Point(WEST + STEP / 4, SOUTH + STEP / 2)
EAST_HALF = shapely.Point(WEST + STEP * 3 / 4, SOUTH + STEP / 2)


async def approved(tx: Transaction, signed_in: SignedIn, *operations: dict[str, Any]) -> Studio:
    """A draft of the small city that may be published."""
    await make_city(tx)
    studio = await Studio.begin(await signed_in("planner"))
    for operation in operations:
        await studio.operate(operation)
    await studio.post("submit")
    await studio.post("approve", by=await signed_in("leader"))
    return studio


async def codes_today(client: httpx.AsyncClient) -> set[str]:
    rows = (await client.get("/api/grids", params={"limit": 50})).json()["grids"]
    return {row["code"] for row in rows}


async def in_force(client: httpx.AsyncClient) -> dict[int, bool]:
    rows = (await client.get("/api/versions")).json()["versions"]
    return {row["number"]: row["in_force"] for row in rows}


async def located(client: httpx.AsyncClient, instant: datetime) -> str:
    here = {"lng": WEST + STEP / 4, "lat": SOUTH + STEP / 4}
    told = (await client.get("/api/locate", params={**here, "as_of": instant.isoformat()})).json()
    return str(told["grid"]["code"])


async def test_a_draft_for_a_later_day_is_shown_on_that_day_and_not_before(
    tx: Transaction, signed_in: SignedIn
) -> None:
    studio = await approved(tx, signed_in, SPLIT)
    pieces = set(await studio.grids()) - NINE
    now = datetime.now(UTC)
    later = (now + DAY).replace(microsecond=0)
    told = await studio.post("publish", {"effective_at": later.isoformat()})
    assert told.status_code == 200, told.text
    assert datetime.fromisoformat(told.json()["effective_at"]) == later
    assert await codes_today(studio.client) == NINE
    assert await in_force(studio.client) == {2: False, 1: True}
    assert await located(studio.client, now) == "g00"
    assert await located(studio.client, later - timedelta(seconds=1)) == "g00"
    assert await located(studio.client, later) in pieces


@pytest.mark.parametrize("ago", [timedelta(seconds=2), timedelta(days=400)])
async def test_a_draft_is_not_published_in_the_past(
    tx: Transaction, signed_in: SignedIn, ago: timedelta
) -> None:
    studio = await approved(tx, signed_in, SPLIT)
    past = datetime.now(UTC) - ago
    refused = await studio.post("publish", {"effective_at": past.isoformat()})
    assert (refused.status_code, refused.json()["code"]) == (422, "effective_in_the_past")
    assert await in_force(studio.client) == {1: True}
    shown = (await studio.client.get(f"/api/drafts/{studio.id}")).json()
    assert (shown["state"], shown["revision"]) == ("approved", studio.revision)


async def test_publishing_moves_by_person_what_the_impact_has_told(
    tx: Transaction, signed_in: SignedIn
) -> None:
    merge = {"op": "merge", "grids": ["g10", "g20"], "allow_community_change": True}
    studio = await approved(tx, signed_in, SPLIT, merge)
    await post(tx, "assignments", "A", "g00", None, None)
    await post(tx, "assignments", "B", "g20", None, None)
    await post(tx, "assignments", "C", "g10", None, None, "grid_lead")
    now = datetime.now(UTC)
    await post(tx, "duties", "D", "g00", now - DAY, now + DAY)
    places = [(0.2, 0.5, "g00", "A"), (0.8, 0.5, "g00", "B"), (1.5, 0.5, "g10", "C")]
    places += [(2.2, 0.5, "g20", "B"), (2.8, 0.5, "g20", "A"), (2.5, 1.5, "g21", "A")]
    for number, (x, y, grid, person) in enumerate(places, start=1):
        await add_case(tx, number, (WEST + x * STEP, SOUTH + y * STEP), grid=grid, person=person)

    async def answerable() -> dict[int, str | None]:
        rows = await tx.execute(
            text("SELECT number, code FROM cases LEFT JOIN staff ON staff.id = staff_id")
        )
        return {row.number: row.code for row in rows}

    grids_before, people_before = await grids_today(tx), await answerable()
    told = (await studio.client.get(f"/api/drafts/{studio.id}/impact")).json()

    def code(person: dict[str, str] | None) -> str | None:
        return None if person is None else person["code"]

    by_person = {
        (row["holder"], code(row["person_from"]), code(row["person_to"])): row["count"]
        for row in told["by_person"]
    }
    moves = told["moves"]
    assert by_person == Counter(
        (move["holder"], code(move["person_from"]), code(move["person_to"])) for move in moves
    )
    answer = await studio.post("publish", {})
    assert answer.is_success, answer.text
    grids_after, people_after = await grids_today(tx), await answerable()
    cases = [move for move in moves if move["holder"] == "cases"]
    assert {move["row_id"]: (move["grid_from"], move["grid_to"]) for move in cases} == {
        number: (grids_before[number], grids_after[number])
        for number in grids_before
        if grids_before[number] != grids_after[number]
    }
    assert {move["row_id"]: code(move["person_to"]) for move in cases} == {
        move["row_id"]: people_after[move["row_id"]] for move in cases
    }
    untouched = people_before.keys() - {move["row_id"] for move in cases}
    assert {people_after[number] == people_before[number] for number in untouched} == {True}
    rows = await tx.execute(text("SELECT kind, after FROM journal WHERE kind LIKE '%.moved'"))
    journalled = {noun: count for _, after in rows for noun, count in after.items()}
    assert journalled == Counter(move["holder"] for move in moves)
    assert journalled.keys() == {"cases", "assignments", "duties"}


async def test_households_are_null_where_nobody_counted_and_else_kept_whole(
    tx: Transaction, signed_in: SignedIn
) -> None:
    studio = await approved(tx, signed_in, SPLIT)

    async def households(side: str) -> list[float | None]:
        told = (await studio.client.get(f"/api/drafts/{studio.id}/impact")).json()
        return [grid["households"] for grid in told[side]]

    assert await households("before") == [None]
    assert await households("after") == [None, None]
    await replace_counts(tx, counted([WEST_HALF, EAST_HALF], [12, 30], [None] * 2))
    assert await households("before") == [42]
    assert sorted(count or 0 for count in await households("after")) == [12, 30]


async def test_the_impact_is_that_of_the_instant_it_is_asked_for(
    tx: Transaction, signed_in: SignedIn
) -> None:
    studio = await approved(tx, signed_in, SPLIT)
    now = datetime.now(UTC)
    await post(tx, "assignments", "A", "g00", None, now + DAY)
    address = f"/api/drafts/{studio.id}/impact"
    at_once = (await studio.client.get(address)).json()
    later = {"at": (now + 2 * DAY).isoformat()}
    then = (await studio.client.get(address, params=later)).json()
    assert datetime.fromisoformat(then["at"]) == now + 2 * DAY
    assert {move["holder"] for move in at_once["moves"]} == {"assignments"}
    assert then["moves"] == []
    told = await studio.post("publish", {"effective_at": later["at"]})
    assert told.is_success
    await do_due(tx, now=now + 2 * DAY)
    rows = await tx.execute(text("SELECT count(*) FROM assignments"))
    assert rows.scalar_one() == 1
