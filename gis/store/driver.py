"""Statements given to the driver as they are, past SQLAlchemy; see decision 0012 for where."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection


async def fetch(tx: AsyncConnection, statement: str, *values: Any) -> list[Any]:
    """Rows of a statement with ``$1`` … for ``values``, in the caller's transaction.

    The driver keeps each statement prepared for its connection.
    """
    pooled = await tx.get_raw_connection()
    driver: Any = pooled.driver_connection
    rows: list[Any] = await driver.fetch(statement, *values)
    return rows
