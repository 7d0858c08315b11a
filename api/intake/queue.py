"""Collecting the reports of the moment: each batch is one transaction, answered after its commit.

A commit waits for the disk and four round trips; shared by the reports that came in
meanwhile it costs each of them a part. Nothing waits for company: a report that finds a
writer free goes at once, and a batch is what came while the writers were busy.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

from api.intake.submission import Received, Submission
from gis.errors import Unavailable, WanggeError
from gis.store.engine import Transaction

WAITING_LIMIT = 1_000
"""Reports that wait: at 2,000 a second the last of them waits half a second."""
BATCH_LIMIT = 200
QUIET_ROUNDS = 2
"""Rounds of the event loop: one reads what has arrived, the next brings it here."""
WRITERS = 2
"""Batches in flight: one waits for the disk while the next is checked and placed. Each batch
costs some 2 ms of processor time whatever its size, so that many small ones are dear."""

Take = Callable[[Transaction, Sequence[Submission]], Awaitable[list[Received | WanggeError]]]
Begin = Callable[[], AbstractAsyncContextManager[Transaction]]

_log = logging.getLogger("wangge.intake")


class _Entry(NamedTuple):
    submission: Submission
    answer: asyncio.Future[Received]


class IntakeQueue:
    """Submissions in, what became of each out.

    Parameters
    ----------
    begin
        Gives a connection: what is done in its block is committed when it ends.
    take
        Stores a batch in it; an outcome for each submission, in their order.
    committed
        Called after each batch that was committed.
    """

    def __init__(
        self,
        begin: Begin,
        take: Take,
        *,
        committed: Callable[[], Any] = lambda: None,
        waiting_limit: int = WAITING_LIMIT,
        batch_limit: int = BATCH_LIMIT,
        writers: int = WRITERS,
    ) -> None:
        self._begin = begin
        self._take = take
        self._committed = committed
        self._waiting_limit = waiting_limit
        self._batch_limit = batch_limit
        self._most_writers = writers
        self._waiting: deque[_Entry] = deque()
        self._writers: set[asyncio.Task[None]] = set()
        # Not the tasks: one that has found nothing more to do is a task for a moment longer,
        # and a report that comes in that moment would wait for nobody.
        self._writing = 0
        self._closed = False

    async def submit(self, submission: Submission) -> Received:
        """Wait until the submission is committed.

        Raises
        ------
        Unavailable
            ``busy``, at once, when too many wait; ``database_away``.
        WanggeError
            What was wrong with this submission.
        """
        if self._closed or len(self._waiting) >= self._waiting_limit:
            raise Unavailable("busy", "Too many reports wait to be stored; send it again soon.")
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Entry(submission, answer))
        if self._writing < self._most_writers:
            self._writing += 1
            writer = asyncio.create_task(self._write())
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        received: Received = await answer
        return received

    async def close(self) -> None:
        """Take nothing more in, and wait until what waits is stored."""
        self._closed = True
        while self._writers:
            await asyncio.wait(self._writers)

    async def _write(self) -> None:
        try:
            while self._waiting:
                await self._all_arrived()
                many = min(len(self._waiting), self._batch_limit)
                batch = [self._waiting.popleft() for _ in range(many)]
                # Whoever has gone away before its turn did not hear that it was taken.
                await self._settle([entry for entry in batch if not entry.answer.cancelled()])
        finally:
            self._writing -= 1

    async def _all_arrived(self) -> None:
        """Let requests whose bytes are here already be read; wait for none that are not."""
        quiet = 0
        while quiet < QUIET_ROUNDS and len(self._waiting) < self._batch_limit:
            before = len(self._waiting)
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == before else 0

    async def _settle(self, batch: Sequence[_Entry]) -> None:
        """Store a batch and answer it; where it fails as a whole, each alone."""
        if not batch:
            return
        try:
            outcomes = await self._store(batch)
        except Unavailable as error:
            outcomes = [error for _ in batch]
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            if len(batch) > 1:
                _log.warning("a batch of %d failed, now one by one: %s", len(batch), error)
                for entry in batch:
                    await self._settle([entry])
                return
            outcomes = [error]
        for entry, outcome in zip(batch, outcomes, strict=True):
            if entry.answer.cancelled():
                continue
            if isinstance(outcome, Received):
                entry.answer.set_result(outcome)
            else:
                entry.answer.set_exception(outcome)

    async def _store(self, batch: Sequence[_Entry]) -> list[Received | Exception]:
        async with self._begin() as tx:
            outcomes = await self._take(tx, [entry.submission for entry in batch])
        self._committed()
        return [*outcomes]
