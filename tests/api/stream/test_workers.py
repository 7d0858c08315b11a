"""Two processes serve the city: each has its own feed, one stamps, and a client may change over."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from gis.store.engine import open_engine, transaction
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NewCity, with_nine_grids
from tests.api.cli.serving import Served, free_port, wait_until
from tests.api.stream.conftest import LiveCity
from tests.api.stream.sse import stream
from tests.committed_city import positions


async def stampers(city: LiveCity) -> int:
    async with transaction(city.engine) as tx:
        held = await tx.execute(
            text(
                "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE locktype = 'advisory' AND granted AND objsubid = 1"
                " AND (classid::bigint << 32) + objid::bigint ="
                " hashtextextended('wangge stamper ' || current_schema(), 0)"
            )
        )
        return int(held.scalar_one())


@pytest.fixture
def served_by_two(new_city: NewCity) -> Iterator[tuple[CommandLine, Served]]:
    prompt = with_nine_grids(new_city()).given(port=free_port())
    served = Served(prompt, "--workers", "2")
    wait_until(served.is_ready)
    yield prompt, served
    _, _, err = served.end(signal.SIGTERM)
    assert len(err.splitlines()) == 1, err


async def test_two_workers_tell_the_same_and_only_one_of_them_stamps(
    served_by_two: tuple[CommandLine, Served], cluster_url: str
) -> None:
    prompt, served = served_by_two
    engine = open_engine(cluster_url, prompt.variables["WANGGE_CITY"], pool_size=10)
    city = LiveCity(prompt, served, engine)
    try:
        token, since = await city.token(), await city.last_position()

        async def follow() -> list[int]:
            heard: list[int] = []
            last_id = f"{city.code}:{since}"
            # Each connection reaches one of the two, as the kernel chooses.
            while len(heard) < 60:
                async with stream(city.address, token, last_id) as opened:
                    for event in await opened.take(4):
                        assert event.name in ("hello", "change")
                        if event.name == "change":
                            heard.append(event.data["position"])
                    last_id = opened.last_id or last_id
            return heard

        async def writes() -> None:
            for number in range(60):
                await city.write(f"version/{number}")

        async with asyncio.timeout(60):
            *heard, _ = await asyncio.gather(*(follow() for _ in range(4)), writes())
        assert heard == [list(range(since + 1, since + 61))] * 4
        assert await stampers(city) == 1
        assert [position for position, _ in await positions(engine)] == list(range(1, since + 61))
    finally:
        await engine.dispose()
