"""The stamper: every committed row gets one place, in one order without gaps."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio
from sqlalchemy import make_url, text

from api.stream.stamper import Stamper
from gis.store.engine import CityEngine, schema_of, transaction
from gis.store.listening import heard, own_connection
from gis.store.stamped_journal import first_broken_position, journal_page, last_position
from gis.store.stamps import CHUNK_ROWS, head
from gis.store.tile_shapes import versions
from tests.committed_city import committed_city, positions, running, until, write

CITY = "stamped"


@pytest_asyncio.fixture
async def engine(cluster_url: str) -> AsyncIterator[CityEngine]:
    async with committed_city(cluster_url, CITY) as engine:
        yield engine


def beside(url: str) -> str:
    """Another database of the server."""
    address = make_url(url).set(database="postgres")
    return address.render_as_string(hide_password=False)


def stamper(engine: CityEngine) -> Stamper:
    return Stamper(engine, CITY, asyncio.Event())


async def all_stamped(engine: CityEngine) -> bool:
    async with transaction(engine) as tx:
        written = (await tx.execute(text("SELECT count(*) FROM journal"))).scalar_one()
        return await last_position(tx) == int(written)


async def broken(engine: CityEngine) -> int:
    async with transaction(engine) as tx:
        return await first_broken_position(tx)


async def test_rows_of_eight_writers_with_rollbacks_get_each_one_place_without_a_gap(
    engine: CityEngine,
) -> None:
    kept: set[str] = set()

    async def writer(number: int) -> None:
        chance = random.Random(number)
        for turn in range(30):
            subjects = [f"w{number}/{turn}/{row}" for row in range(chance.randint(1, 4))]
            rolls_back = chance.random() < 0.2
            try:
                async with transaction(engine) as tx:
                    for subject in subjects:
                        await write(tx, subject)
                        await asyncio.sleep(chance.random() * 0.01)
                    if rolls_back:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue
            kept.update(subjects)

    async with running(stamper(engine).run()):
        await asyncio.gather(*(writer(number) for number in range(8)))
        await until(lambda: all_stamped(engine))
    found = await positions(engine)
    assert [position for position, _ in found] == list(range(1, len(kept) + 1))
    assert {subject for _, subject in found} == kept
    # The rows of one writer stay in their order.
    for number in range(8):
        mine = [s.split("/")[1:] for _, s in found if s.startswith(f"w{number}/")]
        assert mine == sorted(mine, key=lambda part: (int(part[0]), int(part[1])))
    assert await broken(engine) == 0


async def test_an_open_transaction_delays_no_row_but_its_own(
    engine: CityEngine, cluster_url: str
) -> None:
    async def stamped(subject: str) -> bool:
        return subject in {found for _, found in await positions(engine)}

    elsewhere = await asyncpg.connect(beside(cluster_url))
    try:
        async with running(stamper(engine).run()):
            async with transaction(engine) as open_one, elsewhere.transaction():
                await write(open_one, "slow")
                await elsewhere.execute("SELECT pg_current_xact_id()")
                for number in range(5):
                    async with transaction(engine) as tx:
                        await write(tx, f"quick/{number}")
                    await until(lambda n=number: stamped(f"quick/{n}"))  # type: ignore[misc]
                assert not await stamped("slow")
            await until(lambda: stamped("slow"))
    finally:
        await elsewhere.close()
    assert (await positions(engine))[-1] == (6, "slow")


async def test_many_rows_from_before_the_first_start_are_stamped_in_chunks_and_none_beside(
    engine: CityEngine,
) -> None:
    rows = 2 * CHUNK_ROWS + 7
    async with transaction(engine) as tx:
        await tx.execute(
            text(
                "INSERT INTO journal (actor, kind, subject)"
                f" SELECT 'test', 'case.noted', 'old/' || n FROM generate_series(1, {rows}) AS n"
            )
        )
    heard_of: list[None] = []
    async with (
        own_connection(engine) as listener,
        heard(listener, schema_of(CITY), lambda: heard_of.append(None)),
        running(stamper(engine).run()),
    ):
        async with transaction(engine) as tx:
            await write(tx, "meanwhile")
        await until(lambda: all_stamped(engine))
        await asyncio.sleep(0.1)
        # One notice a chunk, not one a row.
        assert 3 <= len(heard_of) <= 5
    found = await positions(engine)
    assert [position for position, _ in found] == list(range(1, rows + 2))
    assert await broken(engine) == 0


async def test_one_stamps_and_another_takes_over_when_its_connection_dies(
    engine: CityEngine,
) -> None:
    async def holder() -> int | None:
        async with transaction(engine) as tx:
            held = await tx.execute(
                text(
                    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    " AND database = (SELECT oid FROM pg_database"
                    " WHERE datname = current_database())"
                )
            )
            return held.scalar_one_or_none()

    async def held_by_another(pid: int | None) -> bool:
        return await holder() not in (None, pid)

    async with running(stamper(engine).run()), running(stamper(engine).run()):
        await until(lambda: held_by_another(None))
        for _ in range(3):
            first = await holder()
            async with transaction(engine) as tx:
                await write(tx, "before")
                await tx.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": first})
            async with transaction(engine) as tx:
                await write(tx, "after")
            await until(lambda pid=first: held_by_another(pid))  # type: ignore[misc]
            await until(lambda: all_stamped(engine))
    assert [position for position, _ in await positions(engine)] == list(range(1, 7))
    assert await broken(engine) == 0


async def test_two_that_both_think_they_are_it_cannot_break_the_order(engine: CityEngine) -> None:
    """As behind a pooler that mixes sessions: the stamps' own keys refuse the second."""
    first, second = stamper(engine), stamper(engine)
    async with own_connection(engine) as one, own_connection(engine) as other:
        for each, connection in ((first, one), (second, other)):
            async with connection.begin():
                each._head = await head(connection)
        async with transaction(engine) as tx:
            await write(tx, "only")
        outcomes = await asyncio.gather(
            first._pass(one, None), second._pass(other, None), return_exceptions=True
        )
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) <= 1
    assert await positions(engine) == [(1, "only")]


