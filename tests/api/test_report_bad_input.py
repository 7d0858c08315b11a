"""What nobody should send to the intake, and what it answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.cases.sealing import unseal
from gis.store.engine import Transaction
from tests.small_city import publish_small_city

REPORT: dict[str, Any] = {"lng": 121.005, "lat": 30.005, "category": "other"}
SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>{{7*7}}'; DROP TABLE cases; --"


async def test_fifty_megabytes_are_refused_whether_they_say_so_or_not(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    piece = b"x" * 2**20

    async def pieces() -> Any:
        yield b'{"description": "'
        for _ in range(50):
            yield piece
        yield b'"}'

    headers = {"content-type": "application/json"}
    announced = await visitor.post("/api/reports", content=piece * 50, headers=headers)
    streamed = await visitor.post("/api/reports", content=pieces(), headers=headers)
    for answer in (announced, streamed):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await tx.execute(text("SELECT count(*) FROM reports"))).scalar_one() == 0


@pytest.mark.parametrize(
    ("path", "as_json", "as_other"),
    [
        ("/api/reports", 413, 415),
        ("/api/session", 413, 413),
        # Who may not come in at all is not read.
        ("/api/cases/1/release", 401, 401),
    ],
)
async def test_no_route_takes_fifty_megabytes_nor_reads_them_to_the_end(
    visitor: httpx.AsyncClient, path: str, as_json: int, as_other: int
) -> None:
    """Unannounced, and of whatever type they say they are."""
    sent = 0

    async def pieces() -> Any:
        nonlocal sent
        for _ in range(50):
            sent += 1
            yield b" " * 2**20

    for media_type in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        sent = 0
        answer = await visitor.post(path, content=pieces(), headers={"content-type": media_type})
        expected = as_json if media_type == "application/json" else as_other
        assert answer.status_code == expected, media_type
        assert sent <= 20, media_type


async def test_scripts_are_text(
    client: httpx.AsyncClient, visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    body = REPORT | {"description": SCRIPT}
    key = {"Idempotency-Key": SCRIPT}
    answer = await visitor.post("/api/reports", json=body, headers=key)
    assert answer.status_code == 201
    case = await client.get(f"/api/cases/{answer.json()['case']}")
    assert case.headers["content-type"] == "application/json"
    assert case.json()["reports"][0]["external_id"] == SCRIPT
    row = (
        await tx.execute(
            text("SELECT sealed, key FROM report_texts JOIN report_keys USING (report_id)")
        )
    ).one()
    assert unseal(row.sealed, row.key, f"web/{SCRIPT}") == SCRIPT
    refused = await visitor.post("/api/reports", json=REPORT | {"category": SCRIPT[:80]})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("days", [-365, 365, -8, 1])
async def test_a_clock_far_off_is_flagged_and_the_servers_is_taken(
    app: FastAPI, visitor: httpx.AsyncClient, tx: Transaction, days: int
) -> None:
    await publish_small_city(tx)
    claimed = datetime.now(UTC) + timedelta(days=days)
    answer = await visitor.post("/api/reports", json=REPORT | {"occurred_at": claimed.isoformat()})
    assert answer.status_code == 201
    row = (
        await tx.execute(
            text("SELECT time_flag, client_time, occurred_at = received_at AS ours FROM reports")
        )
    ).one()
    assert (row.time_flag, row.client_time, row.ours) == ("client_time_refused", claimed, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency-Key": ""},
        {"Idempotency-Key": "k" * 201},
        {"X-API-Key": ""},
        {"X-API-Key": "k" * 201},
    ],
)
async def test_a_header_out_of_bounds_is_named(
    visitor: httpx.AsyncClient, tx: Transaction, headers: dict[str, str]
) -> None:
    await publish_small_city(tx)
    answer = await visitor.post("/api/reports", json=REPORT, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert answer.json()["field"].lower() == next(iter(headers)).lower()


async def test_a_cookie_of_somebody_elses_making_is_no_fault(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    for cookie in ("x", "x" * 4000, "%00"):
        headers = {"cookie": f"wangge_receipt={cookie}"}
        answer = await visitor.post("/api/reports", json=REPORT, headers=headers)
        assert answer.status_code == 201, cookie
