"""The newest change of a city: whatever was computed before it may be out of date."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.tables.journal import JournalRow, JournalStamp


@dataclass(frozen=True, slots=True)
class NewestChange:
    """The journal's last row, and the last one that has its place in the order.

    Whatever changes a case writes a row of the journal in the same transaction. A row that is
    committed after one with a higher id shows by its place, a tenth of a second later.
    """

    journal_id: int
    position: int


async def newest_change(tx: AsyncConnection) -> NewestChange:
    """How far the journal has come, from the ends of two indexes."""
    row = await tx.execute(
        select(
            select(func.coalesce(func.max(JournalRow.id), 0)).scalar_subquery(),
            select(func.coalesce(func.max(JournalStamp.position), 0)).scalar_subquery(),
        )
    )
    return NewestChange(*row.one())
