"""A request asks the database in one transaction, so that requests never wait for each other.

Who holds one connection of the pool and waits for a second waits, when all do, for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

import api.app
from api.settings import Settings
from gis.errors import Unavailable
from gis.store.engine import open_engine, transaction
from tests.api.city_of_cases import URBAN, make_city_of_cases
from tests.api.signing_in import asking, open_session_of
from tests.api.test_access import ROUTES, filled
from tests.committed_city import committed_city

CITY = "one_connection"
AT_ONCE = 12
READING = [path for path, method, _ in ROUTES if method == "GET" and path != "/api/stream"]
VIEWERS: dict[str, dict[str, Any]] = {
    "worker": {"staff_code": "W0"},
    "department": {"department": URBAN, "area": "t0"},
    "dispatcher": {"area": "t0"},
    "admin": {},
}


@pytest_asyncio.fixture(scope="module")
async def app(cluster_url: str) -> AsyncIterator[FastAPI]:
    """A whole service with a single connection to its database."""
    whole = api.app.create_app(Settings(database_url=cluster_url, city=CITY))
    async with committed_city(cluster_url, CITY) as engine:
        async with transaction(engine) as tx:
            await make_city_of_cases(tx)
            # Its cases have numbers of their own choice: new ones begin behind them.
            await tx.execute(text("SELECT setval(pg_get_serial_sequence('cases', 'number'), 1000)"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(api.app, "open_engine", partial(open_engine, pool_size=1, patience_s=3))
            async with whole.router.lifespan_context(whole):
                yield whole


@pytest_asyncio.fixture(scope="module")
async def tokens(app: FastAPI) -> dict[str, str]:
    async with transaction(app.state.service.engine) as tx:
        return {role: await open_session_of(tx, role, **more) for role, more in VIEWERS.items()}


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize("role", VIEWERS)
async def test_many_are_answered_over_one_connection(
    app: FastAPI, tokens: dict[str, str], role: str, path: str
) -> None:
    async with asking(app, tokens[role]) as client:
        async with asyncio.timeout(30):
            answers = await asyncio.gather(*(client.get(filled(path, 1)) for _ in range(AT_ONCE)))
    assert not [answer.text for answer in answers if answer.status_code >= 500]


async def test_signing_in_and_out_takes_one_connection(app: FastAPI) -> None:
    async with transaction(app.state.service.engine) as tx:
        tokens = [await open_session_of(tx, "leader") for _ in range(AT_ONCE)]

    async def leave(token: str) -> httpx.Response:
        async with asking(app, token) as client:
            return await client.delete("/api/session")

    async with asyncio.timeout(30):
        left = await asyncio.gather(*map(leave, tokens))
    assert {answer.status_code for answer in left} == {204}


async def test_a_report_of_somebody_signed_in_takes_no_second_connection(
    app: FastAPI, tokens: dict[str, str]
) -> None:
    report = {"lng": 121.005, "lat": 30.005, "category": "garbage"}
    async with asking(app, tokens["worker"]) as client:
        async with asyncio.timeout(30):
            answers = await asyncio.gather(
                *(client.post("/api/reports", json=report) for _ in range(AT_ONCE))
            )
    assert {answer.status_code for answer in answers} == {201}, answers[0].text


async def test_streams_open_over_one_connection(app: FastAPI, tokens: dict[str, str]) -> None:
    """With an area and a position to go on from: all that opening one asks the database."""

    async def opened(role: str) -> int:
        query = f"area=t0&last_event_id={CITY}:1"
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/api/stream",
            "raw_path": b"/api/stream",
            "query_string": query.encode(),
            "headers": [
                (b"host", b"127.0.0.1"),
                (b"authorization", f"Bearer {tokens[role]}".encode()),
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        status = asyncio.get_running_loop().create_future()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                status.set_result(message["status"])

        async def receive() -> dict[str, Any]:
            await status
            return {"type": "http.disconnect"}

        await app(scope, receive, send)
        return int(status.result())

    async with asyncio.timeout(30):
        statuses = await asyncio.gather(*(opened(role) for role in [*VIEWERS] * 3))
    assert {*statuses} == {200}


async def test_who_waits_too_long_for_a_connection_is_told_to_come_back(cluster_url: str) -> None:
    engine = open_engine(cluster_url, CITY, pool_size=1, patience_s=0.05)
    try:
        async with transaction(engine):
            with pytest.raises(Unavailable) as refused:
                async with transaction(engine):
                    pass
    finally:
        await engine.dispose()
    assert refused.value.code == "database_busy"
