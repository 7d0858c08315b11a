"""Cells held against chance in time: which hotspots are new, which grow, which were."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from api.analysis.asking import Asked, Viewpoint, region_of, seen_of, version_meant
from api.analysis.regions import Regions
from api.service import Service
from gis.cells import CellRegion, names
from gis.patterns.steps import Step, Steps
from gis.patterns.time_classes import run_at_end
from gis.store.case_counts import ByCell, ByClock, count_by
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from gis.store.versions import version_chain
from gis.trends import Emerging, EmergingOptions, emerging_hotspots

LEAST_STEPS = 5
"""With four no rise is significant."""
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class CellTrends:
    """Cells by steps in time, and what came of it; ``lack`` says why nothing can be told.

    ``starts`` are the first days of the steps, ``end`` the day after the last; ``cube`` holds the
    counts, cells by steps; ``left_out`` are cases in no whole step.
    """

    cells: list[str]
    version: int | None
    starts: NDArray[np.datetime64]
    end: np.datetime64 | None
    cube: NDArray[np.int64]
    left_out: int
    found: Emerging | None
    lack: str | None
    withheld: tuple[str, ...] = ()

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
    tx: Transaction,
    viewpoint: Viewpoint,
    wanted: CaseFilter,
    asked: Asked,
    step: Step,
    options: EmergingOptions,
) -> CellTrends:
    """Count a filter's cases by cell and step, and tell each cell's class in time.

    Steps are whole ones that end with the filter's last day, or that of its last case.

    Raises
    ------
    BadInput
        As ``counts_of``.
    """
    narrowed = await seen_of(service, tx, viewpoint, wanted, asked)
    seen, resolution = narrowed.cases, asked.resolution or 0
    version = version_meant(await version_chain(tx), asked, viewpoint.now)
    counted = await count_by(tx, seen, ByCell(resolution), ByClock("day"))
    days = counted.keys[1].astype("datetime64[D]")
    if version is None or not len(days):
        none = np.empty(0, dtype="datetime64[D]")
        return CellTrends(
            [], None, none, None, np.zeros((0, 0), np.int64), 0, None, "no_cases", narrowed.withheld
        )
    region = await region_of(service, regions, tx, viewpoint, seen, version, resolution)
    steps = Steps.until(_last_day(seen, days), _first_day(seen, days), step)
    at = region.positions(counted.keys[0].astype(np.uint64))
    position = steps.positions(days)
    is_in = (at >= 0) & (position >= 0)
    cube = np.zeros((len(region.cells), steps.count), dtype=np.int64)
    np.add.at(cube, (at[is_in], position[is_in]), counted.counts[is_in])
    found, lack = await asyncio.to_thread(_tested, cube, region, options)
    return CellTrends(
        names(region.cells),
        version.number,
        steps.starts,
        steps.end,
        cube,
        int(counted.counts[(at >= 0) & (position < 0)].sum()),
        found,
        lack,
        narrowed.withheld,
    )


def _tested(
    cube: NDArray[np.int64], region: CellRegion, options: EmergingOptions
) -> tuple[Emerging | None, str | None]:
    if cube.shape[1] < LEAST_STEPS:
        return None, "too_few_steps"
    if not cube.any():
        return None, "no_cases"
    if len(cube) < 3 or cube.min() == cube.max():
        return None, "all_equal" if len(cube) >= 3 else "too_few_places"
    neighbours = region.rings(1)
    return emerging_hotspots(cube.astype(float), region.share, neighbours, options), None


def _first_day(seen: CaseFilter, days: NDArray[np.datetime64]) -> np.datetime64:
    if seen.occurred_from is None:
        return np.datetime64(days.min(), "D")
    local = seen.occurred_from.astimezone(ZoneInfo(seen.zone)).replace(tzinfo=None)
    first = np.datetime64(local, "D")
    # From the middle of a day on: the first whole one is the next.
    return first if np.datetime64(local) == first else np.datetime64(first + DAY)


def _last_day(seen: CaseFilter, days: NDArray[np.datetime64]) -> np.datetime64:
    if seen.occurred_to is None:
        return np.datetime64(days.max(), "D")
    local = seen.occurred_to.astimezone(ZoneInfo(seen.zone)).replace(tzinfo=None)
    return np.datetime64(np.datetime64(local, "D") - DAY)
