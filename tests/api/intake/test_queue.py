"""The queue alone: what waits together goes together, and each hears of its own outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from api.cases.intake import IncomingReport
from api.intake.queue import IntakeQueue
from api.intake.submission import Received, Submission
from gis.datum import Datum
from gis.errors import BadInput, Unavailable, WanggeError
from gis.locate import Reason
from gis.store.engine import Transaction

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def said(words: str) -> Submission:
    report = IncomingReport(121.0, 30.0, Datum.WGS84, "other", words)
    return Submission(report, "web", "web", NOON)


def received(number: int) -> Received:
    return Received(number, number, "", False, (0, 0), None, None, None, Reason.OUTSIDE)


class Store:
    """Takes batches when it is let, and fails at the words it cannot bear."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.open = asyncio.Event()
        self.committed: list[str] = []

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        before = len(self.batches)
        yield cast("Transaction", None)
        self.committed += [word for batch in self.batches[before:] for word in batch]

    async def take(
        self, _: Transaction, submissions: Sequence[Submission]
    ) -> list[Received | WanggeError]:
        await self.open.wait()
        words = [submission.report.description for submission in submissions]
        if "away" in words:
            raise Unavailable("database_away", "The database cannot be reached.")
        if "poison" in words:
            raise ZeroDivisionError
        self.batches.append(words)
        return [
            BadInput("bad", "Bad.") if word == "bad" else received(len(self.committed))
            for word in words
        ]

    def queue(self, **more: Any) -> IntakeQueue:
        return IntakeQueue(self.begin, self.take, **more)


async def outcomes(queue: IntakeQueue, *words: str) -> list[Any]:
    return await asyncio.gather(
        *(queue.submit(said(word)) for word in words), return_exceptions=True
    )


async def test_what_arrives_together_is_one_batch() -> None:
    store = Store()
    store.open.set()
    await outcomes(store.queue(), *"abcdefgh")
    assert store.batches == [list("abcdefgh")]


async def test_who_sends_the_next_as_soon_as_answered_is_never_left_waiting() -> None:
    store = Store()
    store.open.set()
    queue = store.queue(writers=1)

    async def reporter() -> None:
        for _ in range(20):
            await queue.submit(said("a"))

    async with asyncio.timeout(5):
        await asyncio.gather(*(reporter() for _ in range(3)))
    assert len(store.committed) == 60


async def test_what_arrives_while_the_writers_are_busy_is_the_next_batch() -> None:
    store = Store()
    queue = store.queue(writers=1)
    first = asyncio.create_task(outcomes(queue, "a"))
    await asyncio.sleep(0.01)
    rest = asyncio.create_task(outcomes(queue, *"bcd"))
    await asyncio.sleep(0.01)
    store.open.set()
    await asyncio.gather(first, rest)
    assert store.batches == [["a"], ["b", "c", "d"]]


async def test_a_batch_holds_no_more_than_its_limit() -> None:
    store = Store()
    store.open.set()
    await outcomes(store.queue(batch_limit=3, writers=1), *"abcdefgh")
    assert [len(batch) for batch in store.batches] == [3, 3, 2]


async def test_a_full_queue_refuses_at_once_and_loses_nobody_who_waits() -> None:
    store = Store()
    queue = store.queue(waiting_limit=4, batch_limit=2, writers=1)
    waiting = asyncio.create_task(outcomes(queue, *"ab"))
    await asyncio.sleep(0.01)  # these two are being stored, which takes its time
    more = asyncio.create_task(outcomes(queue, *"cdef"))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as caught:
        await asyncio.wait_for(queue.submit(said("g")), 0.5)
    assert caught.value.code == "busy"
    store.open.set()
    await asyncio.gather(waiting, more)
    assert store.committed == list("abcdef")
    await queue.submit(said("g"))


async def test_one_that_breaks_the_batch_fails_alone() -> None:
    store = Store()
    store.open.set()
    found = await outcomes(store.queue(), "a", "poison", "b", "bad", "c")
    assert [type(each).__name__ for each in found] == [
        "Received", "ZeroDivisionError", "Received", "BadInput", "Received",
    ]  # fmt: skip
    assert store.committed == ["a", "b", "bad", "c"]


async def test_a_database_that_is_away_is_told_to_all_and_asked_only_once() -> None:
    store = Store()
    store.open.set()
    found = await outcomes(store.queue(), "a", "away", "b")
    assert [each.code for each in found] == ["database_away"] * 3
    assert store.batches == []


async def test_closing_stores_what_waits_and_takes_nothing_more() -> None:
    store = Store()
    queue = store.queue(batch_limit=2)
    waiting = asyncio.create_task(outcomes(queue, *"abcdefg"))
    await asyncio.sleep(0)
    closing = asyncio.create_task(queue.close())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await queue.submit(said("late"))
    store.open.set()
    await asyncio.gather(closing, waiting)
    assert sorted(store.committed) == list("abcdefg")


async def test_a_reporter_who_went_away_does_not_stop_the_others() -> None:
    store = Store()
    queue = store.queue(writers=1)
    gone = asyncio.create_task(queue.submit(said("gone")))
    stays = asyncio.create_task(queue.submit(said("stays")))
    await asyncio.sleep(0.01)
    gone.cancel()
    store.open.set()
    assert isinstance(await stays, Received)


async def test_the_journal_is_told_after_each_commit() -> None:
    store, told = Store(), list[int]()
    store.open.set()
    queue = store.queue(committed=lambda: told.append(len(store.committed)), batch_limit=2)
    await outcomes(queue, *"abc")
    assert told == [2, 3]
