"""Cases by the areas of a boundary version, also one that no case has lived in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from api.analysis.regions import shape_of_grids
from api.locators import Locator, Locators
from gis.errors import BadInput
from gis.patterns.rates import empirical_bayes
from gis.store.area_grids import areas_of_versions
from gis.store.case_counts import (
    NO_GRID,
    VERSION_BITS,
    ByOwnGrid,
    ByTodaysGrid,
    count_by,
    count_of_version,
    other_places,
)
from gis.store.case_filter import CaseFilter
from gis.store.counts_by_grid import counts_by_grid
from gis.store.engine import Transaction
from gis.store.versions import Version

Level = Literal["grid", "community", "township"]
Per = Literal["households", "population"]
BY_AREA = frozenset(get_args(Level))

AREA_COLUMNS = {"grid": "code", "community": "community", "township": "township"}
# Areas that a viewer's ground only touches have rounding in common with it.
_LEAST_SHARE = 1e-9


@dataclass(frozen=True, eq=False)
class AreaCounts:
    """Counts of areas in order of their codes; ``total`` counts those in none of them too.

    ``people`` and ``rates`` (cases for one of them, smoothed) are None unless asked for, and
    NaN where nothing was counted.
    """

    codes: Sequence[str]
    counts: NDArray[np.int64]
    total: int
    people: NDArray[np.float64] | None = None
    rates: NDArray[np.float64] | None = None


async def count_by_area(
    tx: Transaction,
    locators: Locators,
    seen: CaseFilter,
    level: Level,
    version: Version,
    *,
    now: datetime,
    per: Per | None,
) -> AreaCounts:
    """Count by the areas of one version, of which a bound viewer is told those it sees into.

    The version in force has the grid of today of each case. Of any other, cases that had a
    grid of it keep that, and all others are placed by their points as reports are.

    Raises
    ------
    BadInput
        ``per_invalid``: rates of another version, for a viewer who is bound to grids of today.
    """
    (today,) = await locators.at(tx, now)
    locator = await locators.of(tx, version)
    is_today = version.id == today.version.id
    if per is not None and seen.within_grids is not None and not is_today:
        raise BadInput(
            "per_invalid",
            "Within an area, rates are told for the boundary version in force only.",
            field="per",
        )
    by_grid, total = (
        await _of_today(tx, locator, seen) if is_today else await _of_version(tx, locator, seen)
    )
    is_seen = await _seen(locator, today, seen.within_grids)
    areas = locator.grids[AREA_COLUMNS[level]].to_numpy(str)
    codes = np.unique(areas[is_seen])
    at = np.searchsorted(codes, areas[is_seen])
    counts = np.bincount(at, by_grid[is_seen], len(codes)).astype(np.int64)
    told = codes.tolist()
    if per is None:
        return AreaCounts(told, counts, total)
    people = await _people(tx, locator, per)
    # An area with a grid of which nothing is known is not known itself.
    of_area = np.bincount(at, people[is_seen], len(codes)).astype(np.float64)
    rates = empirical_bayes(counts, of_area)
    return AreaCounts(told, counts, total, of_area, rates)


async def count_by_own_area(tx: Transaction, seen: CaseFilter, level: Level) -> AreaCounts:
    """Count by the area that each case lay in at its own time, over all versions.

    A viewer bound to grids of today is told those areas only in which it has cases.
    """
    found = await count_by(tx, seen, ByOwnGrid())
    areas = await areas_of_versions(tx)
    key = areas["version_id"].to_numpy(np.int64) << VERSION_BITS | areas["grid_id"].to_numpy(
        np.int64
    )
    counts = pd.Series(found.counts, index=found.keys[0]).reindex(key, fill_value=0)
    by_code = counts.groupby(areas[level].to_numpy(object)).sum()
    if seen.within_grids is not None:
        by_code = by_code[by_code > 0]
    return AreaCounts(by_code.index.tolist(), by_code.to_numpy(np.int64), int(found.counts.sum()))


async def _of_today(
    tx: Transaction, locator: Locator, seen: CaseFilter
) -> tuple[NDArray[np.int64], int]:
    """Counts of the locator's grids, and of all cases."""
    found = await count_by(tx, seen, ByTodaysGrid())
    return _by_grid(locator, found.keys[0], found.counts), int(found.counts.sum())


async def _of_version(
    tx: Transaction, locator: Locator, seen: CaseFilter
) -> tuple[NDArray[np.int64], int]:
    own = await count_of_version(tx, seen, locator.version.id)
    others = await other_places(tx, seen, locator.version.id)
    placed = await asyncio.to_thread(locator.index.locate, others.lng, others.lat)
    counts = _by_grid(locator, own.keys[0], own.counts)
    counts = counts + np.bincount(placed.grid[placed.grid >= 0], minlength=len(counts))
    return counts, int(own.counts.sum()) + len(others.lng)


def _by_grid(
    locator: Locator, grid_ids: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.int64]:
    known = pd.Series(counts[grid_ids != NO_GRID], index=grid_ids[grid_ids != NO_GRID])
    return known.reindex(locator.grid_ids, fill_value=0).to_numpy(np.int64)


async def _seen(
    locator: Locator, today: Locator, grids: frozenset[int] | None
) -> NDArray[np.bool_]:
    """Which grids of a version a viewer bound to grids of today sees into."""
    if grids is None:
        return np.ones(len(locator.grid_ids), dtype=bool)
    if locator is today:
        return np.isin(today.grid_ids, list(grids))
    shapes = locator.grids.geometry.to_numpy()

    def shared() -> NDArray[np.bool_]:
        ground = shape_of_grids(today, grids)
        shapely.prepare(ground)
        common = shapely.area(shapely.intersection(shapes, ground))
        found: NDArray[np.bool_] = common > _LEAST_SHARE * shapely.area(shapes)
        return found

    return await asyncio.to_thread(shared)


async def _people(tx: Transaction, locator: Locator, per: Per) -> NDArray[np.float64]:
    """Households or people of each grid of the locator; NaN where not counted."""
    split = (await counts_by_grid(tx, locator.version.id)).grids.set_index("grid_id")[per]
    return split.reindex(locator.grid_ids).to_numpy(float, na_value=np.nan)
