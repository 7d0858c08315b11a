"""A connection that its server ends says so in one way, whatever moment it was."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from sqlalchemy import text

from gis.errors import Unavailable
from gis.store.driver import fetch
from gis.store.engine import CityEngine, Transaction, open_engine, transaction
from gis.store.kept_connections import KeptConnections
from gis.store.postgresql import find_postgresql
from tests.databases import CITY

Statement = Callable[[Transaction], Awaitable[object]]


async def past_sqlalchemy(tx: Transaction) -> object:
    return await fetch(tx, "SELECT pg_backend_pid()")


async def by_sqlalchemy(tx: Transaction) -> object:
    return await tx.scalar(text("SELECT pg_backend_pid()"))


STATEMENTS = pytest.mark.parametrize("statement", [past_sqlalchemy, by_sqlalchemy])

# Turns of the event loop between the server's last word and the next statement. The driver
# reads the word in one turn and the end of the line in another; between the two it refuses
# the statement in words of its own.
TURNS = pytest.mark.parametrize("turns", range(8))


@pytest_asyncio.fixture
async def lonely(migrated_url: str) -> AsyncIterator[CityEngine]:
    """An engine with one connection at most."""
    engine = open_engine(migrated_url, CITY, pool_size=1)
    yield engine
    await engine.dispose()


def end(url: str, pid: object) -> None:
    """End the server's side of a connection, while this process's event loop stands still."""
    psql = find_postgresql().program("psql")
    subprocess.run(
        [psql, "--quiet", "--command", f"SELECT pg_terminate_backend({pid}, 5000)", url],
        check=True,
        capture_output=True,
    )


async def let_pass(turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


async def refusal(use: Awaitable[None]) -> str | None:
    """The code a use was refused with; None where it was served."""
    try:
        await use
    except Unavailable as error:
        return error.code
    return None


@TURNS
@STATEMENTS
async def test_in_a_transaction_the_database_is_away(
    migrated_url: str, lonely: CityEngine, statement: Statement, turns: int
) -> None:
    async def lose_it() -> None:
        async with transaction(lonely) as tx:
            await statement(tx)
            end(migrated_url, await tx.scalar(text("SELECT pg_backend_pid()")))
            await let_pass(turns)
            await statement(tx)

    assert await refusal(lose_it()) == "database_away"
    async with transaction(lonely) as tx:
        assert await statement(tx)


@TURNS
async def test_an_idle_connection_is_replaced_or_the_database_is_away(
    migrated_url: str, lonely: CityEngine, turns: int
) -> None:
    async with transaction(lonely) as tx:
        pid = await by_sqlalchemy(tx)

    async def another() -> None:
        async with transaction(lonely) as tx:
            assert await by_sqlalchemy(tx) != pid

    end(migrated_url, pid)
    await let_pass(turns)
    assert await refusal(another()) in {None, "database_away"}
    assert await refusal(another()) is None


@TURNS
async def test_a_kept_connection_is_replaced_or_the_database_is_away(
    migrated_url: str, lonely: CityEngine, turns: int
) -> None:
    kept = KeptConnections(lonely)
    async with kept.one() as connection:
        [row] = await fetch(connection, "SELECT pg_backend_pid() AS pid")

    async def another() -> None:
        async with kept.one() as connection:
            await past_sqlalchemy(connection)

    end(migrated_url, row["pid"])
    await let_pass(turns)
    assert await refusal(another()) in {None, "database_away"}
    assert await refusal(another()) is None
    await kept.close()
