"""A writing transaction left open, here or in another database of the server, delays nobody."""

from __future__ import annotations

import asyncio
import time
from statistics import quantiles

import asyncpg
import pytest
from sqlalchemy import make_url, text

from gis.store.engine import transaction
from tests.api.stream.conftest import LiveCity
from tests.api.stream.sse import stream
from tests.committed_city import committed_city, write

EVERY_S = 0.1


async def delays_beside_open_ones(city: LiveCity, cluster_url: str, open_s: float) -> list[float]:
    """Seconds from each commit to its client, while writing transactions stay open.

    One in this city, one in another city of the database, one in another database.
    """
    address = make_url(cluster_url).set(database="postgres")
    elsewhere = await asyncpg.connect(address.render_as_string(hide_password=False))
    committed: dict[str, float] = {}
    arrived: dict[str, float] = {}
    try:
        async with (
            committed_city(cluster_url, "left_open") as neighbour,
            stream(city.address, await city.token()) as opened,
            elsewhere.transaction(),
            transaction(neighbour) as next_door,
            transaction(city.engine) as tx,
        ):
            await opened.take(1)
            await write(next_door, "version/held", "city.noted")
            await elsewhere.execute("SELECT pg_current_xact_id()")
            await write(tx, "version/held", "city.noted")

            async def writes() -> None:
                for number in range(int(open_s / EVERY_S)):
                    await city.write(f"version/{number}")
                    committed[f"version/{number}"] = time.monotonic()
                    await asyncio.sleep(EVERY_S)

            async def hears() -> None:
                while len(arrived) < int(open_s / EVERY_S):
                    (change,) = await opened.take(1)
                    assert change.data["subject"] != "version/held"
                    arrived[change.data["subject"]] = time.monotonic()

            async with asyncio.timeout(open_s * 3 + 30):
                await asyncio.gather(writes(), hears())
            # Nor does the server think that the open ones are over.
            still = (
                await tx.execute(
                    text("SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL")
                )
            ).scalar_one()
            assert int(still) >= 3
        assert list(arrived) == list(committed)
    finally:
        await elsewhere.close()
    return [arrived[subject] - committed[subject] for subject in committed]


async def test_transactions_left_open_here_and_elsewhere_hold_back_no_other_event(
    city: LiveCity, cluster_url: str
) -> None:
    delays = await delays_beside_open_ones(city, cluster_url, open_s=5)
    assert len(delays) == 50


@pytest.mark.slow
async def test_transactions_open_for_a_minute_delay_no_other_event_by_half_a_second(
    city: LiveCity, cluster_url: str
) -> None:
    delays = await delays_beside_open_ones(city, cluster_url, open_s=60)
    # The load of the machine may delay a few; what waited for the open ones would be all.
    assert quantiles(delays, n=20)[-1] < 0.5, max(delays)