async def test_a_row_altered_behind_the_trigger_is_found_at_its_position(
    engine: CityEngine,
) -> None:
    async with running(stamper(engine).run()):
        for number in range(5):
            async with transaction(engine) as tx:
                await write(tx, f"row/{number}")
        await until(lambda: all_stamped(engine))
    assert await broken(engine) == 0
    async with transaction(engine) as tx:
        await tx.execute(text("ALTER TABLE journal DISABLE TRIGGER USER"))
        await tx.execute(text("UPDATE journal SET after = '{\"n\": 2}' WHERE subject = 'row/2'"))
        await tx.execute(text("ALTER TABLE journal ENABLE TRIGGER USER"))
    assert await broken(engine) == 3


async def test_case_tiles_get_a_new_number_with_rows_about_cases_and_only_then(
    engine: CityEngine,
) -> None:
    async def number() -> int | None:
        async with transaction(engine) as tx:
            return (await versions(tx)).get("cases")

    async with running(stamper(engine).run()):
        async with transaction(engine) as tx:
            await write(tx, "session/1", kind="session.opened")
        await until(lambda: all_stamped(engine))
        assert await number() is None
        seen: list[int | None] = [None]
        for kind in ("report.received", "reports.imported", "case.released"):
            async with transaction(engine) as tx:
                await write(tx, "case/1", kind=kind)
            await until(lambda: all_stamped(engine))
            assert await number() not in seen
            seen.append(await number())


async def test_the_audit_trail_is_read_by_position_kind_and_subject(engine: CityEngine) -> None:
    async with running(stamper(engine).run()):
        async with transaction(engine) as tx:
            await write(tx, "case/1", "case.noted")
            await write(tx, "case/2", "case_x")
            await write(tx, "case/1", "case.closed")
        await until(lambda: all_stamped(engine))
    async with transaction(engine) as tx:

        async def page(**wanted: str | None) -> list[tuple[int, str]]:
            asked = {"kind": None, "subject": None} | wanted
            rows = await journal_page(tx, after=0, limit=9, **asked)
            return [(row.position, row.kind) for row in rows]

        assert await page() == [(1, "case.noted"), (2, "case_x"), (3, "case.closed")]
        # The dot and the underscore stand for themselves.
        assert await page(kind="case.") == [(1, "case.noted"), (3, "case.closed")]
        assert await page(kind="case_") == [(2, "case_x")]
        assert await page(subject="case/1") == [(1, "case.noted"), (3, "case.closed")]
