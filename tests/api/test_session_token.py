"""Tokens that are a living session's, and tokens that only look like it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.session_token import csrf_of, new_token, token_hash
from gis.store import accounts, sessions
from gis.store.engine import Transaction
from tests.api.signing_in import asking, open_session_of


async def expired(tx: Transaction) -> str:
    account_id = await accounts.add_account(tx, name="a", role="admin", password_hash=None)
    token, now = new_token(), datetime.now(UTC)
    await sessions.open_session(
        tx, token_hash(token), account_id, at=now - timedelta(hours=2), until=now
    )
    return token


@pytest.mark.parametrize(
    "change",
    ["forged", "longer", "shorter", "other case", "its hash", "its csrf word", "empty", "expired",
     "disabled", "after a new password", "enormous", "not ascii"],
)  # fmt: skip
async def test_a_token_that_is_not_exactly_a_living_sessions_is_none(
    app: FastAPI, tx: Transaction, change: str
) -> None:
    good = await open_session_of(tx, "dispatcher")
    token = {
        "forged": new_token(),
        "longer": good + "A",
        "shorter": good[:-1],
        "other case": good.swapcase(),
        "its hash": token_hash(good).hex(),
        "its csrf word": csrf_of(good),
        "empty": "",
        "enormous": good * 1_000,
        "not ascii": "é" * 43,
    }.get(change, good)
    if change == "expired":
        token = await expired(tx)
    name = str(
        (await tx.execute(text("SELECT max(name) FROM users WHERE name <> 'zhou'"))).scalar()
    )
    if change == "disabled":
        await accounts.disable(tx, name)
    if change == "after a new password":
        await accounts.set_password(tx, name, "another hash")
    as_bearer = [(b"authorization", f"Bearer {token}".encode("latin-1"))]
    async with asking(app) as client:
        # Also where a visitor is welcome: whoever shows a token is to hear that it is none.
        for path in ("/api/me", "/api/cases", "/api/locate?lng=121.005&lat=30.005"):
            answer = await client.get(path, headers=as_bearer)
            assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")
            assert answer.headers["www-authenticate"] == "Bearer"
        # A cookie may just be old: with it one is a visitor.
        as_cookie = [(b"cookie", f"wangge_session={token}".encode("latin-1"))]
        assert (await client.get("/api/me", headers=as_cookie)).status_code == 401
        located = await client.get("/api/locate?lng=121.005&lat=30.005", headers=as_cookie)
        assert located.status_code == 200
