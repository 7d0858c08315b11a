"""When the intake answers: after the commit, never before; and at once when it is full."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from api.intake.queue import BATCH_LIMIT, WAITING_LIMIT, WRITERS, IntakeQueue
from gis.errors import Unavailable
from gis.store.engine import Transaction
from tests.api.intake.test_queue import Store, said
from tests.small_city import publish_small_city

REPORT = {"lng": 121.005, "lat": 30.005, "category": "other"}


class Disk:
    """A commit that takes as long as the test wants, and may fail."""

    def __init__(self) -> None:
        self.reached, self.goes_on, self.is_broken = asyncio.Event(), asyncio.Event(), False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        yield cast("Transaction", None)
        self.reached.set()
        await self.goes_on.wait()
        if self.is_broken:
            raise Unavailable("database_away", "The database cannot be reached.")


async def test_nobody_is_answered_before_the_commit_has_ended() -> None:
    disk, store = Disk(), Store()
    store.open.set()
    queue = IntakeQueue(disk.begin, store.take)
    waiting = [asyncio.create_task(queue.submit(said(word))) for word in "abc"]
    await disk.reached.wait()
    await asyncio.sleep(0.05)
    assert not any(each.done() for each in waiting)
    disk.goes_on.set()
    await asyncio.gather(*waiting)


async def test_a_commit_that_fails_is_nobodys_success() -> None:
    disk, store = Disk(), Store()
    store.open.set()
    disk.goes_on.set()
    disk.is_broken = True
    queue = IntakeQueue(disk.begin, store.take)
    answers = await asyncio.gather(
        *(queue.submit(said(word)) for word in "abc"), return_exceptions=True
    )
    assert [getattr(each, "code", each) for each in answers] == ["database_away"] * 3


async def test_a_full_service_answers_503_at_once_and_says_when_to_come_back(
    app: FastAPI, visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    """The limits of the service itself, filled up behind a database that does not answer."""
    await publish_small_city(tx)
    store = Store()
    full = store.queue()
    object.__setattr__(app.state.intake, "queue", full)
    most = WRITERS * BATCH_LIMIT + WAITING_LIMIT
    waiting = [asyncio.create_task(full.submit(said(str(number)))) for number in range(most)]
    async with asyncio.timeout(10):
        while len(full._waiting) < WAITING_LIMIT:
            waiting.append(asyncio.create_task(full.submit(said("more"))))
            await asyncio.sleep(0)
        refused = await visitor.post("/api/reports", json=REPORT)
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["content-type"] == "application/problem+json"
    assert (await tx.execute(text("SELECT count(*) FROM reports"))).scalar_one() == 0
    store.open.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    # Whoever waited is served; whoever found it full was told so.
    assert sum(not isinstance(each, Exception) for each in answers) >= WAITING_LIMIT
    assert {getattr(each, "code", "busy") for each in answers if isinstance(each, Exception)} <= {
        "busy"
    }
