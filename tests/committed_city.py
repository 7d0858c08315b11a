"""A city of its own whose rows are committed, for what several connections must see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import text

from gis.store.engine import CityEngine, Transaction, open_engine, transaction
from gis.store.journal import append
from gis.store.migrate import drop_city, migrate

PATIENCE_S = 30


@asynccontextmanager
async def committed_city(url: str, city: str) -> AsyncIterator[CityEngine]:
    """A migrated city, dropped at the end, and an engine with room for many writers."""
    await migrate(url, city)
    engine = open_engine(url, city, pool_size=20)
    try:
        yield engine
    finally:
        await engine.dispose()
        await drop_city(url, city)


async def write(tx: Transaction, subject: str, kind: str = "case.noted") -> None:
    """Append one journal row."""
    await append(tx, actor="test", kind=kind, subject=subject, after={"n": 1.5, "said": "好"})


async def positions(engine: CityEngine) -> list[tuple[int, str]]:
    """Every stamp with the subject of its row, by position."""
    async with transaction(engine) as tx:
        rows = await tx.execute(
            text(
                "SELECT position, subject FROM journal_stamps JOIN journal"
                " ON journal.id = journal_id ORDER BY position"
            )
        )
        return [(row.position, row.subject) for row in rows]


async def until(holds: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    """Wait until something comes true; it fails the test when it does not."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Run something beside the block; it is cancelled with it."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
