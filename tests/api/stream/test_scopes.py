"""The stream tells each viewer what its list shows, no more and no less, live and afterwards."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import httpx
from sqlalchemy import text

from gis.store import staff
from gis.store.engine import transaction
from gis.store.tables.accounts import ACCOUNT_ROLES
from tests.api.signing_in import open_session_of
from tests.api.stream.conftest import LiveCity
from tests.api.stream.sse import Stream, Told, stream
from tests.small_city import NOON, SOUTH, STEP, WEST

URBAN, JUSTICE = "urban_management", "justice"
SENSITIVE = "neighbour_dispute"
READERS = sorted(set(ACCOUNT_ROLES) - {"reporter", "contributor"})
VIEWERS: list[tuple[str, str | None, dict[str, str]]] = [
    (role, area, more)
    for role in READERS
    for area in (None, "t0", "g22")
    for more in (
        [{"department": URBAN}, {"department": JUSTICE}]
        if role == "department"
        else [{"staff_code": "W22"}]
        if role == "worker"
        else [{}]
    )
]
PLACES = {"g00": (0, 0), "g22": (2, 2), "outside": (9, 9)}


def at(place: str) -> dict[str, float]:
    column, row = PLACES[place]
    return {"lng": WEST + (column + 0.5) * STEP, "lat": SOUTH + (row + 0.5) * STEP}


async def report(city: LiveCity, token: str, place: str, category: str) -> int:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        answer = await client.post(
            f"{city.address}/api/reports", json={**at(place), "category": category}
        )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["case"])


async def listed(city: LiveCity, token: str, since: int) -> dict[int, dict[str, Any]]:
    """The cases from a number on, as the list shows them."""
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        answer = await client.get(f"{city.address}/api/cases?limit=500")
    return {case["number"]: case for case in answer.json()["cases"] if case["number"] >= since}


async def until_noted(opened: Stream, subject: str) -> list[Told]:
    """What is told up to a row that everybody hears."""
    told: list[Told] = []
    async with asyncio.timeout(30):
        async for each in opened.events():
            if each.name == "change" and each.data["subject"] == subject:
                return told
            told.append(each)
    raise AssertionError(f"the stream ended before {subject}")


def cases(told: list[Told]) -> dict[int, dict[str, Any]]:
    return {
        int(each.data["subject"].removeprefix("case/")): each.data["case"]
        for each in told
        if each.name == "change"
    }


async def make_staff(city: LiveCity) -> None:
    async with transaction(city.engine) as tx:
        areas = await staff.area_ids(tx)
        await staff.put_staff(tx, {"W22": "甲"})
        await staff.add_assignments(tx, [staff.Post("W22", "worker", *areas["g22"], NOON, None)])


async def test_every_viewer_hears_the_cases_of_its_list_as_its_list_shows_them(
    city: LiveCity,
) -> None:
    await make_staff(city)
    sender = await city.token()
    since = await city.last_position()
    first = await report(city, sender, "g00", "garbage")
    for place in PLACES:
        for category in ("garbage", SENSITIVE):
            await report(city, sender, place, category)
    held = await report(city, sender, "g00", "garbage")
    async with transaction(city.engine) as tx:
        await tx.execute(
            text("UPDATE cases SET held_at = now() WHERE number = :number"), {"number": held}
        )
    await city.write("noted/1", kind="city.noted")
    assert await city.last_position() == since + 9

    async with AsyncExitStack() as stack:
        streams: list[tuple[tuple[str, str | None, Any], str, Stream]] = []
        for role, area, more in VIEWERS:
            async with transaction(city.engine) as tx:
                token = await open_session_of(tx, role, area, **more)
            opened = await stack.enter_async_context(
                stream(city.address, token, f"{city.code}:{since}")
            )
            streams.append(((role, area, more), token, opened))
        for who, token, opened in streams:
            told = cases(await until_noted(opened, "noted/1"))
            assert told == await listed(city, token, first), who
            assert (held in told) == (who[0] == "command_room" and who[1] != "g22"), who
            for case in told.values():
                assert (case["lng"] is None) == (case["category"] == SENSITIVE), who
        # All of them listen while the held one is let go, and one more comes.
        async with httpx.AsyncClient(
            headers={"Authorization": f"Bearer {await city.token('command_room')}"}
        ) as room:
            answer = await room.post(f"{city.address}/api/cases/{held}/release")
            assert answer.status_code == 204
        last = await report(city, sender, "g22", SENSITIVE)
        await city.write("noted/2", kind="city.noted")
        for who, token, opened in streams:
            told = cases(await until_noted(opened, "noted/2"))
            shown = await listed(city, token, first)
            assert told == {n: shown[n] for n in (held, last) if n in shown}, who


async def test_a_role_of_staff_filters_to_the_cases_it_answers_for(city: LiveCity) -> None:
    await make_staff(city)
    sender = await city.token()
    since = await city.last_position()
    of_worker = await report(city, sender, "g22", "garbage")
    of_nobody = await report(city, sender, "g00", "garbage")
    await city.write("noted/3", kind="city.noted")
    await city.last_position()

    async def heard(role: str) -> set[int]:
        start = f"{city.code}:{since}"
        async with stream(city.address, sender, start, role=role) as opened:
            return set(cases(await until_noted(opened, "noted/3")))

    assert await heard("worker") == {of_worker}
    assert await heard("worker,on_call") == {of_worker}
    assert await heard("grid_lead,on_call") == set()
    assert await heard("") == {of_worker, of_nobody}


async def test_a_quiet_stream_is_heard_to_be_alive_within_half_a_minute(city: LiveCity) -> None:
    """Proxies give up a line on which a minute long nothing comes."""
    headers = {"Authorization": f"Bearer {await city.token()}"}
    async with (
        httpx.AsyncClient(timeout=40, headers=headers) as client,
        client.stream("GET", f"{city.address}/api/stream") as response,
        asyncio.timeout(30),
    ):
        lines = response.aiter_lines()
        async for line in lines:
            if line.startswith(":"):
                assert (await anext(lines)).startswith(f"id: {city.code}:")
                return
