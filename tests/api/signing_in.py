"""Accounts with real sessions, for tests that are about other things than signing in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from api.session_token import new_token, token_hash
from gis.store import accounts, sessions
from gis.store.engine import Transaction, transaction


def asking(app: FastAPI, token: str | None = None, **more: Any) -> httpx.AsyncClient:
    """A client of an application in process, with a session's token or without."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://127.0.0.1",
        headers={} if token is None else {"Authorization": f"Bearer {token}"},
        **more,
    )


async def open_session_of(
    tx: Transaction, role: str, area: str | None = None, **more: str | None
) -> str:
    """Store an account and a session of it; the session's token."""
    token = new_token()
    account_id = await accounts.add_account(
        tx, name=f"{role} {token[:6]}", role=role, password_hash=None, area_code=area, **more
    )
    now = datetime.now(UTC)
    await sessions.open_session(
        tx, token_hash(token), account_id, at=now, until=now + timedelta(hours=1)
    )
    return token


async def sign_in_to(app: FastAPI, client: httpx.AsyncClient, role: str = "dispatcher") -> None:
    """Sign a client in to an application that has its own database open."""
    async with transaction(app.state.service.engine) as tx:
        client.headers["Authorization"] = f"Bearer {await open_session_of(tx, role)}"
