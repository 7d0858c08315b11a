"""The feed: the one reader of the journal in a process, and its many listeners."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import islice
from time import thread_time

from api.stream.audience import CASE_SUBJECT, Audience
from api.stream.events import Encode, Event, Piece, encode_event, encode_heartbeat
from api.stream.listener import Listener
from api.stream.perseverance import persevere
from gis.errors import Unavailable
from gis.store.cases import cases_in_view
from gis.store.engine import CityEngine, Transaction, schema_of, transaction
from gis.store.listening import heard, own_connection
from gis.store.stamped_journal import Change, changes, last_position

RECENT_EVENTS = 2_048
PAGE_EVENTS = 500
POLL_S = 1.0
"""A safety net under NOTIFY."""
FLUSH_S = 0.1
"""Events of one flush go out in one piece: what costs is the piece, not the event."""
REST_PER_WORK = 2.0
"""After a flush the feed rests so many times as long as it worked: telling takes no more than a
third of a core, and the more clients there are, the more goes out in one piece."""
FLUSH_BYTES = 128 * 1024
"""At most in one piece, half of a listener's backlog: 300 events, so 3,000 a second."""
OFFERS_AT_ONCE = 100
"""Then other requests have their turn: 100 clients take 2 ms."""
HEARTBEAT_S = 15.0
STUCK_S = 30.0
READY_S = 5.0


