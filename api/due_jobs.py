"""The runner of due jobs: in every serving process, and each job is done once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from api.drawing import IS_DRAWN, draw_as_due
from api.open_data.nightly import RELEASE_IS_DUE, NightlyRelease
from api.profile import CityProfile
from api.stream.perseverance import persevere
from api.taking_effect import CASES_FOLLOW, TAKES_EFFECT, VersionJobs
from gis.errors import WanggeError
from gis.store.due_jobs import (
    Job,
    claim_job,
    continue_job,
    finish_job,
    next_due,
    put_off_job,
)
from gis.store.engine import CityEngine, Transaction, transaction

POLL_S = 1.0
"""How long a job waits at most that another process has just added."""
FIRST_RETRY_S, LONGEST_RETRY_S = 1.0, 600.0
STUCK_S = 600.0
"""A step that takes longer has lost its server without hearing of it."""

_log = logging.getLogger("wangge.due_jobs")

Do = Callable[[Transaction, Job, datetime], Awaitable[Mapping[str, Any] | None]]
"""Does a job, or a step of it, in the transaction; answers the payload to go on with, or None."""
Begin = Callable[[Transaction, datetime], Awaitable[None]]
"""Sees to it, when a runner begins, that a job is there which adds itself again and again."""


def jobs_of_a_city(profile: CityProfile) -> dict[str, Do]:
    """Who does which kind of job."""
    versions = VersionJobs(profile)
    return {
        TAKES_EFFECT: versions.take_effect_as_due,
        CASES_FOLLOW: versions.let_cases_follow,
        IS_DRAWN: draw_as_due,
        RELEASE_IS_DUE: NightlyRelease(profile).release_as_due,
    }


def _now() -> datetime:
    return datetime.now(UTC)


class DueJobs:
    """Does what is due; ``run`` until cancelled, or ``do_all`` that is due by now.

    Parameters
    ----------
    does
        For each kind of job who does it. Jobs of other kinds are left to other programs.
    begin
        Called when ``run`` begins, and after each outage.
    written
        Called after each commit.
    clock
        Aware instants.
    """

    def __init__(
        self,
        engine: CityEngine,
        does: Mapping[str, Do],
        *,
        begin: Begin | None = None,
        written: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._engine = engine
        self._does = dict(does)
        self._begin = begin
        self._written = written
        self._clock = clock

    async def run(self) -> None:
        """Do each job at its instant, or at once where that is past; go on after an outage."""
        await persevere(self._serve, "Due work is not being done")

    async def do_all(self) -> None:
        """Do all that is due by now. What fails is put off, and left."""
        while await self._do_next():
            pass

    async def _serve(self) -> None:
        if self._begin is not None:
            async with asyncio.timeout(STUCK_S), transaction(self._engine) as tx:
                await self._begin(tx, self._clock())
        while True:
            await self.do_all()
            async with asyncio.timeout(STUCK_S), transaction(self._engine) as tx:
                due_at = await next_due(tx, list(self._does))
            wait_s = POLL_S
            if due_at is not None:
                wait_s = min(max((due_at - self._clock()).total_seconds(), 0.0), POLL_S)
            await asyncio.sleep(wait_s)

    async def _do_next(self) -> bool:
        """Do the next step of a job; whether there was one. A failed one is put off."""
        job: Job | None = None
        try:
            async with asyncio.timeout(STUCK_S), transaction(self._engine) as tx:
                now = self._clock()
                job = await claim_job(tx, list(self._does), now)
                if job is None:
                    return False
                goes_on = await self._does[job.kind](tx, job, now)
                if goes_on is None:
                    await finish_job(tx, job.id, now)
                else:
                    await continue_job(tx, job.id, goes_on)
        except Exception as error:
            if job is None:
                raise
            _log.exception("Job %s (%s) failed", job.id, job.kind)
            await self._put_off(job, error)
        else:
            self._written()
        return True

    async def _put_off(self, job: Job, error: Exception) -> None:
        # Another error than ours may quote rows, and what a case says is not for this table.
        said = str(error) if isinstance(error, WanggeError) else ""
        wait_s = min(FIRST_RETRY_S * 2.0**job.attempts, LONGEST_RETRY_S)
        async with transaction(self._engine) as tx:
            await put_off_job(
                tx,
                job.id,
                f"{type(error).__name__}: {said}".rstrip(": "),
                retry_at=self._clock() + timedelta(seconds=wait_s),
            )
