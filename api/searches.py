"""A search that takes seconds of a processor: one at a time, given up when nobody waits for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from api.errors import SlowDown
from gis.errors import Conflict

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""As ASGI has it: the next message of a request."""


@dataclass
class Searches:
    """The one search of a process: a second one would only halve the time of both."""

    ends_at: float | None = None

    @asynccontextmanager
    async def one(self, seconds: float, receive: Receive) -> AsyncIterator[Search]:
        """Room for a search; it ends early when whoever asked for it is gone.

        Raises
        ------
        SlowDown
            ``search_running``: somebody else's is.
        Conflict
            ``search_given_up``, at the end: nobody is there to get what was found.
        """
        now = time.monotonic()
        if self.ends_at is not None:
            raise SlowDown(
                "search_running",
                "Another search is going on here; ask again when it is over.",
                retry_after_s=max(1, round(self.ends_at - now)),
            )
        self.ends_at = now + seconds
        search = Search(seconds)
        watch = asyncio.ensure_future(_watched(search, receive))
        try:
            yield search
        finally:
            self.ends_at = None
            search.stop()
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
        if search.given_up:
            raise Conflict("search_given_up", "Whoever asked for this has gone; nothing was kept.")


@dataclass
class Search:
    """So many seconds from when the clock is first asked, fewer when it is stopped."""

    seconds: float
    given_up: bool = False
    _stopped: threading.Event = field(default_factory=threading.Event)
    _deadline: float | None = None

    def stop(self) -> None:
        """Let time be over."""
        self._stopped.set()

    def out_of_time(self) -> bool:
        """Whether it is."""
        if self._deadline is None:
            self._deadline = time.monotonic() + self.seconds
        return self._stopped.is_set() or time.monotonic() >= self._deadline


async def _watched(search: Search, receive: Receive) -> None:
    """Stop a search when the connection of who asked is closed; the body is read by then."""
    while (await receive())["type"] != "http.disconnect":
        continue
    search.given_up = True
    search.stop()
