"""Jobs that are due at an instant: adding, claiming, what became of them.

Who does a job holds its row locked until the transaction that does it ends: work and record
of it are one commit, and a process that is killed leaves the job as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, any_, cast, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.tables.due_jobs import DueJob


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job; ``attempts`` that failed before."""

    id: int
    kind: str
    due_at: datetime
    payload: Mapping[str, Any]
    attempts: int


async def add_job(
    tx: AsyncConnection, kind: str, due_at: datetime, payload: Mapping[str, Any]
) -> int:
    """Have something done at ``due_at``, after all of its kind that are due before; its id."""
    added = await tx.execute(
        insert(DueJob).values(kind=kind, due_at=due_at, payload=payload).returning(DueJob.id)
    )
    return int(added.scalar_one())


async def add_only_job(
    tx: AsyncConnection, kind: str, due_at: datetime, payload: Mapping[str, Any]
) -> None:
    """As ``add_job``, unless there is one of its kind that is not done yet."""
    # Processes that start together do not see each other's.
    await tx.execute(text("LOCK TABLE due_jobs IN SHARE ROW EXCLUSIVE MODE"))
    waiting = select(DueJob.id).where(DueJob.done_at.is_(None), DueJob.kind == kind)
    if not (await tx.execute(select(waiting.exists()))).scalar_one():
        await add_job(tx, kind, due_at, payload)


async def claim_job(
    tx: AsyncConnection, kinds: Sequence[str], now: datetime, *, waiting: bool = False
) -> Job | None:
    """The first job of these kinds that is due, locked until the transaction ends.

    Of one kind a later job is never done before an earlier one, not even where that one
    failed and waits, or another process is at it. None where there is nothing to do; with
    ``waiting`` a job that another process is at is waited for, and passed over once done.
    """
    lock = "FOR UPDATE OF job" + ("" if waiting else " SKIP LOCKED")
    while True:
        row = (
            await tx.execute(
                text(f"""
                    SELECT id, kind, due_at, payload, attempts FROM due_jobs AS job
                    WHERE done_at IS NULL AND kind = ANY (CAST(:kinds AS text[]))
                      AND due_at <= :now
                      AND (retry_at IS NULL OR retry_at <= :now OR :waiting)
                      AND NOT EXISTS (
                          SELECT FROM due_jobs AS earlier
                          WHERE earlier.done_at IS NULL AND earlier.kind = job.kind
                            AND (earlier.due_at, earlier.id) < (job.due_at, job.id))
                    ORDER BY due_at, id LIMIT 1 {lock}
                """),  # noqa: S608 - one of two locks
                {"kinds": list(kinds), "now": now, "waiting": waiting},
            )
        ).one_or_none()
        if row is not None or not waiting:
            return None if row is None else Job(*row)
        # The one waited for was done meanwhile; then the next has its turn.
        left = select(DueJob.id).where(DueJob.done_at.is_(None), _of(kinds), DueJob.due_at <= now)
        if not (await tx.execute(select(left.exists()))).scalar_one():
            return None


async def finish_job(tx: AsyncConnection, job_id: int, now: datetime) -> None:
    """It is done; to be called in the transaction that did it."""
    await tx.execute(update(DueJob).where(DueJob.id == job_id).values(done_at=now))


async def continue_job(tx: AsyncConnection, job_id: int, payload: Mapping[str, Any]) -> None:
    """A step of it is done, and ``payload`` says where to go on."""
    await tx.execute(
        update(DueJob)
        .where(DueJob.id == job_id)
        .values(payload=payload, retry_at=None, attempts=0, last_error=None)
    )


async def put_off_job(tx: AsyncConnection, job_id: int, error: str, *, retry_at: datetime) -> None:
    """It failed; the next attempt is made at ``retry_at``."""
    await tx.execute(
        update(DueJob)
        .where(DueJob.id == job_id, DueJob.done_at.is_(None))
        .values(attempts=DueJob.attempts + 1, last_error=error, retry_at=retry_at)
    )


async def next_due(tx: AsyncConnection, kinds: Sequence[str]) -> datetime | None:
    """When the next job of these kinds can be done; None where none is left."""
    first = await tx.execute(
        text("""
            SELECT DISTINCT ON (kind) greatest(due_at, retry_at) AS at FROM due_jobs
            WHERE done_at IS NULL AND kind = ANY (CAST(:kinds AS text[]))
            ORDER BY kind, due_at, id
        """),
        {"kinds": list(kinds)},
    )
    return min(first.scalars(), default=None)


def _of(kinds: Sequence[str]) -> Any:
    return DueJob.kind == any_(cast(list(kinds), ARRAY(Text)))
