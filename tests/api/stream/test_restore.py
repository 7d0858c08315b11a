"""Dump and restore: positions, chain and every client's place survive a move to another server."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from gis.store.cluster import EmbeddedCluster
from gis.store.engine import open_engine, transaction
from gis.store.postgresql import find_postgresql
from gis.store.server_user import server_environment
from gis.store.stamped_journal import first_broken_position
from tests.api.cli.command_line import CommandLine
from tests.api.cli.serving import Served, free_port, wait_until
from tests.api.stream.conftest import LiveCity
from tests.api.stream.sse import stream
from tests.committed_city import positions
from tests.conftest import open_folder
from tests.gis.store.cluster_child import answer


def run(program: str, *words: str) -> None:
    ran = subprocess.run(
        [find_postgresql().program(program), *words],
        env=server_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.fixture
def other_url() -> Iterator[str]:
    """A new server, whose transactions are numbered from the beginning."""
    with open_folder() as folder, EmbeddedCluster(Path(folder) / "home") as url:
        yield url


@pytest.fixture
def restored(
    served_prompt: tuple[CommandLine, Served], other_url: str, tmp_path: Path
) -> Iterator[tuple[CommandLine, Served]]:
    """The served city, dumped as it is and served anew from the other server."""
    prompt, _ = served_prompt
    dump = tmp_path / "city.dump"
    run("pg_dump", "-Fc", f"--schema={prompt.schema}", f"--file={dump}", prompt.url)
    answer(
        other_url,
        "create extension if not exists postgis; create extension if not exists btree_gist",
    )
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={other_url}", str(dump))
    there = CommandLine(prompt.folder, other_url, prompt.variables).given(
        database_url=other_url, home=str(tmp_path / "home"), port=free_port()
    )
    served = Served(there)
    wait_until(served.is_ready)
    yield there, served
    _, _, err = served.end(signal.SIGTERM)
    assert len(err.splitlines()) == 1, err


@pytest.fixture
def before(served_prompt: tuple[CommandLine, Served]) -> list[str]:
    """Written before the dump: subjects stamped there, and one that no stamper has seen."""
    prompt, served = served_prompt
    for number in range(40):
        # Each in a transaction of its own: the numbers of the old server run ahead.
        prompt.asked(
            "insert into journal (actor, kind, subject)"
            f" values ('test', 'city.noted', 'old/{number}')"
        )
    wait_until(
        lambda: (
            prompt.asked("select count(*) from journal_stamps")
            == prompt.asked("select count(*) from journal")
        )
    )
    served.end(signal.SIGTERM)
    prompt.asked(
        "insert into journal (actor, kind, subject) values ('test', 'city.noted', 'unseen')"
    )
    return [f"old/{number}" for number in range(40)]


async def test_a_client_goes_on_in_the_restored_city_where_it_was_in_the_old_one(
    before: list[str], restored: tuple[CommandLine, Served]
) -> None:
    there, served = restored
    address = make_url(there.url).render_as_string(hide_password=False)
    engine = open_engine(address, there.variables["WANGGE_CITY"], pool_size=10)
    city = LiveCity(there, served, engine)
    try:
        last = await city.last_position()
        stored = await positions(engine)
        assert [position for position, _ in stored] == list(range(1, last + 1))
        # What was stamped before keeps its place; what was not comes after it.
        assert [subject for _, subject in stored[-41:]] == [*before, "unseen"]
        token = await city.token()
        # A client that had heard half of it in the old city.
        async with stream(city.address, token, f"{city.code}:{last - 21}") as opened:
            told = await opened.take(22)
            assert [each.data["subject"] for each in told[1:]] == [*before[20:], "unseen"]

            async def writes(number: int) -> None:
                for turn in range(5):
                    await city.write(f"new/{number}/{turn}", kind="city.noted")

            _, *_ = await asyncio.gather(*(writes(number) for number in range(8)))
            told = await opened.take(40)
        assert [each.data["position"] for each in told] == list(range(last + 1, last + 41))
        assert {each.data["subject"] for each in told} == {
            f"new/{number}/{turn}" for number in range(8) for turn in range(5)
        }
        async with transaction(engine) as tx:
            assert await first_broken_position(tx) == 0
    finally:
        await engine.dispose()
