"""A served city: a real process, and a way past it to its database."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from sqlalchemy import text

from gis.store.engine import CityEngine, open_engine, transaction
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NewCity, new_city, with_nine_grids
from tests.api.cli.serving import Served, free_port, wait_until
from tests.api.signing_in import open_session_of
from tests.committed_city import write

__all__ = ["new_city"]


@dataclass(frozen=True)
class LiveCity:
    """A city that is served: where, and its database."""

    prompt: CommandLine
    served: Served
    engine: CityEngine

    @property
    def code(self) -> str:
        return self.prompt.variables["WANGGE_CITY"]

    @property
    def address(self) -> str:
        return self.served.address

    async def token(self, role: str = "dispatcher", area: str | None = None) -> str:
        """The token of a new account's session."""
        async with transaction(self.engine) as tx:
            return await open_session_of(tx, role, area)

    async def write(self, *subjects: str, kind: str = "city.noted") -> None:
        """Commit journal rows in one transaction."""
        async with transaction(self.engine) as tx:
            for subject in subjects:
                await write(tx, subject, kind)

    async def last_position(self) -> int:
        """The last position given, once all rows have one."""
        while True:
            async with transaction(self.engine) as tx:
                rows, last = (
                    await tx.execute(
                        text(
                            "SELECT (SELECT count(*) FROM journal),"
                            " (SELECT coalesce(max(position), 0) FROM journal_stamps)"
                        )
                    )
                ).one()
            if rows == last:
                return int(last)
            await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def served_prompt(new_city: NewCity) -> Iterator[tuple[CommandLine, Served]]:
    """The city of nine grids, served by one process."""
    prompt = with_nine_grids(new_city()).given(port=free_port())
    served = Served(prompt)
    wait_until(served.is_ready)
    yield prompt, served
    if served.process.poll() is not None:
        return  # a test ended it
    _, _, err = served.end(signal.SIGTERM)
    assert "Traceback" not in err, err
    assert len(err.splitlines()) == 1, err


@pytest_asyncio.fixture
async def city(
    served_prompt: tuple[CommandLine, Served], cluster_url: str
) -> AsyncIterator[LiveCity]:
    """A served city, with an engine of its own for the test."""
    prompt, served = served_prompt
    engine = open_engine(cluster_url, prompt.variables["WANGGE_CITY"], pool_size=20)
    yield LiveCity(prompt, served, engine)
    await engine.dispose()
