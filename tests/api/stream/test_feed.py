"""The feed in process: heartbeats, and clients that fall behind, at the pace of a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

import api.stream.feed
import api.stream.listener
from api.access import CaseScope
from api.stream.audience import Audience, Wanted
from api.stream.events import Piece, encode_event
from api.stream.feed import Feed
from api.stream.listener import MOST_BACKLOG_BYTES, MOST_WAIT_S, Listener
from api.stream.stamper import Stamper
from gis.store.engine import CityEngine, transaction
from tests.committed_city import committed_city, running, until, write

CITY = "fed"
EVERYBODY = Audience(CaseScope(), Wanted())
NOBODY_HERE = Audience(CaseScope(), Wanted(kinds=("never",)))


@pytest_asyncio.fixture
async def engine(cluster_url: str) -> AsyncIterator[CityEngine]:
    async with committed_city(cluster_url, CITY) as engine:
        yield engine


@pytest.fixture
def heartbeat_s() -> float:
    return 3_600.0


@pytest_asyncio.fixture
async def feed(
    engine: CityEngine, heartbeat_s: float, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Feed]:
    monkeypatch.setattr(api.stream.feed, "HEARTBEAT_S", heartbeat_s)
    feed = Feed(engine, CITY, lambda change, _: f'"{change.subject}"')
    stamper = Stamper(engine, CITY, asyncio.Event())
    async with running(stamper.run()), running(feed.run()):
        await feed.ready()
        yield feed


class Wire:
    """A transport that notes what it was given; ``unread`` is what the kernel did not take."""

    was_aborted = False
    unread = 0

    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return self.was_aborted

    def abort(self) -> None:
        self.was_aborted = True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def listener(after: int = 0, wire: Wire | None = None, clock: Clock | None = None) -> Listener:
    return Listener(wire, after=after, session=None, clock=clock or Clock())


async def write_all(engine: CityEngine, feed: Feed, count: int) -> None:
    last = feed.flushed + count
    async with transaction(engine) as tx:
        for number in range(count):
            await write(tx, f"city/{number}", "city.noted")

    async def flushed() -> bool:
        return feed.flushed == last

    await until(flushed)


@pytest.mark.parametrize("heartbeat_s", [0.3])
async def test_a_heartbeat_moves_on_who_was_not_to_hear(feed: Feed, engine: CityEngine) -> None:
    quiet = listener(feed.flushed)
    feed.join(quiet, NOBODY_HERE)
    await write_all(engine, feed, 3)
    beat = f": still here\nid: {CITY}:{feed.flushed}\n\n".encode()
    async with asyncio.timeout(10):
        heard = b""
        while not heard.endswith(beat):
            heard = await quiet.next_chunk()
    assert b"data" not in heard


async def test_what_was_written_while_nobody_listened_is_not_kept_but_told_to_who_asks_for_it(
    feed: Feed, engine: CityEngine
) -> None:
    since = feed.flushed
    await write_all(engine, feed, 3)
    assert not feed._recent
    late = listener(since)
    told = b"".join([piece async for _, piece in feed.past(EVERYBODY, since)])
    feed.join(late, EVERYBODY)
    await write_all(engine, feed, 1)
    told += await late.next_chunk()
    assert told == b"".join(
        encode_event("change", CITY, since + place, f'"city/{number}"')
        for place, number in enumerate([0, 1, 2, 0], start=1)
    )


async def test_equal_audiences_are_told_the_very_same_bytes(feed: Feed, engine: CityEngine) -> None:
    first, second = listener(feed.flushed), listener(feed.flushed)
    feed.join(first, EVERYBODY)
    feed.join(second, Audience(CaseScope(), Wanted()))
    await write_all(engine, feed, 1)
    assert await first.next_chunk() is await second.next_chunk()


async def test_who_fell_behind_is_told_the_rest_from_memory_and_table_without_gap_or_repeat(
    feed: Feed, engine: CityEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.stream.listener, "MOST_BACKLOG_BYTES", 1_000)
    since = feed.flushed
    slow = listener(since)
    feed.join(slow, EVERYBODY)
    await write_all(engine, feed, 40)
    assert slow.is_behind
    told = await slow.next_chunk()
    assert told == b""
    feed.quit(slow, EVERYBODY)
    # Half of what it missed is no longer in memory.
    for _ in range(20):
        feed._recent.popleft()
    async for position, piece in feed.past(EVERYBODY, slow.after):
        told += piece
        slow.after = position
    feed.join(slow, EVERYBODY)
    await write_all(engine, feed, 2)
    told += await slow.next_chunk()
    expected = [*(f"city/{n}" for n in range(40)), "city/0", "city/1"]
    assert told == b"".join(
        encode_event("change", CITY, since + place, f'"{subject}"')
        for place, subject in enumerate(expected, start=1)
    )


def test_a_full_backlog_cuts_only_who_has_read_nothing_for_long() -> None:
    half = bytes(MOST_BACKLOG_BYTES // 2 + 1)
    for waited_s, cut in ((MOST_WAIT_S - 1, False), (MOST_WAIT_S + 1, True)):
        wire, clock = Wire(), Clock()
        slow = listener(wire=wire, clock=clock)
        slow.sending()
        slow.offer(Piece.of(half), 1)
        clock.now += waited_s
        slow.offer(Piece.of(half), 2)
        assert wire.was_aborted is slow.was_cut is cut
        assert slow.is_behind is not cut


async def test_who_has_read_all_is_sent_the_next_piece_at_once_and_everything_in_order() -> None:
    wire = Wire()
    quick = listener(wire=wire)

    async def respond() -> None:
        while chunk := await quick.next_chunk():
            wire.write(Piece.of(chunk).framed)

    responding = asyncio.create_task(respond())
    quick.offer(Piece.of(b"before it waits,"), 1)
    assert wire.sent == b""
    for _ in range(3):
        await asyncio.sleep(0)
    quick.offer(Piece.of(b"at once,"), 2)
    assert wire.sent == b"10\r\nbefore it waits,\r\n8\r\nat once,\r\n"
    assert quick.after == 2

    # What the kernel does not take goes the way that knows of waiting, and so does what follows.
    wire.unread = 1
    quick.offer(Piece.of(b"later,"), 3)
    wire.unread = 0
    quick.offer(Piece.of(b"in turn,"), 4)
    assert wire.sent.endswith(b"at once,\r\n")
    for _ in range(3):
        await asyncio.sleep(0)
    quick.offer(Piece.of(b"at once again"), 5)
    quick.end()
    await responding
    assert wire.sent.endswith(b"e\r\nlater,in turn,\r\nd\r\nat once again\r\n")
    assert quick.after == 5
