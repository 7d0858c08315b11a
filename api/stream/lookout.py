"""The lookout: whom the stream goes on telling, looked at again while it runs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from api.stream.feed import Feed
from api.stream.listener import Listener
from api.stream.perseverance import persevere
from gis.store.engine import CityEngine, transaction
from gis.store.open_sessions import SessionAccount, open_sessions

EVERY_S = 5.0
LONGEST_WAIT_S = 10.0
"""A send that waits longer is to a client that does not read."""
LONGEST_STAY_S = 3_600.0
"""Then a client comes back once, and its scope is what it is by then."""


class Lookout:
    """Ends streams of sessions that are over and cuts clients that stopped reading."""

    def __init__(self, engine: CityEngine, feed: Feed) -> None:
        self._engine = engine
        self._feed = feed
        self._accounts: dict[bytes, SessionAccount] = {}

    async def run(self, every_s: float = EVERY_S) -> None:
        """Look every ``every_s`` seconds, until cancelled."""

        async def watch() -> None:
            while True:
                await asyncio.sleep(every_s)
                await self.look()

        await persevere(watch, "The sessions of the stream are not looked at")

    async def look(self) -> None:
        """Look once at every listener."""
        now_s = asyncio.get_running_loop().time()
        listeners = list(self._feed.listeners)
        for listener in listeners:
            if listener.has_waited_s() > LONGEST_WAIT_S:
                listener.cut()
            elif now_s - listener.since_s > LONGEST_STAY_S:
                listener.end()
        await self._end_sessions([each for each in listeners if not each.is_ended])

    async def _end_sessions(self, listeners: list[Listener]) -> None:
        sessions = {each.session for each in listeners if each.session is not None}
        if not sessions:
            self._accounts = {}
            return
        async with transaction(self._engine) as tx:
            found = await open_sessions(tx, sessions, at=datetime.now(UTC))
        for listener in listeners:
            if listener.session is None:
                continue
            account = found.get(listener.session)
            before = self._accounts.get(listener.session, account)
            # An account that was given another role or area comes back with its new scope.
            if account is None or account != before:
                listener.end()
        self._accounts = found
