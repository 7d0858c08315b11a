"""Areas of a boundary version held against chance, with those they share an edge with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from api.analysis.areas import AREA_COLUMNS, AreaCounts, Level, count_by_area
from api.analysis.asking import OWN, Asked, Viewpoint, seen_of, version_meant
from api.analysis.cell_hotspots import SEED
from api.analysis.grid_grounds import GridGround, GridGrounds
from api.locators import Locator
from api.request_transaction import RequestTransaction
from api.service import Service
from gis.errors import BadInput
from gis.hotspots import Hotspots, hotspots_of_areas
from gis.outliers import Outliers, outliers_of_rates
from gis.patterns.neighbours import Neighbours
from gis.patterns.rates import empirical_bayes
from gis.store.case_counts import count_all
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from gis.store.versions import Version, version_chain

Method = Literal["gi-star", "moran"]
_M2_OF_KM2 = 1e6

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AreasFound:
    """Areas in order of their codes, and what stands out of them; aligned.

    ``exposure`` are the people or households of each, or its ground in km²; ``rates`` cases for
    one of them, smoothed. ``left_out`` are the areas of which nobody counted the people: nothing
    else is told of them. ``islands`` share an edge with nobody.
    """

    version: int | None
    total: int
    codes: Sequence[str]
    names: Sequence[str]
    counts: NDArray[np.int64]
    exposure: Floats
    rates: Floats
    found: Hotspots | Outliers
    islands: Sequence[str]
    left_out: Sequence[str]
    withheld: Sequence[str]


async def areas_held_against_chance(
    service: Service,
    grounds: GridGrounds,
    transaction: RequestTransaction,
    one_at_a_time: asyncio.Lock,
    viewpoint: Viewpoint,
    wanted: CaseFilter,
    asked: Asked,
    method: Method,
) -> AreasFound:
    """Count the cases of a filter by area, and tell which areas stand out.

    Without a connection of the pool once they are counted; outliers are drawn one question at a
    time, for they take memory.

    Raises
    ------
    BadInput
        As ``counts_of``; ``version_invalid`` for areas of several versions, and for a viewer who
        is bound to grids of today, of any but those.
    """
    if asked.version == OWN:
        raise _version_invalid("Areas are held against one another within one boundary version.")
    tx = await transaction.begun()
    narrowed = await seen_of(service, tx, viewpoint, wanted, asked)
    version = version_meant(await version_chain(tx), asked, viewpoint.now)
    if version is None:
        total = await count_all(tx, narrowed.cases)
        none: Floats = np.empty(0)
        nobody = Neighbours.of_pairs(0, [], [])
        found = _held(method, none, none, nobody)
        counts = none.astype(np.int64)
        return AreasFound(None, total, (), (), counts, none, none, found, (), (), narrowed.withheld)
    locator = await service.locators.of(tx, version)
    is_seen = await _seen(service, tx, viewpoint, version, locator)
    level = cast("Level", asked.by)
    areas = await count_by_area(
        tx, service.locators, narrowed.cases, level, version, now=viewpoint.now, per=asked.per
    )
    ground = await grounds.of(locator, service.profile.metric_crs)
    await transaction.end()
    async with one_at_a_time if method == "moran" else nullcontext():
        return await asyncio.to_thread(
            _found, areas, locator, ground, is_seen, level, method, narrowed.withheld
        )


async def _seen(
    service: Service, tx: Transaction, viewpoint: Viewpoint, version: Version, locator: Locator
) -> NDArray[np.bool_]:
    grids = viewpoint.scope.grids
    if grids is None:
        return np.ones(len(locator.grid_ids), dtype=np.bool_)
    (today,) = await service.locators.at(tx, viewpoint.now)
    if version.id != today.version.id:
        raise _version_invalid("Within an area, the boundary version in force is told only.")
    return np.isin(locator.grid_ids, list(grids))


def _version_invalid(message: str) -> BadInput:
    return BadInput("version_invalid", message, field="version")


def _found(
    areas: AreaCounts,
    locator: Locator,
    ground: GridGround,
    is_seen: NDArray[np.bool_],
    level: Level,
    method: Method,
    withheld: Sequence[str],
) -> AreasFound:
    grids = np.flatnonzero(is_seen)
    codes = np.array(areas.codes, dtype=str)
    at = np.searchsorted(codes, locator.grids[AREA_COLUMNS[level]].to_numpy(str)[grids])
    if areas.people is None:
        exposure = np.bincount(at, ground.area_m2[grids], len(codes)) / _M2_OF_KM2
    else:
        exposure = areas.people
    told = exposure > 0
    number = np.cumsum(told) - 1
    kept = told[at]
    beside = ground.areas_beside(grids[kept], number[at[kept]], int(told.sum()))
    counts, exposure = areas.counts[told], exposure[told]
    rates = empirical_bayes(counts, exposure)
    found = _held(method, counts.astype(float), exposure, beside)
    return AreasFound(
        locator.version.number,
        areas.total,
        codes[told].tolist(),
        _names(locator, level, codes[told]),
        counts,
        exposure,
        rates,
        found,
        codes[told][beside.cardinalities == 0].tolist(),
        codes[~told].tolist(),
        withheld,
    )


def _held(
    method: Method, counts: Floats, exposure: Floats, beside: Neighbours
) -> Hotspots | Outliers:
    if method == "moran":
        return outliers_of_rates(counts, exposure, beside, seed=SEED)
    return hotspots_of_areas(counts, exposure, beside)


def _names(locator: Locator, level: Level, codes: NDArray[np.str_]) -> list[str]:
    name = "name" if level == "grid" else f"{level}_name"
    of_grids = locator.grids[AREA_COLUMNS[level]], locator.grids[name]
    named = dict(zip(*(column.tolist() for column in of_grids), strict=True))
    return [str(named[code]) for code in codes.tolist()]
