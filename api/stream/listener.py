"""One client of the stream: what it has still to be sent, and how it is let go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

MOST_BACKLOG_BYTES = 256 * 1024
"""Beyond what the connection itself buffers: some 600 changes."""


class Connection(Protocol):
    """The transport under a response."""

    def abort(self) -> None:
        """Close at once; what is buffered is lost."""


class Listener:
    """The bounded backlog of one client.

    A client that does not read is cut when its backlog is full, or when one send has waited
    too long: it loses its connection and goes on by its last id; nobody waits for it.

    Parameters
    ----------
    session
        Hash of the token it came in with.
    since_s
        When it came, by ``clock``.
    """

    def __init__(
        self,
        connection: Connection | None,
        *,
        session: bytes | None,
        clock: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._backlog: list[bytes] = []
        self._backlog_bytes = 0
        self._wake = asyncio.Event()
        self.session = session
        self.since_s = clock()
        self.is_ended = False
        self.was_cut = False
        self._sending_since_s: float | None = None

    def offer(self, chunk: bytes) -> None:
        """Put bytes at the end of the backlog, or cut a client that left it full."""
        if self.is_ended:
            return
        self._backlog_bytes += len(chunk)
        if self._backlog_bytes > MOST_BACKLOG_BYTES:
            self.cut()
            return
        self._backlog.append(chunk)
        self._wake.set()

    async def next_chunk(self) -> bytes:
        """Wait for bytes to send and take all of them; empty when there will be no more."""
        self._sending_since_s = None
        if not self._backlog:
            if self.is_ended:
                return b""
            self._wake.clear()
            await self._wake.wait()
        chunks, self._backlog, self._backlog_bytes = self._backlog, [], 0
        self._sending_since_s = self._clock()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def sending(self) -> None:
        """Note that a send begins, for ``has_waited``."""
        self._sending_since_s = self._clock()

    def has_waited_s(self) -> float:
        """For how long the send under way has been waiting."""
        return 0.0 if self._sending_since_s is None else self._clock() - self._sending_since_s

    def end(self) -> None:
        """Let it finish: what is in the backlog is sent, then the response ends."""
        self.is_ended = True
        self._wake.set()

    def cut(self) -> None:
        """Close the connection under it; the send that waits for the client returns."""
        self._backlog, self._backlog_bytes = [], 0
        self.was_cut = True
        self.end()
        if self._connection is not None:
            self._connection.abort()
