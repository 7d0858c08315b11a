"""What stands before every route: names answered to, sizes taken, what browsers are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.body_limit import LARGEST_BYTES
from api.settings import Settings


def app_of(**settings: str) -> FastAPI:
    return create_app(
        Settings.model_validate({"city": "tested", "home": Path("unused"), **settings})
    )


async def status_at(app: FastAPI, host: str) -> int:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1"
    ) as client:
        return (await client.get("/healthz", headers={"host": host})).status_code


# ---- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "answered", "refused"),
    [
        ({}, ["127.0.0.1:8000", "localhost", "[::1]"], ["evil.example", "192.0.2.1", "", "["]),
        (
            {"public_url": "https://Wangge.example"},
            ["wangge.example", "WANGGE.example:443", "localhost"],
            ["evil.example", "a.wangge.example", "192.0.2.1"],
        ),
        (
            {"host": "0.0.0.0"},
            ["192.0.2.1:8000", "[2001:db8::1]:8000", "localhost"],
            ["evil.example", "192.0.2.1.evil.example"],
        ),
        ({"host": "wangge.lan"}, ["wangge.lan:8000", "192.0.2.1"], ["evil.example"]),
    ],
)
async def test_a_service_answers_to_its_own_names_only(
    settings: dict[str, str], answered: list[str], refused: list[str]
) -> None:
    app = app_of(**settings)
    assert [await status_at(app, host) for host in answered] == [200] * len(answered)
    assert [await status_at(app, host) for host in refused] == [400] * len(refused)


# ---- sizes ---------------------------------------------------------------------------------------


async def endless(sent: list[int], chunk: int = 2**16) -> AsyncIterator[bytes]:
    while True:
        sent[0] += chunk
        yield b" " * chunk


@pytest.mark.parametrize("path", ["/api/session", "/api/reports", "/nothing"])
async def test_a_body_that_announces_too_much_is_refused_before_it_is_read(
    visitor: httpx.AsyncClient, path: str
) -> None:
    sent = [0]
    answer = await visitor.post(
        path,
        content=endless(sent),
        headers={"content-length": str(50 * 2**20), "content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"
    assert sent == [0]


@pytest.mark.parametrize("path", ["/api/session", "/api/reports"])
async def test_a_body_that_announces_nothing_is_counted_as_it_comes(
    visitor: httpx.AsyncClient, path: str
) -> None:
    sent = [0]
    answer = await visitor.post(
        path, content=endless(sent), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert sent[0] <= LARGEST_BYTES + 2**17


async def test_a_body_of_the_largest_size_is_read(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post(
        "/api/session",
        content=b" " * LARGEST_BYTES,
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 422


# ---- headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/healthz", "/api/nothing", "/api/cases", "/"])
async def test_every_answer_tells_browsers_what_not_to_do(
    visitor: httpx.AsyncClient, path: str
) -> None:
    headers = (await visitor.get(path)).headers
    policy = headers["content-security-policy"].split("; ")
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert ("cache-control" in headers) == path.startswith(("/api/", "/assets")) or path == "/"


async def test_tiles_may_come_from_the_host_of_the_basemap_and_no_other() -> None:
    app = app_of(basemap="https://tiles.example/{z}/{x}/{y}.png?tk=secret")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1"
    ) as client:
        policy = (await client.get("/healthz")).headers["content-security-policy"]
    assert policy.count("https://tiles.example") == 2
    assert "secret" not in policy
