"""Whether those who came in some time ago may still be here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class SessionAccount:
    """What of a session's account decides what it may see."""

    user_id: int
    role: str
    area_code: str | None
    department: str | None
    staff_id: int | None


async def open_sessions(
    tx: AsyncConnection, token_hashes: Collection[bytes], *, at: datetime
) -> dict[bytes, SessionAccount]:
    """Of these sessions those still open at ``at``, of accounts not disabled, by their hash."""
    rows = await tx.execute(
        text("""
            SELECT token_hash, users.id, role, area_code, department, staff_id
            FROM sessions JOIN users ON users.id = sessions.user_id
            WHERE token_hash = ANY (CAST(:hashes AS bytea[]))
              AND expires_at > :at AND disabled_at IS NULL
        """),
        {"hashes": list(token_hashes), "at": at},
    )
    return {row[0]: SessionAccount(*row[1:]) for row in rows}
