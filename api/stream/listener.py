"""One client of the stream: what it has still to be sent, and how it is let go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from api.stream.events import Piece

MOST_BACKLOG_BYTES = 256 * 1024
"""Beyond what the connection itself buffers: some 600 changes."""
MOST_WAIT_S = 5.0
"""A client whose backlog is full and that has read nothing for so long is cut."""


class Connection(Protocol):
    """The transport under a response, as asyncio's."""

    def write(self, data: bytes) -> None:
        """Send without waiting; what the kernel does not take yet is buffered."""

    def get_write_buffer_size(self) -> int:
        """Bytes that the kernel has not taken yet."""

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""

    def abort(self) -> None:
        """Close at once; what is buffered is lost."""


class Listener:
    """The bounded backlog of one client.

    A client that has read all it was sent is sent the next piece at once, on the connection
    itself, which wakes no task. For others it waits in the backlog. When the backlog is full
    it is dropped: a client that still reads is told the rest from the ring or the table at
    its own pace, one that does not is cut, and goes on by its last id when it comes back.
    Nobody waits for either.

    Parameters
    ----------
    after
        Position up to which it was told everything.
    session
        Hash of the token it came in with.
    """

    def __init__(
        self,
        connection: Connection | None,
        *,
        after: int,
        session: bytes | None,
        clock: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._backlog: list[bytes] = []
        self._backlog_bytes = 0
        self._wake = asyncio.Event()
        self._is_waiting = False
        self._offered = after
        self.after = after
        self.session = session
        self.since_s = clock()
        self.is_behind = False
        self.is_ended = False
        self.was_cut = False
        self._sending_since_s: float | None = None

    def offer(self, piece: Piece, position: int) -> None:
        """Send what was told up to a position, or put it in the backlog if that is not full."""
        if self.is_ended:
            return
        connection = self._connection
        if connection is not None and self._has_read_all(connection):
            connection.write(piece.framed)
            self.after = self._offered = position
            return
        if self.is_behind or self._backlog_bytes + len(piece.body) > MOST_BACKLOG_BYTES:
            self._fall_behind()
            return
        self._backlog.append(piece.body)
        self._backlog_bytes += len(piece.body)
        self._offered = position
        self._wake.set()

    def _has_read_all(self, connection: Connection) -> bool:
        """Whether nothing that would come before the next piece is still on its way out."""
        return (
            self._is_waiting
            and not self._wake.is_set()
            and not connection.is_closing()
            and connection.get_write_buffer_size() == 0
        )

    def _fall_behind(self) -> None:
        if self.has_waited_s() > MOST_WAIT_S:
            self.cut()
            return
        self.is_behind = True
        self._backlog, self._backlog_bytes = [], 0
        self._wake.set()

    async def next_chunk(self) -> bytes:
        """Wait for bytes to send and take all of them.

        Empty when there will be no more, or when it fell behind ``after``.
        """
        self._sending_since_s = None
        if not (self._backlog or self.is_ended or self.is_behind):
            self._wake.clear()
            self._is_waiting = True
            try:
                await self._wake.wait()
            finally:
                self._is_waiting = False
        chunks, self._backlog, self._backlog_bytes = self._backlog, [], 0
        if chunks:
            self.after = self._offered
        self.sending()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def caught_up(self) -> None:
        """Be told again as it comes, from ``after`` on."""
        self.is_behind = False
        self._offered = self.after

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
