"""``GET /api/desk``: each viewer's own figures."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import text

from gis.store.engine import Transaction
from gis.store.tables.cases import OPEN_STATES
from tests.api.city_of_cases import SENSITIVE, make_city_of_cases
from tests.api.conftest import SignedIn


async def desk(client: httpx.AsyncClient, **query: str) -> dict[str, Any]:
    answer = await client.get("/api/desk", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def open_total(told: dict[str, Any]) -> int:
    return sum(sum(counts.values()) for counts in told["open"].values())


async def test_a_visitor_has_no_desk(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/api/desk")).status_code == 401


async def test_an_empty_city_has_figures_of_nothing(client: httpx.AsyncClient) -> None:
    told = await desk(client)
    assert open_total(told) == told["today"]["reports"] == told["on_duty"]["of"] == 0
    assert (told["townships"], told["newest"], told["today"]["usual"]) == ([], [], None)
    assert list(told["open"]) == list(OPEN_STATES)


async def test_townships_and_outside_add_up_to_what_is_open(
    client: httpx.AsyncClient, tx: Transaction
) -> None:
    await make_city_of_cases(tx)
    await tx.execute(text("UPDATE cases SET state = 'received'"))
    told = await desk(client)
    places = [*told["townships"], told["outside"]]
    assert sum(sum(place["by_state"].values()) for place in places) == open_total(told) == 7
    assert [place["name"] for place in told["townships"]] == ["镇0", "镇1"]


async def test_each_role_has_the_figures_of_its_own_cases(
    signed_in: SignedIn, tx: Transaction
) -> None:
    await make_city_of_cases(tx)
    await tx.execute(text("UPDATE cases SET state = 'received'"))
    for role, area in (
        ("dispatcher", None),
        ("dispatcher", "t1"),
        ("command_room", "t0"),
        ("planner", None),
    ):
        viewer = await signed_in(role, area)
        listed = (await viewer.get("/api/cases")).json()
        told = await desk(viewer)
        assert open_total(told) == listed["total"]
        assert told["newest"] == listed["cases"][:8]


async def test_the_newest_tell_no_place_of_a_sensitive_case(
    client: httpx.AsyncClient, tx: Transaction
) -> None:
    await make_city_of_cases(tx)
    placeless = {case["number"] for case in (await desk(client))["newest"] if case["lng"] is None}
    assert len(placeless) == len(SENSITIVE)


async def test_an_area_narrows_the_figures_and_never_widens_them(
    signed_in: SignedIn, tx: Transaction
) -> None:
    await make_city_of_cases(tx)
    await tx.execute(text("UPDATE cases SET state = 'received'"))
    whole, bound = await signed_in("dispatcher"), await signed_in("dispatcher", "t1")
    in_township = await desk(whole, area="t1")
    assert in_township["open"] == (await desk(bound))["open"]
    assert [place["code"] for place in in_township["townships"]] == ["t1"]
    assert open_total(await desk(whole, area="g22")) < open_total(in_township)
    assert open_total(await desk(bound, area="t0")) == 0


async def test_an_area_nobody_knows_is_named(client: httpx.AsyncClient, tx: Transaction) -> None:
    await make_city_of_cases(tx)
    answer = await client.get("/api/desk", params={"area": "nowhere"})
    assert (answer.status_code, answer.json()["code"]) == (404, "area_not_found")
