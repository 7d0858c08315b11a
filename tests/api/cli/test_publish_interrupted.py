"""Killed in the middle of a publish, or of a version taking effect: the last version is intact."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import geopandas as gpd
import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from gis.errors import Conflict
from gis.store.engine import CityEngine, open_engine, transaction
from gis.store.versions import version_chain
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NINE_GRIDS, NewCity, with_nine_grids
from tests.api.cli.serving import Served, free_port, wait_until
from tests.api.handed_over import add_case, grids_today, post, posts_of, publish, redrawn
from tests.committed_city import until
from tests.small_city import NOON, SOUTH, STEP, WEST, nine_grids

State = tuple[int, list[str], Mapping[int, str | None]]
"""How many versions there are, posts with their ends, and each case's grid of today."""

MERGED = redrawn(nine_grids(), {"m": ["g00", "g10"]})


@pytest.fixture
def prompt(new_city: NewCity) -> CommandLine:
    return with_nine_grids(new_city()).given(port=free_port())


@pytest_asyncio.fixture
async def city(prompt: CommandLine) -> AsyncIterator[tuple[CommandLine, CityEngine]]:
    """Nine grids, an assignment and an open case in one of two that are to be merged."""
    engine = open_engine(prompt.url, prompt.variables["WANGGE_CITY"])
    async with transaction(engine) as tx:
        await post(tx, "assignments", "A", "g00", NOON, None)
        await add_case(tx, 1, (WEST + STEP / 2, SOUTH + STEP / 2), grid="g00", person="A")
    yield prompt, engine
    await engine.dispose()


async def is_waiting(engine: CityEngine) -> bool:
    """Whether somebody waits to lock the cases: everything before that is written."""
    async with transaction(engine) as tx:
        rows = await tx.execute(
            text(
                "SELECT count(*) FROM pg_locks WHERE NOT granted"
                " AND relation = 'cases'::regclass AND mode = 'ShareRowExclusiveLock'"
            )
        )
        return int(rows.scalar_one()) > 0


async def state(engine: CityEngine) -> State:
    async with transaction(engine) as tx:
        posts = [f"{grid} {stop}" for grid, _, _, stop in await posts_of(tx, "assignments")]
        return len(await version_chain(tx)), posts, await grids_today(tx)


async def is_moved(engine: CityEngine) -> bool:
    return (await state(engine))[2] == {1: "m"}


async def kill_while_it_waits(engine: CityEngine, pid: int, before: State) -> None:
    """SIGKILL a program that has done everything but the cases."""
    await until(lambda: is_waiting(engine))
    assert await state(engine) == before
    os.killpg(pid, signal.SIGKILL)


async def test_a_publish_killed_in_the_middle_leaves_the_last_version_and_can_be_repeated(
    city: tuple[CommandLine, CityEngine],
) -> None:
    prompt, engine = city
    MERGED.to_file(prompt.folder / "merged.geojson", driver="GeoJSON")
    words = ("import", "grids", "merged.geojson", *NINE_GRIDS)
    before: State = (1, ["g00 -"], {1: "g00"})
    async with transaction(engine) as tx:
        await tx.execute(text("LOCK TABLE cases IN ROW EXCLUSIVE MODE"))
        importing = prompt.start(*words)
        await kill_while_it_waits(engine, importing.pid, before)
        await asyncio.to_thread(importing.communicate)
    assert await state(engine) == before
    again = prompt.start(*words)
    _, err = await asyncio.to_thread(again.communicate)
    assert again.returncode == 0, err
    found = await state(engine)
    assert (found[0], len(found[1]), found[2]) == (2, 2, {1: "m"})


async def test_a_service_killed_while_a_version_takes_effect_does_it_once_after_its_next_start(
    city: tuple[CommandLine, CityEngine],
) -> None:
    prompt, engine = city
    now = datetime.now(UTC)
    async with transaction(engine) as tx:
        await publish(tx, MERGED, now=now, effective_at=now + timedelta(seconds=1))
    before: State = (2, ["g00 -"], {1: "g00"})
    first = Served(prompt)
    async with transaction(engine) as tx:
        await tx.execute(text("LOCK TABLE cases IN ROW EXCLUSIVE MODE"))
        await kill_while_it_waits(engine, first.process.pid, before)
        await asyncio.to_thread(first.process.communicate)
    assert await state(engine) == before
    second = Served(prompt)
    try:
        await until(lambda: is_moved(engine))
        await asyncio.to_thread(wait_until, second.is_ready)
        async with transaction(engine) as tx:
            # Its tiles are drawn by a job of its own, before or after.
            kinds = await tx.execute(
                text(
                    "SELECT kind FROM journal WHERE actor = 'schedule'"
                    " AND kind <> 'version.drawn' ORDER BY id"
                )
            )
            assert list(kinds.scalars()) == [
                "assignments.moved",
                "cases.moved",
                "version.took_effect",
            ]
        async with httpx.AsyncClient(base_url=second.address) as client:
            where = {"lng": WEST + STEP / 2, "lat": SOUTH + STEP / 2}
            located = (await client.get("/api/locate", params=where)).json()
            assert located["grid"]["code"] == "m"
    finally:
        await asyncio.to_thread(second.end, signal.SIGTERM)
    moved = await state(engine)
    assert (moved[0], len(moved[1]), moved[2]) == (2, 2, {1: "m"})


async def test_of_two_publishes_at_once_one_wins_and_the_other_is_told(
    city: tuple[CommandLine, CityEngine],
) -> None:
    _, engine = city
    frames = [MERGED, redrawn(nine_grids(), {"k": ["g01", "g11"]})]

    async def attempt(frame: gpd.GeoDataFrame) -> int:
        async with transaction(engine) as tx:
            published = await publish(tx, frame, now=datetime.now(UTC), onto=1)
            return published.version.number

    outcomes = await asyncio.gather(*map(attempt, frames), return_exceptions=True)
    (refusal,) = [each for each in outcomes if isinstance(each, BaseException)]
    assert [each for each in outcomes if isinstance(each, int)] == [2]
    assert isinstance(refusal, Conflict)
    assert refusal.code == "version_moved"
    assert (await state(engine))[0] == 2
