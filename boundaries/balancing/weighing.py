"""What blocks weigh: a figure counted at points or over polygons, in grids cut into blocks."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.balancing.cutting import Blocks
from boundaries.steps import all_to_degrees
from boundaries.succession.counted import Counted, Shapes, grids_of_points, parts_of_blocks


def weights_of_blocks(
    blocks: Blocks, codes: NDArray[np.object_], grids: Shapes, counted: Counted
) -> NDArray[np.float64]:
    """The figure of each block, which sum up to that of its grid.

    Parameters
    ----------
    codes, grids
        All grids that meet what was counted, so that a point on an edge counts once: for
        the grid with the lowest code, and there for one block.
    counted
        What is not known counts nothing.
    """
    shapes = all_to_degrees(blocks.faces)
    weight = np.zeros(len(shapes))
    points, polygons = counted.known()
    owner = grids_of_points(codes, grids, points.geometries)
    block_of: dict[int, int] = {}
    at, of = shapely.STRtree(shapes).query(points.geometries, predicate="intersects")
    for point, block in zip(at.tolist(), of.tolist(), strict=True):
        if blocks.grid[block] == owner[point]:
            block_of[point] = min(block, block_of.get(point, block))
    for point, block in block_of.items():
        weight[block] += points.figure[point]
    for block, held in parts_of_blocks(shapes, polygons):
        weight[block] += held
    return weight
