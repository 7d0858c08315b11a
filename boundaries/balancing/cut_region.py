"""A region cut into weighed blocks: what both evening out and dividing begin with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.balancing.borders import InTheWay
from boundaries.balancing.cutting import Blocks, Fineness, Weighed, cut_into_blocks
from boundaries.balancing.region import Region
from boundaries.balancing.units import Units
from boundaries.balancing.weighing import weights_of_blocks
from boundaries.steps import all_to_degrees
from gis.adjacency import adjacency_of
from gis.crs import STEPS_PER_DEGREE

BLOCKS_A_GRID, MOST_BLOCKS = 16, 2_400
BLOCKS_A_PART, MOST_BLOCKS_DIVIDED = 16, 1_600
SMALLEST_BLOCK_M2 = 600.0
MOVED_BY_STRAIGHTENING = 0.002
"""Of the mean grid: so much may a border move by being drawn straight."""


@dataclass(frozen=True, slots=True)
class CutRegion:
    """A region cut into blocks, which have been weighed."""

    region: Region
    blocks: Blocks
    weight: NDArray[np.float64]

    def units(self, members: NDArray[np.int64]) -> Units:
        """Some of the blocks as what may change hands."""
        shapes = all_to_degrees([self.blocks.faces[at] for at in members])
        names = [f"a block of grid {self.blocks.grid[at]}" for at in members]
        return Units(self.weight[members], adjacency_of(shapes, self.region.crs), names)

    def in_the_way(self, mean: float) -> InTheWay:
        """What straight borders are not to move across."""
        counted = self.region.counted
        known = np.isfinite(counted.figure) & (counted.figure > 0)
        shapes = shapely.transform(counted.geometries[known], lambda c: c * STEPS_PER_DEGREE)
        return InTheWay(shapes, counted.figure[known], mean * MOVED_BY_STRAIGHTENING)


def cut_region(region: Region, parts: int = 1) -> CutRegion:
    """Cut a region into blocks small enough to make its grids, or parts of them, even.

    Raises
    ------
    BadInput
        ``counts_unknown``.
    """
    total = sum(region.totals().values())
    if parts == 1:
        wanted = min(BLOCKS_A_GRID, max(4, MOST_BLOCKS // len(region.grids)))
        fineness = Fineness(
            weight=total / len(region.grids) / wanted,
            share_of_grid=2 / wanted,
            least_m2=SMALLEST_BLOCK_M2,
            most_blocks=4 * wanted,
        )
    else:
        fineness = Fineness(
            weight=total / (parts * BLOCKS_A_PART),
            share_of_grid=min(0.125, 0.5 / parts),
            least_m2=SMALLEST_BLOCK_M2 / min(parts, 4),
            most_blocks=MOST_BLOCKS_DIVIDED,
        )
    blocks = cut_into_blocks(region.grids, region.parents, region.lines, _weighed(region), fineness)
    weight = weights_of_blocks(blocks, *region.neighbourhood, region.counted)
    return CutRegion(region, blocks, weight)


def _weighed(region: Region) -> Weighed:
    """Where weight lies, well enough to say where to cut: of a polygon its middle."""
    known = np.isfinite(region.counted.figure)
    middle = shapely.point_on_surface(region.counted.geometries[known])
    return Weighed(shapely.get_coordinates(middle), region.counted.figure[known])
