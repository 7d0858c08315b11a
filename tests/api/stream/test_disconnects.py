"""Every event once and in order, however often a client is thrown out."""

from __future__ import annotations

import asyncio
import random

import pytest

from gis.store.engine import transaction
from tests.api.stream.conftest import LiveCity
from tests.api.stream.sse import stream
from tests.committed_city import positions, write

WRITERS = 8


class Clients:
    """Clients that are disconnected at random moments and go on by their last id."""

    def __init__(self, city: LiveCity, token: str, *, count: int, disconnects: int) -> None:
        self.city = city
        self.token = token
        self.left = disconnects
        self.heard: list[list[int]] = [[] for _ in range(count)]
        self.end: int | None = None

    async def follow(self, number: int, since: int) -> None:
        """Hear until the end, being thrown out again and again on the way."""
        chance = random.Random(number)
        last_id = f"{self.city.code}:{since}"
        heard = self.heard[number]
        while self.end is None or (heard[-1] if heard else since) < self.end:
            async with stream(self.city.address, self.token, last_id) as opened:
                patience_s = chance.random() * 0.3 if self.left > 0 else 5.0
                try:
                    async with asyncio.timeout(patience_s):
                        async for event in opened.events():
                            if event.name == "change":
                                heard.append(event.data["position"])
                            if self.end is not None and heard and heard[-1] >= self.end:
                                break
                except TimeoutError:
                    self.left -= 1
                last_id = opened.last_id or last_id


async def write_and_roll_back(city: LiveCity, number: int, clients: Clients) -> int:
    """Write until all disconnects were made, every fifth transaction for nothing."""
    chance = random.Random(1000 + number)
    kept = 0
    while clients.left > 0:
        rows = chance.randint(1, 3)
        try:
            async with transaction(city.engine) as tx:
                for row in range(rows):
                    await write(tx, f"version/{number}-{row}", "city.noted")
                    await asyncio.sleep(chance.random() * 0.02)
                if chance.random() < 0.2:
                    raise ZeroDivisionError
            kept += rows
        except ZeroDivisionError:
            pass
        await asyncio.sleep(chance.random() * 0.05)
    return kept


async def disconnected(city: LiveCity, *, clients: int, disconnects: int) -> None:
    since = await city.last_position()
    following = Clients(city, await city.token(), count=clients, disconnects=disconnects)

    hearing = asyncio.gather(*(following.follow(number, since) for number in range(clients)))
    kept = sum(
        await asyncio.gather(
            *(write_and_roll_back(city, number, following) for number in range(WRITERS))
        )
    )
    following.end = await city.last_position()
    await hearing
    assert following.left <= 0
    assert following.end == since + kept
    expected = list(range(since + 1, since + kept + 1))
    for heard in following.heard:
        assert heard == expected


async def test_clients_thrown_out_under_writes_hear_every_event_once_and_in_order(
    city: LiveCity,
) -> None:
    await disconnected(city, clients=5, disconnects=30)


@pytest.mark.slow
async def test_200_disconnects_under_writes_of_eight_with_rollbacks_lose_and_repeat_nothing(
    city: LiveCity,
) -> None:
    await disconnected(city, clients=10, disconnects=200)


async def test_positions_of_the_stream_are_those_of_the_audit_trail(city: LiveCity) -> None:
    since = await city.last_position()
    async with stream(city.address, await city.token(), str(since)) as opened:
        await opened.take(1)
        await city.write("version/a", "version/b", "version/c")
        told = await opened.take(3)
    stored = await positions(city.engine)
    assert [(each.data["position"], each.data["subject"]) for each in told] == stored[since:]
