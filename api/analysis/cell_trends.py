"""Cells held against chance in time: which hotspots are new, which grow, which were."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from api.analysis.asking import Asked, Seen, Viewpoint, region_of, seen_of, version_meant
from api.analysis.kept_trends import KeptTrends, TrendsKey
from api.analysis.periods import beginning_of
from api.analysis.regions import Ground, Regions
from api.service import Service
from gis.cells import CellRegion, names
from gis.errors import BadInput
from gis.patterns.steps import Step, Steps
from gis.patterns.time_classes import run_at_end
from gis.store.case_counts import ByCell, BySpan, count_by, first_and_last
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from gis.store.newest_change import newest_change
from gis.store.versions import Version, version_chain
from gis.trends import (
    LEAST_STEPS,
    Emerging,
    EmergingOptions,
    can_stand_out,
    emerging_hotspots,
)

DAY = np.timedelta64(1, "D")
MOST_STEPS = 3_660
MOST_BINS = 5_000_000
"""Cells times steps: their tests take 3 s of a processor and 0.8 GB."""


@dataclass(frozen=True, slots=True)
class CellTrends:
    """Cells by steps in time, and what came of it; ``lack`` says why nothing can be told.

    ``starts`` are the first days of the steps, ``end`` the day after the last; ``cube`` holds the
    counts, cells by steps; ``left_out`` are the cases of each cell in no whole step.
    """

    cells: list[str]
    version: int | None
    starts: NDArray[np.datetime64]
    end: np.datetime64 | None
    cube: NDArray[np.int64]
    left_out: NDArray[np.int64]
    found: Emerging | None
    lack: str | None
    withheld: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """About what it takes to keep."""
        if self.found is None:
            return self.cube.nbytes
        tested = (self.found.z, self.found.p, self.found.q, self.found.bin)
        return self.cube.nbytes + sum(each.nbytes for each in tested)

    def hot(self, side: int, level: float) -> NDArray[np.bool_]:
        """Cells by steps: significantly hot (1) or cold (-1)."""
        if self.found is None:
            return np.zeros(self.cube.shape, dtype=np.bool_)
        flags: NDArray[np.bool_] = (self.found.q <= level) & (np.sign(self.found.bin) == side)
        return flags

    def runs(self, level: float) -> NDArray[np.int64]:
        """How many of the last steps are hot without a break; below zero how many cold."""
        hot, cold = self.hot(1, level), self.hot(-1, level)
        if not hot.size:
            return np.zeros(len(hot), dtype=np.int64)
        runs: NDArray[np.int64] = run_at_end(hot) - run_at_end(cold)
        return runs


async def trends_of_cells(
    service: Service,
    regions: Regions,
    kept: KeptTrends,
    tx: Transaction,
    viewpoint: Viewpoint,
    wanted: CaseFilter,
    asked: Asked,
    step: Step,
    options: EmergingOptions,
) -> CellTrends:
    """Count a filter's cases by cell and step, and tell each cell's class in time.

    Steps are whole ones that end with the filter's last day, today at the latest, or that of its
    last case.

    Raises
    ------
    BadInput
        As ``counts_of``; ``steps_too_many``.
    """
    narrowed = await seen_of(service, tx, viewpoint, wanted, asked)
    resolution = asked.resolution or 0
    version = version_meant(await version_chain(tx), asked, viewpoint.now)
    if version is None:
        return _no_cases(narrowed)
    # Before the cases are counted: what comes in between is then in what is kept, never missing.
    newest = await newest_change(tx)
    seen = narrowed.cases
    ground = Ground(version, viewpoint.scope.grids, seen.bbox, seen.within)
    today = _day(viewpoint.now, seen.zone)
    key = TrendsKey(newest, today, seen, narrowed.withheld, ground, resolution, step, options)

    async def made() -> CellTrends:
        return await _computed(service, regions, tx, viewpoint, narrowed, version, key)

    return await kept.of(key, made)


async def _computed(
    service: Service,
    regions: Regions,
    tx: Transaction,
    viewpoint: Viewpoint,
    narrowed: Seen,
    version: Version,
    key: TrendsKey,
) -> CellTrends:
    seen = narrowed.cases
    window = await _whole_days(tx, seen, key.today)
    if window is None:
        return _no_cases(narrowed)
    region = await region_of(service, regions, tx, viewpoint, seen, version, key.resolution)
    steps = Steps.until(window[1], window[0], key.step)
    if steps.count > MOST_STEPS or len(region.cells) * steps.count > MOST_BINS:
        raise BadInput(
            "steps_too_many",
            f"{len(region.cells):,} cells in {steps.count:,} steps are too many; choose longer"
            " steps, a shorter time or a coarser resolution.",
            field="step",
            steps=steps.count,
        )
    zone = ZoneInfo(seen.zone)
    edges = tuple(beginning_of(day, zone) for day in (*steps.starts, steps.end))
    counted = await count_by(tx, seen, ByCell(key.resolution), BySpan(edges))
    if not len(counted.counts):
        return _no_cases(narrowed)
    at = region.positions(counted.keys[0].astype(np.uint64))
    position = counted.keys[1] - 1
    is_step = (position >= 0) & (position < steps.count)
    is_in, is_out = (at >= 0) & is_step, (at >= 0) & ~is_step
    cube = np.zeros((len(region.cells), steps.count), dtype=np.int64)
    np.add.at(cube, (at[is_in], position[is_in]), counted.counts[is_in])
    left_out = np.zeros(len(region.cells), dtype=np.int64)
    np.add.at(left_out, at[is_out], counted.counts[is_out])
    found, lack = await asyncio.to_thread(tested_in_time, cube, region, key.options)
    return CellTrends(
        names(region.cells),
        version.number,
        steps.starts,
        steps.end,
        cube,
        left_out,
        found,
        lack,
        narrowed.withheld,
    )


def _no_cases(narrowed: Seen) -> CellTrends:
    days, none = np.empty(0, dtype="datetime64[D]"), np.zeros(0, dtype=np.int64)
    return CellTrends(
        [], None, days, None, none.reshape(0, 0), none, None, "no_cases", narrowed.withheld
    )


def tested_in_time(
    cube: NDArray[np.int64], region: CellRegion, options: EmergingOptions
) -> tuple[Emerging | None, str | None]:
    """Hold a cube of counts, cells by steps, against chance; or say why nothing can be told."""
    if cube.shape[1] < LEAST_STEPS:
        return None, "too_few_steps"
    if not cube.any():
        return None, "no_cases"
    if len(cube) < 3 or cube.min() == cube.max():
        return None, "all_equal" if len(cube) >= 3 else "too_few_places"
    counts, neighbours = cube.astype(float), region.rings(1)
    if not can_stand_out(counts, region.share, neighbours, options):
        return None, "too_few_cases"
    return emerging_hotspots(counts, region.share, neighbours, options), None


async def _whole_days(
    tx: Transaction, seen: CaseFilter, today: np.datetime64
) -> tuple[np.datetime64, np.datetime64] | None:
    """The first and the last day that steps may lie in; None where there are no cases."""
    start, stop = seen.occurred_from, seen.occurred_to
    if start is not None and stop is not None:
        return _first_whole_day(start, seen.zone), _last_whole_day(stop, seen.zone, today)
    found = await first_and_last(tx, seen)
    if found is None:
        return None
    first, last = (_day(each, seen.zone) for each in found)
    return (
        first if start is None else _first_whole_day(start, seen.zone),
        last if stop is None else _last_whole_day(stop, seen.zone, today),
    )


def _first_whole_day(start: datetime, zone: str) -> np.datetime64:
    day = _day(start, zone)
    # From the middle of a day on: the first whole one is the next.
    is_midnight = _local(start, zone) == day.astype("M8[us]").item()
    return day if is_midnight else np.datetime64(day + DAY)


def _last_whole_day(stop: datetime, zone: str, today: np.datetime64) -> np.datetime64:
    # What is still to come would look as if it had grown quiet.
    return min(np.datetime64(_day(stop, zone) - DAY), today)


def _day(instant: datetime, zone: str) -> np.datetime64:
    return np.datetime64(_local(instant, zone), "D")


def _local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
