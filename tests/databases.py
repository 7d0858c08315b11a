"""Cities to test against: migrated once a session, rolled back after each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from sqlalchemy import text

from gis.store.engine import CityEngine, Transaction, open_engine
from gis.store.migrate import drop_city, migrate

CITY = "tested"


@pytest.fixture(scope="session")
def migrated_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a server on which the city ``tested`` has been migrated.

    The parameter is the fixture that gives the server, ``cluster_url`` unless a test's
    folder names others.
    """
    url: str = request.getfixturevalue(getattr(request, "param", "cluster_url"))
    asyncio.run(migrate(url, CITY))
    yield url
    asyncio.run(drop_city(url, CITY))


@pytest_asyncio.fixture(scope="session")
async def engine(migrated_url: str) -> AsyncIterator[CityEngine]:
    """The engine of the city ``tested``."""
    engine = open_engine(migrated_url, CITY)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def tx(engine: CityEngine) -> AsyncIterator[Transaction]:
    """A transaction in an empty city; nothing of it stays."""
    async with rolled_back(engine) as tx:
        yield tx


@asynccontextmanager
async def rolled_back(engine: CityEngine) -> AsyncIterator[Transaction]:
    """A transaction as ``gis.store.engine.transaction`` opens it, rolled back at the end."""
    async with engine.connect() as tx:
        await tx.begin()
        schema = engine.get_execution_options()["city_schema"]
        await tx.execute(text(f"SET LOCAL search_path TO {schema}, public"))
        try:
            yield tx
        finally:
            await tx.rollback()
