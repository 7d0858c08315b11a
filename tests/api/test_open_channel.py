"""Reports without a key: the receipt cookie, the limits, and what becomes of what is held."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.cases.rate_limit import Rate
from api.intake.limits import OpenChannelLimits
from gis.store.channel_keys import add_key
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.small_city import publish_small_city

REPORT = {"lng": 121.005, "lat": 30.005, "category": "other"}
BY_COOKIE, BY_ADDRESS = 3, 6


@pytest.fixture
def narrow(app: FastAPI) -> None:
    """Limits that a test reaches with a few reports."""
    limits = OpenChannelLimits(by_cookie=Rate(1, BY_COOKIE), by_address=Rate(1, BY_ADDRESS))
    object.__setattr__(app.state.intake, "limits", limits)


def at(app: FastAPI, address: str) -> httpx.AsyncClient:
    """A browser at an address."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def send(client: httpx.AsyncClient, **headers: str) -> int:
    """Send a report; the number of its case."""
    answer = await client.post("/api/reports", json=REPORT, headers=headers)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["case"])


async def held(tx: Transaction) -> set[int]:
    rows = await tx.execute(text("SELECT number FROM cases WHERE held_at IS NOT NULL"))
    return set(rows.scalars())


async def test_the_first_report_brings_a_cookie_that_scripts_cannot_read(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    first = await visitor.post("/api/reports", json=REPORT)
    name, _, attributes = first.headers["set-cookie"].partition("=")
    assert name == "wangge_receipt"
    value, *rest = [part.strip().lower() for part in attributes.split(";")]
    assert len(value) >= 22
    assert {"httponly", "samesite=lax", "path=/"} <= set(rest)
    assert "set-cookie" not in (await visitor.post("/api/reports", json=REPORT)).headers
    visitor.cookies.clear()
    other = await visitor.post("/api/reports", json=REPORT)
    assert other.headers["set-cookie"] != first.headers["set-cookie"]


async def test_one_browser_over_its_limit_is_held_and_others_at_its_address_are_not(
    app: FastAPI, tx: Transaction, narrow: None
) -> None:
    await publish_small_city(tx)
    async with at(app, "10.0.0.1") as one, at(app, "10.0.0.1") as two:
        # The first has no cookie yet.
        sent = [await send(one) for _ in range(1 + BY_COOKIE + 1)]
        assert await held(tx) == {sent[-1]}
        await send(two)
        assert await held(tx) == {sent[-1]}


async def test_without_cookies_the_address_is_limited_and_another_one_is_free(
    app: FastAPI, tx: Transaction, narrow: None
) -> None:
    await publish_small_city(tx)
    sent = []
    for _ in range(BY_ADDRESS + 3):
        async with at(app, "10.0.0.1") as fresh:
            sent.append(await send(fresh))
    async with at(app, "10.0.0.2") as elsewhere:
        await send(elsewhere)
    assert await held(tx) == set(sent[BY_ADDRESS:])


async def test_a_channel_key_and_a_session_of_staff_know_no_limit(
    app: FastAPI, signed_in: SignedIn, tx: Transaction, narrow: None
) -> None:
    await publish_small_city(tx)
    key = await add_key(tx, "app", "program")
    worker, contributor = await signed_in("worker"), await signed_in("contributor")
    async with at(app, "10.0.0.1") as program:
        for _ in range(BY_ADDRESS + 3):
            await send(program, **{"X-API-Key": key})
            await send(worker)
            await send(contributor)
    assert await held(tx) == set()
    rows = await tx.execute(text("SELECT DISTINCT channel FROM reports"))
    assert set(rows.scalars()) == {"program", "staff", "contributor"}


async def test_a_reporters_account_reports_through_the_open_channel(
    signed_in: SignedIn, tx: Transaction, narrow: None
) -> None:
    await publish_small_city(tx)
    reporter = await signed_in("reporter")
    for _ in range(BY_COOKIE + 2):
        await send(reporter)
    assert len(await held(tx)) == 1
    rows = await tx.execute(text("SELECT DISTINCT channel FROM reports"))
    assert set(rows.scalars()) == {"web"}


async def test_a_wrong_key_is_refused_and_stores_nothing(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    answer = await visitor.post("/api/reports", json=REPORT, headers={"X-API-Key": "guessed"})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_unknown")
    assert (await tx.execute(text("SELECT count(*) FROM reports"))).scalar_one() == 0


async def test_no_address_is_stored(app: FastAPI, tx: Transaction, narrow: None) -> None:
    await publish_small_city(tx)
    async with at(app, "198.51.100.77") as browser:
        for _ in range(BY_ADDRESS + 1):
            await send(browser)
    tables = await tx.execute(
        text(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        )
    )
    for table in tables.scalars().all():
        rows = await tx.execute(text(f"SELECT t::text FROM {table} t"))
        assert not [row for row in rows.scalars() if "198.51.100" in row], table


# ---- held cases ----------------------------------------------------------------------------------


async def one_held(app: FastAPI) -> int:
    """The number of a held case in g00."""
    async with at(app, "10.0.0.1") as browser:
        return [await send(browser) for _ in range(1 + BY_COOKIE + 1)][-1]


async def numbers(client: httpx.AsyncClient) -> set[int]:
    listed: dict[str, Any] = (await client.get("/api/cases")).json()
    return {case["number"] for case in listed["cases"]}


async def test_a_held_case_is_the_command_rooms_alone_until_it_is_released(
    app: FastAPI, signed_in: SignedIn, tx: Transaction, narrow: None
) -> None:
    await publish_small_city(tx)
    number = await one_held(app)
    room = await signed_in("command_room", area="t0")
    others = [await signed_in(role) for role in ("dispatcher", "planner", "leader", "admin")]
    assert number in await numbers(room)
    for other in others:
        assert number not in await numbers(other)
        assert (await other.get(f"/api/cases/{number}")).status_code == 404

    released = await room.post(f"/api/cases/{number}/release")
    assert (released.status_code, released.content) == (204, b"")
    for client in (room, *others):
        assert number in await numbers(client)
        assert (await client.get(f"/api/cases/{number}")).status_code == 200
    case = (await room.get(f"/api/cases/{number}")).json()
    assert case["revision"] == 2


async def test_a_release_is_journalled_with_who_and_since_when(
    app: FastAPI, signed_in: SignedIn, tx: Transaction, narrow: None
) -> None:
    await publish_small_city(tx)
    number = await one_held(app)
    await (await signed_in("command_room")).post(f"/api/cases/{number}/release")
    rows = await tx.execute(
        text("SELECT kind, subject, actor, before, after FROM journal ORDER BY id DESC LIMIT 2")
    )
    last, before_it = rows.all()
    assert (last.kind, last.subject) == ("case.released", f"case/{number}")
    assert last.actor.startswith("command_room")
    assert last.before["held_at"]
    assert last.after == {"held_at": None}
    assert before_it.after["held"] is True


async def test_a_case_is_released_once(
    app: FastAPI, signed_in: SignedIn, tx: Transaction, narrow: None
) -> None:
    await publish_small_city(tx)
    number = await one_held(app)
    room = await signed_in("command_room")
    for status, code in ((204, None), (409, "not_held")):
        answer = await room.post(f"/api/cases/{number}/release")
        assert answer.status_code == status
        assert code is None or answer.json()["code"] == code


async def test_a_case_of_another_township_is_not_there_to_be_released(
    app: FastAPI, signed_in: SignedIn, tx: Transaction, narrow: None
) -> None:
    await publish_small_city(tx)
    number = await one_held(app)
    elsewhere = await signed_in("command_room", area="t1")
    for missing in (number, 10**12):
        answer = await elsewhere.post(f"/api/cases/{missing}/release")
        assert (answer.status_code, answer.json()["code"]) == (404, "case_not_found")
    assert number in await held(tx)


@pytest.mark.parametrize("role", ["worker", "dispatcher", "leader", "admin", "reporter"])
async def test_nobody_else_may_release(
    app: FastAPI, signed_in: SignedIn, tx: Transaction, narrow: None, role: str
) -> None:
    await publish_small_city(tx)
    number = await one_held(app)
    answer = await (await signed_in(role)).post(f"/api/cases/{number}/release")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert number in await held(tx)
