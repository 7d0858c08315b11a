"""Due jobs: at their instant, once, in order, again after a failure, whatever happens to us."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from api.due_jobs import LONGEST_RETRY_S, DueJobs
from gis.errors import Unavailable
from gis.store.due_jobs import Job, add_job, add_only_job, claim_job, finish_job, next_due
from gis.store.engine import CityEngine, Transaction, transaction
from tests.committed_city import committed_city, running, until, write

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest_asyncio.fixture
async def engine(cluster_url: str) -> AsyncIterator[CityEngine]:
    async with committed_city(cluster_url, "due") as engine:
        yield engine


class Clock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


async def note(tx: Transaction, job: Job, now: datetime) -> None:
    """Do a job by writing it down."""
    await write(tx, str(job.payload["n"]))


async def add(engine: CityEngine, n: object, due_at: datetime = START, kind: str = "note") -> None:
    async with transaction(engine) as tx:
        await add_job(tx, kind, due_at, {"n": n})


async def done(engine: CityEngine) -> list[str]:
    async with transaction(engine) as tx:
        rows = await tx.execute(text("SELECT subject FROM journal ORDER BY id"))
        return list(rows.scalars())


async def table(engine: CityEngine) -> list[tuple[Any, ...]]:
    """Attempts, last error, seconds to the next attempt, and whether it is done."""
    async with transaction(engine) as tx:
        rows = await tx.execute(
            text("SELECT attempts, last_error, retry_at, done_at FROM due_jobs ORDER BY id")
        )
        return [
            (
                row.attempts,
                row.last_error,
                None if row.retry_at is None else (row.retry_at - START).total_seconds(),
                row.done_at is not None,
            )
            for row in rows
        ]


async def test_a_job_is_done_at_its_instant_and_not_before(engine: CityEngine) -> None:
    clock = Clock()
    runner = DueJobs(engine, {"note": note}, clock=clock)
    await add(engine, "later", START + 5 * SECOND)
    clock.now = START + 5 * SECOND - timedelta(microseconds=1)
    await runner.do_all()
    assert await done(engine) == []
    clock.now += timedelta(microseconds=1)
    await runner.do_all()
    await runner.do_all()
    assert await done(engine) == ["later"]


async def test_what_was_due_while_nobody_ran_is_caught_up_in_order_at_the_start(
    engine: CityEngine,
) -> None:
    for n in (3, 1, 2):
        await add(engine, n, START - 3600 * SECOND + n * SECOND)
    async with running(DueJobs(engine, {"note": note}, clock=Clock()).run()):
        await until(lambda: are_done(engine, 3))
    assert await done(engine) == ["1", "2", "3"]


async def are_done(engine: CityEngine, many: int) -> bool:
    return len(await done(engine)) == many


async def test_a_runner_sleeps_until_the_next_instant_and_hears_of_new_jobs(
    engine: CityEngine,
) -> None:
    async with running(DueJobs(engine, {"note": note}).run()):
        await asyncio.sleep(0.1)
        due_at = datetime.now(UTC) + 0.6 * SECOND
        await add(engine, "soon", due_at)
        await until(lambda: are_done(engine, 1))
    async with transaction(engine) as tx:
        at = (await tx.execute(text("SELECT done_at FROM due_jobs"))).scalar_one()
    assert at >= due_at


async def test_processes_that_begin_together_leave_one_job_that_stands(engine: CityEngine) -> None:
    async def begin(tx: Transaction, now: datetime) -> None:
        await add_only_job(tx, "note", now + SECOND, {"n": "stands"})

    clock = Clock()
    runners = [DueJobs(engine, {"note": note}, begin=begin, clock=clock).run() for _ in range(3)]
    async with running(runners[0]), running(runners[1]), running(runners[2]):
        await until(lambda: are_there(engine, 1))
        await asyncio.sleep(0.2)
        assert await table(engine) == [(0, None, None, False)]
        clock.now += SECOND
        await until(lambda: are_done(engine, 1))


async def are_there(engine: CityEngine, many: int) -> bool:
    return len(await table(engine)) == many


async def test_two_processes_do_each_job_once_and_those_of_a_kind_in_order(
    engine: CityEngine,
) -> None:
    chance = random.Random(3)

    async def slowly(tx: Transaction, job: Job, now: datetime) -> None:
        await write(tx, f"{job.kind}{job.payload['n']}")
        await asyncio.sleep(chance.random() * 0.01)

    for n in range(20):
        for kind in ("a", "b"):
            await add(engine, n, START - n % 7 * SECOND, kind)
    runners = [DueJobs(engine, {"a": slowly, "b": slowly}, clock=Clock()) for _ in range(4)]
    while not await are_done(engine, 40):
        await asyncio.gather(*(runner.do_all() for runner in runners))
    subjects = await done(engine)
    assert len(set(subjects)) == 40
    for kind in ("a", "b"):
        found = [int(subject[1:]) for subject in subjects if subject[0] == kind]
        assert found == sorted(range(20), key=lambda n: (-(n % 7), n))


async def test_a_failed_job_leaves_nothing_and_is_tried_again_after_ever_longer_waits(
    engine: CityEngine,
) -> None:
    clock, fails = Clock(), 3

    async def fail(tx: Transaction, job: Job, now: datetime) -> None:
        await note(tx, job, now)
        if job.attempts < fails:
            raise Unavailable("not_yet", "not yet")

    runner = DueJobs(engine, {"note": fail}, clock=clock)
    await add(engine, "once")
    waits = []
    for attempt in range(fails):
        await runner.do_all()
        await runner.do_all()  # put off: not looked at again
        ((attempts, error, retry_s, is_done),) = await table(engine)
        assert (attempts, error, is_done) == (attempt + 1, "Unavailable: not yet", False)
        waits.append(retry_s - (clock.now - START).total_seconds())
        clock.now = START + retry_s * SECOND
    assert waits == sorted(set(waits))
    assert await done(engine) == []
    await runner.do_all()
    assert await done(engine) == ["once"]
    assert (await table(engine))[0][3]


async def test_the_wait_ends_at_ten_minutes_and_the_error_of_a_row_is_not_quoted(
    engine: CityEngine,
) -> None:
    async def fail(tx: Transaction, job: Job, now: datetime) -> None:
        raise ValueError("words of a resident")

    await add(engine, "never")
    async with transaction(engine) as tx:
        await tx.execute(text("UPDATE due_jobs SET attempts = 1000"))
    await DueJobs(engine, {"note": fail}, clock=Clock()).do_all()
    assert await table(engine) == [(1001, "ValueError", LONGEST_RETRY_S, False)]


async def test_a_failed_job_keeps_those_after_it_waiting_and_no_other_kind(
    engine: CityEngine,
) -> None:
    async def fail(tx: Transaction, job: Job, now: datetime) -> None:
        raise Unavailable("not_yet", "not yet")

    for n in (1, 2):
        await add(engine, n, kind="bad")
    await add(engine, "good")
    await DueJobs(engine, {"bad": fail, "note": note}, clock=Clock()).do_all()
    assert await done(engine) == ["good"]
    assert [row[0] for row in await table(engine)] == [1, 0, 0]


async def test_a_job_of_many_steps_commits_each_and_goes_on_where_it_was(
    engine: CityEngine,
) -> None:
    async def step(tx: Transaction, job: Job, now: datetime) -> dict[str, int] | None:
        n = int(job.payload["n"])
        await note(tx, job, now)
        if n == 2 and not job.attempts:
            raise Unavailable("not_yet", "not yet")
        return {"n": n + 1} if n < 4 else None

    clock = Clock()
    runner = DueJobs(engine, {"note": step}, clock=clock)
    await add(engine, 0)
    await runner.do_all()
    assert await done(engine) == ["0", "1"]
    clock.now += 60 * SECOND
    await runner.do_all()
    assert await done(engine) == ["0", "1", "2", "3", "4"]


async def test_a_lost_database_in_the_middle_of_a_job_loses_no_job(engine: CityEngine) -> None:
    begun = asyncio.Event()

    async def cut(tx: Transaction, job: Job, now: datetime) -> None:
        await note(tx, job, now)
        if not begun.is_set():
            begun.set()
            await tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    await add(engine, "kept")
    async with running(DueJobs(engine, {"note": cut}).run()):
        await until(lambda: are_done(engine, 1))
    assert begun.is_set()
    assert await done(engine) == ["kept"]


async def test_a_job_of_a_kind_this_program_does_not_know_is_left_alone(
    engine: CityEngine,
) -> None:
    await add(engine, "new", kind="of_the_next_release")
    await DueJobs(engine, {"note": note}, clock=Clock()).do_all()
    assert await table(engine) == [(0, None, None, False)]
    async with transaction(engine) as tx:
        assert await next_due(tx, ["note"]) is None


@pytest.mark.parametrize("commits", [True, False])
async def test_who_waits_for_a_job_gets_it_only_when_nobody_else_has_done_it(
    engine: CityEngine, commits: bool
) -> None:
    for n in (1, 2):
        await add(engine, n)

    async def claimed() -> object:
        async with transaction(engine) as tx:
            job = await claim_job(tx, ["note"], START, waiting=True)
            return None if job is None else job.payload["n"]

    async with engine.connect() as first:
        await first.begin()
        job = await claim_job(first, ["note"], START)
        assert job is not None
        await finish_job(first, job.id, START)
        waiting = asyncio.create_task(claimed())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await (first.commit() if commits else first.rollback())
        assert await waiting == (2 if commits else 1)
