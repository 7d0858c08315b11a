"""Reading the journal in its one order: for the audit trail, the stream, the proof of the chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.journal_chain import NO_HASH, JournalEntry, Stamped, verify_chain
from gis.store.tables.journal import JournalRow, JournalStamp

_VERIFIED_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Change:
    """A journal row in its place, without its values."""

    position: int
    at: datetime
    actor: str
    kind: str
    subject: str


@dataclass(frozen=True, slots=True)
class JournalPageRow:
    """A journal row in its place, as the audit trail shows it."""

    position: int
    at: datetime
    actor: str
    kind: str
    subject: str
    before: Any
    after: Any
    hash: bytes


async def last_position(tx: AsyncConnection) -> int:
    """The last position given; 0 in a new city."""
    last = await tx.execute(select(func.coalesce(func.max(JournalStamp.position), 0)))
    return int(last.scalar_one())


async def changes(tx: AsyncConnection, *, after: int, limit: int) -> list[Change]:
    """The rows after a position, in order."""
    rows = await tx.execute(
        select(
            JournalStamp.position,
            JournalRow.at,
            JournalRow.actor,
            JournalRow.kind,
            JournalRow.subject,
        )
        .join(JournalRow, JournalRow.id == JournalStamp.journal_id)
        .where(JournalStamp.position > after)
        .order_by(JournalStamp.position)
        .limit(limit)
    )
    return [Change(*row) for row in rows]


async def journal_page(
    tx: AsyncConnection, *, after: int, limit: int, kind: str | None, subject: str | None
) -> list[JournalPageRow]:
    """The audit trail after a position: of a kind (by its beginning), about a subject."""
    query = (
        select(
            JournalStamp.position,
            JournalRow.at,
            JournalRow.actor,
            JournalRow.kind,
            JournalRow.subject,
            JournalRow.before,
            JournalRow.after,
            JournalStamp.hash,
        )
        .join(JournalRow, JournalRow.id == JournalStamp.journal_id)
        .where(JournalStamp.position > after)
        .order_by(JournalStamp.position)
        .limit(limit)
    )
    if kind is not None:
        query = query.where(JournalRow.kind.startswith(kind, autoescape=True))
    if subject is not None:
        query = query.where(JournalRow.subject == subject)
    return [JournalPageRow(*row) for row in await tx.execute(query)]


async def first_broken_position(tx: AsyncConnection) -> int:
    """Where the chain over the stored journal first does not hold, else 0."""
    position, previous = 0, NO_HASH
    while True:
        rows = await _chain(tx, position)
        if broken := verify_chain(rows, position=position, previous=previous):
            return broken
        if len(rows) < _VERIFIED_ROWS:
            return 0
        position, previous = rows[-1].position, rows[-1].hash


async def _chain(tx: AsyncConnection, after: int) -> list[Stamped]:
    rows = await tx.execute(
        select(
            JournalStamp.position,
            JournalStamp.hash,
            JournalRow.id,
            JournalRow.at,
            JournalRow.actor,
            JournalRow.kind,
            JournalRow.subject,
            cast(JournalRow.before, Text),
            cast(JournalRow.after, Text),
        )
        .join(JournalRow, JournalRow.id == JournalStamp.journal_id)
        .where(JournalStamp.position > after)
        .order_by(JournalStamp.position)
        .limit(_VERIFIED_ROWS)
    )
    return [Stamped(row[0], row[1], JournalEntry(*row[2:])) for row in rows]
