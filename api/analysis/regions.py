"""The cells that counts are told for: those of a boundary version, made once and kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from api.locators import Locator
from gis.cells import CellRegion, most_cells
from gis.errors import BadInput
from gis.polygonal import only_polygons
from gis.store.engine import Transaction
from gis.store.succession import outline_of_version
from gis.store.versions import Version

KEPT_REGIONS = 16
MOST_CELLS = 250_000
"""An answer of so many is 7 MB of JSON; the city of the demo has 100,000 at resolution 10."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A part of the ground of a boundary version; what is None does not narrow it.

    ``grids`` are ids of today's grids, ``bbox`` is west, south, east, north, ``within`` are
    corners; degrees.
    """

    version: Version
    grids: frozenset[int] | None = None
    bbox: tuple[float, float, float, float] | None = None
    within: tuple[tuple[float, float], ...] = ()


class Regions:
    """Study regions asked for lately, shared by all requests of a process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Ground, int], CellRegion] = OrderedDict()
        self._making = asyncio.Lock()

    async def of(
        self, tx: Transaction, ground: Ground, today: Locator, resolution: int
    ) -> CellRegion:
        """The cells that overlap a ground; ``today`` has the grids of ``ground.grids``.

        Raises
        ------
        BadInput
            ``resolution_too_fine``: they would be more than 250,000.
        """
        key = ground, resolution
        if key not in self._kept:
            async with self._making:
                if key not in self._kept:
                    outline = await outline_of_version(tx, ground.version.id)
                    # A tenth of a second to a second.
                    self._kept[key] = await asyncio.to_thread(
                        _made, outline, ground, today, resolution
                    )
                    while len(self._kept) > KEPT_REGIONS:
                        self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def shape_of_grids(today: Locator, grids: frozenset[int]) -> shapely.Geometry:
    """The ground of some of today's grids, in degrees."""
    shapes: Sequence[shapely.Geometry] = today.grids.geometry.to_numpy()[
        np.isin(today.grid_ids, list(grids))
    ]
    return shapely.union_all(shapes)


def _made(outline: shapely.Geometry, ground: Ground, today: Locator, resolution: int) -> CellRegion:
    shape = outline
    if ground.grids is not None:
        shape = shapely.intersection(shape, shape_of_grids(today, ground.grids))
    if ground.bbox is not None:
        shape = shapely.intersection(shape, shapely.box(*ground.bbox))
    if ground.within:
        shape = shapely.intersection(shape, shapely.Polygon(ground.within))
    if not shapely.area(shape) > 0:
        return CellRegion(np.empty(0, np.uint64), np.empty(0), resolution)
    about = most_cells(shape, resolution)
    if about > MOST_CELLS:
        raise BadInput(
            "resolution_too_fine",
            f"Resolution {resolution} cuts this ground into {about:,.0f} cells or so,"
            f" {MOST_CELLS:,} at most; choose a coarser one or a smaller area.",
            field="resolution",
            resolution=resolution,
        )
    return CellRegion.of(only_polygons([shape])[0], resolution)
