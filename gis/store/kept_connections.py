"""Connections that stay open between uses, on which every statement commits by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.driver import driver_of
from gis.store.engine import CityEngine, connected, translated_errors


class KeptConnections:
    """A few connections beside the engine's pool, for one statement after the other.

    Taking one from the pool asks the server whether it lives, and begins and ends a
    transaction: four round trips around a statement that needs one. Here a connection is
    opened when all are in use, and kept; one that the server has closed is seen and
    replaced, and one in whose use anything went wrong is closed.
    """

    def __init__(self, engine: CityEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._idle: list[tuple[AsyncConnection, AsyncExitStack]] = []

    @asynccontextmanager
    async def one(self) -> AsyncIterator[AsyncConnection]:
        """A connection for the block.

        Raises
        ------
        Unavailable
            ``database_away``.
        """
        connection, open_for = await self._living() or await self._opened()
        try:
            with translated_errors():
                yield connection
        except BaseException:
            await open_for.aclose()
            raise
        self._idle.append((connection, open_for))

    async def close(self) -> None:
        """Close those that are idle; nobody may use one any more."""
        while self._idle:
            await self._idle.pop()[1].aclose()

    async def _living(self) -> tuple[AsyncConnection, AsyncExitStack] | None:
        while self._idle:
            connection, open_for = self._idle.pop()
            if not (await driver_of(connection)).is_closed():
                return connection, open_for
            await open_for.aclose()
        return None

    async def _opened(self) -> tuple[AsyncConnection, AsyncExitStack]:
        open_for = AsyncExitStack()
        connection = await open_for.enter_async_context(connected(self._engine))
        # It leaves the pool, whose other users would miss it.
        await connection.run_sync(lambda own: own.detach())
        return connection, open_for
