"""The intake of a running ``wangge serve``: bursts, kills, a database that goes away."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from gis.store.cluster import EmbeddedCluster
from gis.store.engine import open_engine, transaction
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import with_nine_grids
from tests.api.cli.serving import Served, free_port, wait_until
from tests.committed_city import until
from tests.conftest import open_folder
from tests.gis.store.cluster_child import servers_on

REPORT = {"lng": 121.005, "lat": 30.005, "category": "other", "description": "通道堵了"}
BURST = 1_200
AT_ONCE = 16
CITY = "taken_in"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home of its own, whose server may be killed."""
    with open_folder() as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def prompt(home: Path) -> CommandLine:
    """A prompt in the city of nine grids."""
    at_prompt = CommandLine(home, "").given(home=str(home), city=CITY, port=free_port())
    with EmbeddedCluster(home):
        with_nine_grids(at_prompt)
    return at_prompt


@pytest.fixture
def served(prompt: CommandLine) -> Iterator[Served]:
    """The city, served by one process."""
    running = Served(prompt)
    wait_until(running.is_ready)
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGTERM)


@pytest_asyncio.fixture
async def elsewhere(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at another address of this machine."""
    async with at(served, "127.0.0.9") as client:
        yield client


def at(served: Served, address: str) -> httpx.AsyncClient:
    """A client at an address of this machine, which keeps no cookies."""
    transport = httpx.AsyncHTTPTransport(
        local_address=address, limits=httpx.Limits(max_connections=AT_ONCE)
    )
    return httpx.AsyncClient(transport=transport, base_url=served.address, timeout=60)


async def send(client: httpx.AsyncClient, key: str, **changes: Any) -> httpx.Response:
    client.cookies.clear()
    headers = {"Idempotency-Key": key}
    return await client.post("/api/reports", json=REPORT | changes, headers=headers)


async def ask(home: Path, statement: str) -> list[Any]:
    """Rows from the city's database, past the service."""

    cluster = EmbeddedCluster(home)
    engine = open_engine(await asyncio.to_thread(cluster.acquire), CITY, pool_size=1)
    try:
        async with transaction(engine) as tx:
            return list(await tx.execute(text(statement)))
    finally:
        await engine.dispose()
        await asyncio.to_thread(cluster.release)


async def is_true(holds: bool) -> bool:
    return holds


WHOLE = """
    SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM reports),
           (SELECT count(*) FROM report_texts), (SELECT count(*) FROM report_keys),
           (SELECT count(*) FROM journal WHERE kind = 'report.received')
"""


async def stored(home: Path) -> int:
    """How many reports there are, each with its case, words, key and journal row."""
    ((*counts,),) = await ask(home, WHOLE)
    assert len(set(counts)) == 1, counts
    return int(counts[0])


async def test_a_flood_from_one_address_is_held_and_hinders_nobody_else(
    home: Path, served: Served, elsewhere: httpx.AsyncClient
) -> None:
    before = await stored(home)
    answers: list[httpx.Response] = []

    async def flood(client: httpx.AsyncClient, share: range) -> None:
        answers.extend([await send(client, f"flood {number}") for number in share])

    async def reports_elsewhere(flooding: asyncio.Future[Any]) -> list[int]:
        cases: list[int] = []
        while not flooding.done():
            cases.append((await send(elsewhere, f"quiet {len(cases)}")).json()["case"])
            await asyncio.sleep(0.05)
        return cases

    async with at(served, "127.0.0.8") as client:
        flooding = asyncio.gather(
            *(flood(client, range(first, BURST, AT_ONCE)) for first in range(AT_ONCE))
        )
        quiet = await reports_elsewhere(flooding)
        await flooding
    assert {answer.status_code for answer in answers} == {201}
    cases = {answer.json()["case"] for answer in answers}
    assert len(cases) == BURST
    assert await stored(home) == before + BURST + len(quiet)
    rows = await ask(home, "SELECT number FROM cases WHERE held_at IS NOT NULL")
    held = {row.number for row in rows}
    # The burst of an address and what filled in meanwhile went through.
    assert held < cases
    assert len(held) > BURST / 4
    assert not held & set(quiet)
    assert len(quiet) > 1


async def test_replays_at_the_same_time_are_one_report(home: Path, served: Served) -> None:
    before = await stored(home)
    async with at(served, "127.0.0.7") as client:
        answers = await asyncio.gather(*(send(client, "the same") for _ in range(12)))
        other = await send(client, "the same", lng=121.006)
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert other.status_code == 409
    assert await stored(home) == before + 1


@pytest.mark.parametrize("with_database", [False, True], ids=["service", "service and database"])
async def test_a_kill_in_the_middle_of_batches_loses_nothing_that_was_acknowledged(
    home: Path, prompt: CommandLine, served: Served, with_database: bool
) -> None:
    before = await stored(home)
    acknowledged: dict[str, int] = {}
    word = f"killed {with_database}"

    async def report(client: httpx.AsyncClient, share: int) -> None:
        for number in range(10_000):
            key = f"{word} {share} {number}"
            try:
                answer = await send(client, key)
            except httpx.TransportError:
                return
            if answer.status_code == 201:
                acknowledged[key] = answer.json()["case"]

    async with at(served, "127.0.0.6") as client:
        reporting = asyncio.gather(*(report(client, share) for share in range(AT_ONCE)))
        await until(lambda: is_true(len(acknowledged) >= 200))
        if with_database:
            for server in servers_on(home / "cluster" / "data"):
                os.kill(server, signal.SIGKILL)
        os.killpg(served.process.pid, signal.SIGKILL)
        served.process.communicate()
        await reporting

    again = Served(prompt)
    try:
        await asyncio.to_thread(wait_until, again.is_ready)
        # What was under way may have been stored, but wholly.
        whole = await stored(home) - before
        assert len(acknowledged) <= whole <= len(acknowledged) + AT_ONCE
        async with at(again, "127.0.0.6") as client:
            for key, case in list(acknowledged.items())[-200:]:
                replayed = await send(client, key)
                assert (replayed.status_code, replayed.json()["case"]) == (200, case)
    finally:
        again.end(signal.SIGTERM)


async def test_a_database_that_goes_away_is_told_and_nothing_is_half_written(
    home: Path, served: Served
) -> None:
    before = await stored(home)
    answers: dict[str, int] = {}
    gone = asyncio.Event()

    async def report(client: httpx.AsyncClient, share: int) -> None:
        number = 0
        while not gone.is_set():
            key, number = f"away {share} {number}", number + 1
            answer = await send(client, key)
            answers[key] = answer.status_code
            if answer.status_code == 503:
                assert answer.headers["retry-after"]
                assert answer.json()["code"] == "database_away"

    async with at(served, "127.0.0.5") as client:
        reporting = asyncio.gather(*(report(client, share) for share in range(AT_ONCE)))
        await until(lambda: is_true(len(answers) >= 100))
        (server,) = servers_on(home / "cluster" / "data")
        os.kill(server, signal.SIGKILL)
        await until(lambda: is_true(503 in answers.values()))
        gone.set()
        await reporting
        assert set(answers.values()) == {201, 503}
        await asyncio.to_thread(wait_until, served.is_ready)
        # The same again: stored once, whether or not the first answer came from a commit.
        replays = await asyncio.gather(*(send(client, key) for key in answers))
    assert {answer.status_code for answer in replays} <= {200, 201}
    assert len({answer.json()["case"] for answer in replays}) == len(answers)
    assert await stored(home) == before + len(answers)