class Feed:
    """Reads stamped journal rows and tells each audience what is for it; ``run`` first.

    Every event passes three stages: read (``_recent`` and ``_pending``), flushed to the
    audiences there are at that moment, sent by each listener's own response. A listener that
    joins is first told what lies between its position and ``flushed``.
    """

    def __init__(self, engine: CityEngine, city: str, encode: Encode) -> None:
        self.city = city
        self.flushed = 0
        self.is_closing = False
        self._engine = engine
        self._encode = encode
        self._read = 0
        self._ready = asyncio.Event()
        self._news = asyncio.Event()
        self._has_pending = asyncio.Event()
        self._pending: list[Event] = []
        self._recent: deque[Event] = deque(maxlen=RECENT_EVENTS)
        self._audiences: dict[Audience, set[Listener]] = {}
        self.listeners: set[Listener] = set()

    # ---- reading -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Read and tell until cancelled; go on where it was when the database was away."""
        telling = asyncio.create_task(self._tell())
        try:
            await persevere(self._follow, "The stream waits for the database")
        finally:
            telling.cancel()

    async def _follow(self) -> None:
        async with (
            own_connection(self._engine) as connection,
            heard(connection, schema_of(self.city), self._news.set),
        ):
            await self._start(connection)
            while True:
                # Cleared before reading: a notice that comes meanwhile makes us read again.
                self._news.clear()
                await self._read_on(connection)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._news.wait()

    async def _start(self, connection: Transaction) -> None:
        async with asyncio.timeout(STUCK_S), connection.begin():
            last = await last_position(connection)
        if not self._ready.is_set() or last < self._read:
            # The first time; or the city was restored to an earlier day under us.
            self._recent.clear()
            self._pending.clear()
            self._read = self.flushed = last
            self._ready.set()
            self.end_all()

    async def _read_on(self, connection: Transaction) -> None:
        if not (self.listeners or self._audiences):
            await self._skip(connection)
            return
        while True:
            async with asyncio.timeout(STUCK_S), connection.begin():
                page = await self._page(connection, self._read)
            for event in page:
                self._recent.append(event)
                self._pending.append(event)
            if page:
                self._read = page[-1].position
                self._has_pending.set()
            if len(page) < PAGE_EVENTS:
                return

    async def _skip(self, connection: Transaction) -> None:
        """Go to the journal's end unread: who joins later reads from the table what it missed."""
        async with asyncio.timeout(STUCK_S), connection.begin():
            last = await last_position(connection)
        if self.listeners or self._audiences:  # one came meanwhile, and counts on what it was told
            await self._read_on(connection)
            return
        self._recent.clear()
        self._pending.clear()
        self._read = self.flushed = last

    async def _page(self, tx: Transaction, after: int) -> list[Event]:
        rows = await changes(tx, after=after, limit=PAGE_EVENTS)
        numbers = {row.position: _case_number(row) for row in rows}
        cases = await cases_in_view(tx, sorted({n for n in numbers.values() if n is not None}))
        events = []
        for row in rows:
            number = numbers[row.position]
            case = None if number is None else cases.get(number)
            line = self._encode(row, case)
            encoded = encode_event("change", self.city, row.position, line)
            events.append(Event(row.position, row.kind, row.subject, case, encoded))
        return events

    # ---- telling -----------------------------------------------------------------------------

    async def _tell(self) -> None:
        clock = asyncio.get_running_loop().time
        beat_at = clock() + HEARTBEAT_S
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(beat_at - clock(), 0)):
                    await self._has_pending.wait()
            began, worked_s = clock(), thread_time()
            if self._has_pending.is_set():
                await self._flush()
            if began >= beat_at:
                beat_at = began + HEARTBEAT_S
                beat = Piece.of(encode_heartbeat(self.city, self.flushed))
                everybody = [each for told in self._audiences.values() for each in told]
                await _offer([(listener, beat) for listener in everybody], self.flushed)
            # Processor time: on a busy machine the clock runs on without any work being done.
            worked_s = thread_time() - worked_s
            await asyncio.sleep(max(began + FLUSH_S - clock(), worked_s * REST_PER_WORK))

    async def _flush(self) -> None:
        self._has_pending.clear()
        events = self._next_pending()
        if not events:
            return
        told = [
            (listener, piece)
            for audience, listeners in self._audiences.items()
            if (body := audience.told(events))
            for piece in [Piece.of(body)]
            for listener in listeners
        ]
        # From here on who joins is told these by ``past``: no await since the lists were read.
        self.flushed = events[-1].position
        await _offer(told, self.flushed)
        if any(event.changes_scopes for event in events):
            self.end_all()

    def _next_pending(self) -> list[Event]:
        """The first of the pending events, ``FLUSH_BYTES`` of them or one."""
        count = size = 0
        for event in self._pending:
            size += len(event.encoded)
            if count and size > FLUSH_BYTES:
                break
            count += 1
        events, self._pending = self._pending[:count], self._pending[count:]
        if self._pending:
            self._has_pending.set()
        return events

    # ---- listeners ---------------------------------------------------------------------------

    async def ready(self) -> None:
        """Wait until the feed knows where the journal ends.

        Raises
        ------
        Unavailable
            ``stream_not_ready`` when that takes long, or the service ends.
        """
        try:
            async with asyncio.timeout(READY_S):
                await self._ready.wait()
        except TimeoutError:
            raise _not_ready() from None
        if self.is_closing:
            raise _not_ready()

    async def reached(self, position: int) -> bool:
        """Whether there is such a position; waits until the feed has come as far.

        A client may come from another process of the service that was a moment ahead.
        """
        if position <= self.flushed:
            return True
        async with transaction(self._engine) as tx:
            last = await last_position(tx)
        if position > last:
            return False
        for _ in range(int(READY_S / FLUSH_S)):
            if self.flushed >= position:
                return True
            await asyncio.sleep(FLUSH_S)
        raise _not_ready()

    async def past(self, audience: Audience, after: int) -> AsyncIterator[tuple[int, bytes]]:
        """What an audience missed after a position, in pieces with the position they reach.

        ``join`` when it has ended.
        """
        while after < self.flushed:
            page = self._remembered(after)
            if not page:
                async with transaction(self._engine) as tx:
                    read = await self._page(tx, after)
                # The table may be ahead: what is still to be flushed comes to who has joined.
                page = [event for event in read if event.position <= self.flushed]
            after = page[-1].position
            yield after, audience.told(page)

    def _remembered(self, after: int) -> list[Event]:
        """The next page after a position; empty when the ring begins later than that."""
        if not self._recent or after + 1 < self._recent[0].position:
            return []
        # Positions have no gap, so they say where in the ring an event is.
        start = after + 1 - self._recent[0].position
        stop = min(start + PAGE_EVENTS, self.flushed + 1 - self._recent[0].position)
        return list(islice(self._recent, start, stop))

    def join(self, listener: Listener, audience: Audience) -> None:
        """Tell a listener every change after ``flushed``.

        To be called in the same step of the event loop in which ``past`` ended.
        """
        listener.after = self.flushed
        listener.caught_up()
        self._audiences.setdefault(audience, set()).add(listener)

    def quit(self, listener: Listener, audience: Audience) -> None:
        """Tell a listener no more; an audience of nobody goes with its last."""
        told = self._audiences.get(audience)
        if told is not None:
            told.discard(listener)
            if not told:
                del self._audiences[audience]

    def end_all(self) -> None:
        """Let every listener finish; it comes back and is looked at anew."""
        for listener in list(self.listeners):
            listener.end()

    def close(self) -> None:
        """The service ends: no more listeners, and those there are let go."""
        self.is_closing = True
        for listener in list(self.listeners):
            if listener.has_waited_s() > 0:
                listener.cut()
            else:
                listener.end()


async def _offer(told: list[tuple[Listener, Piece]], position: int) -> None:
    for number, (listener, piece) in enumerate(told, start=1):
        listener.offer(piece, position)
        if number % OFFERS_AT_ONCE == 0:
            await asyncio.sleep(0)


def _case_number(change: Change) -> int | None:
    noun, _, number = change.subject.partition("/")
    if f"{noun}/" != CASE_SUBJECT or not number.isdecimal():
        return None
    return int(number)


def _not_ready() -> Unavailable:
    return Unavailable("stream_not_ready", "The stream is not ready; try again in a moment.")
