"""A connection of one's own: to hold a lock with, to hear of changes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.driver import driver_of
from gis.store.engine import CityEngine, connected


@asynccontextmanager
async def own_connection(engine: CityEngine) -> AsyncIterator[AsyncConnection]:
    """A connection that takes no place in the pool and really ends with the block.

    One given back to the pool would keep the locks and channels of its session.
    """
    driver = None
    try:
        async with connected(engine) as connection:
            await connection.run_sync(lambda own: own.detach())
            driver = await driver_of(connection)
            yield connection
    finally:
        # Cancelled in the middle of a statement, it may be left open.
        if driver is not None and not driver.is_closed():
            driver.terminate()


@asynccontextmanager
async def heard(
    connection: AsyncConnection, channel: str, on_notice: Callable[[], None]
) -> AsyncIterator[None]:
    """Call ``on_notice`` for each NOTIFY on ``channel`` while the block runs.

    Of notices there may be too few (none while the server is away, or behind a pooler that
    lends connections per transaction): look now and then without one.
    """

    def hear(*_: object) -> None:
        on_notice()

    driver = await driver_of(connection)
    await driver.add_listener(channel, hear)
    try:
        yield
    finally:
        if not driver.is_closed():
            await driver.remove_listener(channel, hear)
