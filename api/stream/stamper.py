"""The stamper: of all processes that serve a city, one gives its journal rows their order."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from api.stream.perseverance import persevere
from gis.store.engine import CityEngine, Transaction, schema_of
from gis.store.listening import own_connection
from gis.store.stamps import (
    CHUNK_ROWS,
    Head,
    Search,
    add_stamps,
    current_snapshot,
    head,
    try_lead,
    unstamped,
    without_stamp,
)

POLL_S = 0.1
"""How long a committed row waits at most where nobody says that it was written."""
REST_S = 0.05
"""Between two looks, so that reports that stream in are stamped some dozens at a time."""
CANDIDACY_S = 0.5
STUCK_S = 30.0
"""A look that takes longer has lost its server without hearing of it."""


class Stamper:
    """One candidate for the office; ``run`` until cancelled.

    Parameters
    ----------
    written
        Set by whoever in this process has committed journal rows.
    """

    def __init__(self, engine: CityEngine, city: str, written: asyncio.Event) -> None:
        self._engine = engine
        self._channel = schema_of(city)
        self._written = written
        self._head = Head()

    async def run(self) -> None:
        """Stamp while this process holds the office; stand again when the database was away."""
        await persevere(self._serve, "The journal is not being stamped")

    async def _serve(self) -> None:
        async with own_connection(self._engine) as connection:
            await _election(connection)
            async with asyncio.timeout(STUCK_S), connection.begin():
                self._head = await head(connection)
            seen: str | None = None
            while True:
                # Cleared before looking: what is written meanwhile makes us look again.
                self._written.clear()
                seen = await self._pass(connection, seen)
                await asyncio.sleep(REST_S)
                await _set_or_after(self._written, POLL_S - REST_S)

    async def _pass(self, connection: Transaction, since: str | None) -> str:
        """Stamp all that was committed since the snapshot ``since``; the snapshot of now."""
        async with asyncio.timeout(STUCK_S):
            search = Search(since, until=await current_snapshot(connection))
        if search.until == since:
            return search.until
        while True:
            async with asyncio.timeout(STUCK_S), connection.begin():
                chunk = await unstamped(connection, search)
                entries = await without_stamp(connection, chunk)
                after = self._head
                if entries:
                    after = await add_stamps(connection, self._head, entries, channel=self._channel)
            self._head = after
            if len(chunk) < CHUNK_ROWS:
                return search.until
            search = Search(since, search.until, after_id=chunk[-1].id)


async def _election(connection: Transaction) -> None:
    while True:
        async with asyncio.timeout(STUCK_S), connection.begin():
            if await try_lead(connection):
                return
        await asyncio.sleep(CANDIDACY_S)


async def _set_or_after(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
