"""A boundary version takes effect: what is bound to grids changes hands, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from api.handover import Handover, handover
from api.holders import HOLDERS
from api.profile import CityProfile
from boundaries.intake import measuring_crs
from boundaries.publish import coded
from boundaries.succession.lineage import CodedPolygons, Descent
from gis.store import journal
from gis.store.due_jobs import Job, add_job, claim_job, finish_job
from gis.store.engine import Transaction
from gis.store.grids import load_grids
from gis.store.intake_lookup import mark_basis_changed
from gis.store.lineage import lineage_of
from gis.store.rejoin import cases_near, has_final_cases
from gis.store.tile_shapes import area_ids
from gis.store.todays_grid import set_todays_grids
from gis.store.versions import Version, lock_chain, version_at, version_chain

TAKES_EFFECT = "version.takes_effect"
CASES_FOLLOW = "version.cases_follow"

ACTOR = "schedule"
"""Who does what is due, for the journal."""


async def take_effect(
    tx: Transaction, version: Version, change: Handover, *, actor: str, now: datetime
) -> Mapping[str, int]:
    """Let every holder change hands; answers how many rows of each it was.

    Open cases, assignments and duties in this transaction, with a journal row for each kind
    of which some moved. Final cases follow in a due job: they are a thousand times as many,
    nobody waits for them, and of the grid of their own day they keep all.
    """
    moved = {holder.noun: await holder.carry_out(tx, change) for holder in HOLDERS}
    for noun, count in moved.items():
        if count:
            await journal.append(
                tx,
                actor=actor,
                kind=f"{noun}.moved",
                subject=f"version/{version.number}",
                after={noun: count},
            )
    await mark_basis_changed(tx)
    if len(change.boxes) and await has_final_cases(tx):
        await add_job(tx, CASES_FOLLOW, now, {"version": version.id, "after": 0, "moved": 0})
    return moved


class VersionJobs:
    """The due jobs of boundary versions, in a city with this profile."""

    def __init__(self, profile: CityProfile) -> None:
        self._profile = profile
        self._kept: tuple[tuple[int, int], tuple[int, Handover]] | None = None

    async def take_effect_as_due(self, tx: Transaction, job: Job, now: datetime) -> None:
        """Let a version that was published for a later day take effect."""
        await lock_chain(tx)
        version, before = await _succession(tx, int(job.payload["version"]))
        after = await load_grids(tx, version.id)
        lineage = _lineage(await lineage_of(tx, version.id))
        change = await self.change(before, after, lineage, at=version.effective_at)
        moved = await take_effect(tx, version, change, actor=ACTOR, now=now)
        await journal.append(
            tx,
            actor=ACTOR,
            kind="version.took_effect",
            subject=f"version/{version.number}",
            after={"effective_at": version.effective_at.isoformat(), **moved},
        )

    async def let_cases_follow(
        self, tx: Transaction, job: Job, now: datetime
    ) -> dict[str, Any] | None:
        """Give the next cases near changed ground their grid of today; where to go on, if so."""
        number, change = await self._change_until(tx, int(job.payload["version"]), now)
        window = await cases_near(tx, change.boxes, int(job.payload["after"]))
        codes = change.grids_at(window.lng, window.lat)
        ids = await area_ids(tx, "grids")
        grid_ids = np.array([-1 if code is None else ids[code] for code in codes], dtype=np.int64)
        moved = int(job.payload["moved"]) + await set_todays_grids(tx, window.number, grid_ids)
        if window.last is not None:
            return {**job.payload, "after": window.last, "moved": moved}
        if moved:
            await journal.append(
                tx,
                actor=ACTOR,
                kind="cases.followed",
                subject=f"version/{number}",
                after={"cases": moved},
            )
        return None

    async def catch_up(self, tx: Transaction, now: datetime) -> None:
        """Let all versions take effect that should have by now, before another one does."""
        while job := await claim_job(tx, [TAKES_EFFECT], now, waiting=True):
            await self.take_effect_as_due(tx, job, now)
            await finish_job(tx, job.id, now)

    async def change(
        self,
        before: CodedPolygons,
        after: gpd.GeoDataFrame,
        lineage: Sequence[Descent],
        *,
        at: datetime,
    ) -> Handover:
        """What changes from one version to the next, or a draft of it; off the event loop."""
        return await asyncio.to_thread(
            handover,
            before,
            after,
            lineage,
            at=at,
            nearest_m=self._profile.nearest_m,
            crs=measuring_crs(after, self._profile.metric_crs),
            roles=self._profile.duty.roles,
        )

    async def _change_until(
        self, tx: Transaction, version_id: int, now: datetime
    ) -> tuple[int, Handover]:
        """The number of a version, and what has changed since the one before it until now.

        Kept from one step of a job to the next.
        """
        in_force = version_at(await version_chain(tx), now)
        key = version_id, version_id if in_force is None else in_force.id
        if self._kept is None or self._kept[0] != key:
            version, before = await _succession(tx, version_id)
            after = await load_grids(tx, key[1])
            change = await self.change(before, after, (), at=now)
            self._kept = key, (version.number, change)
        return self._kept[1]


async def _succession(tx: Transaction, version_id: int) -> tuple[Version, CodedPolygons]:
    """A version, and the grids of the one before it."""
    chain = await version_chain(tx)
    place = next(at for at, version in enumerate(chain) if version.id == version_id)
    if place == 0:
        return chain[0], CodedPolygons.of([], [])
    return chain[place], coded(await load_grids(tx, chain[place - 1].id))


def _lineage(rows: pd.DataFrame) -> list[Descent]:
    """What decides who inherits; nobody does by households."""
    figures = zip(rows["old"], rows["new"], rows["area_m2"], rows["area_share"], strict=True)
    return [
        Descent(str(old), str(new), float(m2), float(share), None)
        for old, new, m2, share in figures
    ]
