"""The grid index of each boundary version, built once and kept in the process."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from api.cases.coordinates import Bounds
from gis.crs import metric_crs
from gis.locate import GridIndex
from gis.store.engine import Transaction
from gis.store.grids import load_grids
from gis.store.versions import Version, version_at, version_chain

KEPT_VERSIONS = 4


@dataclass(frozen=True, slots=True)
class Locator:
    """A boundary version ready to place points.

    Frame and arrays are aligned with the index; ``bounds`` is west, south, east,
    north in degrees (EPSG:4326).
    """

    version: Version
    index: GridIndex
    grids: gpd.GeoDataFrame
    grid_ids: NDArray[np.int64]
    community_ids: NDArray[np.int64]
    township_ids: NDArray[np.int64]
    bounds: tuple[float, float, float, float]


def build_locator(
    version: Version, grids: gpd.GeoDataFrame, *, nearest_m: float, metric: str | None
) -> Locator:
    """Index one version's grids (a GridFrame with ids, sorted by code)."""
    west, south, east, north = map(float, grids.total_bounds)
    crs = metric_crs((west + east) / 2, (south + north) / 2, metric)
    index = GridIndex.build(
        list(grids["code"]), grids.geometry.to_numpy(), nearest_m=nearest_m, crs=crs
    )
    return Locator(
        version,
        index,
        grids,
        grids["grid_id"].to_numpy(np.int64),
        grids["community_id"].to_numpy(np.int64),
        grids["township_id"].to_numpy(np.int64),
        (west, south, east, north),
    )


def city_bounds(locators: Sequence[Locator]) -> Bounds | None:
    """The box of the first version of these; None for a city without grids."""
    return Bounds(*locators[0].bounds) if locators else None


class Locators:
    """Locators of the versions asked for lately, shared by all requests of a process."""

    def __init__(self, *, nearest_m: float, metric: str | None) -> None:
        self._nearest_m = nearest_m
        self._metric = metric
        self._kept: OrderedDict[int, Locator] = OrderedDict()
        self._building = asyncio.Lock()

    async def at(self, tx: Transaction, *instants: datetime) -> list[Locator]:
        """Locators of the versions in force at these instants, in order of effect.

        An instant before the first version means the first. Asks the chain each
        time, so that a version published by another process is seen at once.
        Empty for a city without grids.
        """
        return await self.of_chain(tx, await version_chain(tx), instants)

    async def of_chain(
        self, tx: Transaction, chain: Sequence[Version], instants: Iterable[datetime]
    ) -> list[Locator]:
        """As ``at``, with the chain asked for before in this transaction."""
        wanted = {(version_at(chain, instant) or chain[0]).id for instant in instants if chain}
        return [await self.of(tx, version) for version in chain if version.id in wanted]

    async def between(self, tx: Transaction, first: datetime, last: datetime) -> list[Locator]:
        """Locators of every version in force at some instant of ``[first, last]``."""
        chain = await version_chain(tx)
        start = version_at(chain, first) or (chain[0] if chain else None)
        return [
            await self.of(tx, version)
            for version in chain
            if start and start.effective_at <= version.effective_at <= max(last, start.effective_at)
        ]

    async def of(self, tx: Transaction, version: Version) -> Locator:
        """The locator of one version; its index is built off the event loop."""
        if version.id not in self._kept:
            async with self._building:
                if version.id not in self._kept:
                    grids = await load_grids(tx, version.id)
                    self._kept[version.id] = await asyncio.to_thread(
                        build_locator,
                        version,
                        grids,
                        nearest_m=self._nearest_m,
                        metric=self._metric,
                    )
                    while len(self._kept) > KEPT_VERSIONS:
                        self._kept.popitem(last=False)
        self._kept.move_to_end(version.id)
        return self._kept[version.id]
