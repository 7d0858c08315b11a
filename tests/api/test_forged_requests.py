"""A page of somebody else's sends requests with our cookie: every route that changes is walked."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.access import Action
from api.app import create_app
from api.session_token import CSRF_HEADER, csrf_of
from api.settings import Settings
from gis.store.engine import Transaction
from tests.api.city_of_cases import make_city_of_cases
from tests.api.signing_in import asking, open_session_of

SAFE = {"get", "head", "options", "trace"}
HELD = 5
"""The held case of ``tests.api.city_of_cases``."""
BODY = {"lng": 121.005, "lat": 30.005, "category": "other"}
FITTING = {"/api/reports", "/api/session", "/api/cases/{number}/release"}
CHANGING = sorted(
    (method.upper(), path)
    for path, operations in create_app(Settings()).openapi()["paths"].items()
    for method, operation in operations.items()
    # Whoever signs in has no session yet; its body is JSON, which no foreign page can send.
    if method not in SAFE and operation["x-access"] != Action.SIGN_IN
)


async def contents(tx: Transaction) -> list[tuple[str, int]]:
    """What a change would change: cases, reports, sessions, drafts, versions, the journal."""
    found = []
    tables = "cases reports sessions drafts draft_operations boundary_versions journal"
    for table in tables.split():
        rows = await tx.execute(
            text(f"SELECT coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} AS t")
        )
        found.append((table, int(rows.scalar_one())))
    return found


def by_cookie(app: FastAPI, token: str) -> httpx.AsyncClient:
    return asking(app, cookies={"wangge_session": token})


@pytest.mark.parametrize(("method", "path"), CHANGING)
async def test_no_route_changes_anything_by_cookie_alone(
    app: FastAPI, tx: Transaction, method: str, path: str
) -> None:
    await make_city_of_cases(tx)
    # Its cases came with numbers of their own.
    await tx.execute(text("SELECT setval(pg_get_serial_sequence('cases', 'number'), 100)"))
    role = "planner" if path.startswith(("/api/drafts", "/api/proposals")) else "command_room"
    token = await open_session_of(tx, role)
    other = await open_session_of(tx, role)
    before = await contents(tx)
    async with by_cookie(app, token) as client:
        for words in ({}, {CSRF_HEADER: ""}, {CSRF_HEADER: csrf_of(other)}):
            forged = await client.request(
                method, path.format(number=HELD, draft_id=1), json=BODY, headers=words
            )
            assert (forged.status_code, forged.json()["code"]) == (403, "csrf_wrong")
        assert await contents(tx) == before
        own = await client.request(
            method,
            path.format(number=HELD, draft_id=1),
            json=BODY,
            headers={CSRF_HEADER: csrf_of(token)},
        )
    # The body fits these; elsewhere it is enough that the call is no longer taken for forged.
    if path in FITTING:
        assert own.is_success, own.text
        assert await contents(tx) != before
    assert own.status_code != 403


def test_there_are_routes_that_change_something() -> None:
    assert {path for _, path in CHANGING} >= FITTING
