"""Sessions: opened, found, closed. Only the hash of a token is ever here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.accounts import ACCOUNT_COLUMNS, AccountRow
from gis.store.tables.accounts import Session, User


async def open_session(
    tx: AsyncConnection, token_hash: bytes, account_id: int, *, at: datetime, until: datetime
) -> None:
    """Keep a new session, and forget those that were over at ``at``."""
    await tx.execute(delete(Session).where(Session.expires_at <= at))
    await tx.execute(
        insert(Session).values(
            token_hash=token_hash, user_id=account_id, created_at=at, expires_at=until
        )
    )


async def find_by_session(
    tx: AsyncConnection, token_hash: bytes, *, at: datetime
) -> AccountRow | None:
    """Whose session this is; None for one unknown, over at ``at``, or of a disabled account."""
    row = (
        await tx.execute(
            select(*ACCOUNT_COLUMNS)
            .join(Session, Session.user_id == User.id)
            .where(
                Session.token_hash == token_hash,
                Session.expires_at > at,
                User.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    return None if row is None else AccountRow(*row)


async def close_session(tx: AsyncConnection, token_hash: bytes) -> bool:
    """End a session; answers whether there was one."""
    closed = await tx.execute(delete(Session).where(Session.token_hash == token_hash))
    return closed.rowcount > 0
