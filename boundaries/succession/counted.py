"""What was counted at points and over polygons, summed up for grids or pieces of them.

As ``gis.store.counts_by_grid`` does for a stored version, here for some grids of any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import objects

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Counted:
    """One figure as it was counted, at points or over polygons (EPSG:4326).

    NaN where it was not.
    """

    geometries: Shapes
    figure: NDArray[np.float64]

    @classmethod
    def of(cls, geometries: Sequence[shapely.Geometry], figure: Sequence[float]) -> Counted:
        """From any two sequences."""
        return cls(objects(geometries), np.asarray(figure, dtype=np.float64))

    def known(self) -> tuple[Counted, Counted]:
        """Points and polygons of which the figure is known."""
        is_known = np.isfinite(self.figure)
        is_area = shapely.get_dimensions(self.geometries) == 2
        points, blocks = (
            Counted(self.geometries[chosen], self.figure[chosen])
            for chosen in (is_known & ~is_area, is_known & is_area)
        )
        return points, blocks


def grids_of_points(codes: NDArray[np.object_], grids: Shapes, points: Shapes) -> list[str | None]:
    """The grid each point counts for: on an edge the lowest code; None outside."""
    found: list[str | None] = [None] * len(points)
    at, of = shapely.STRtree(grids).query(points, predicate="intersects")
    for point, grid in zip(at.tolist(), of.tolist(), strict=True):
        code, known = str(codes[grid]), found[point]
        found[point] = code if known is None else min(known, code)
    return found


def parts_of_blocks(polygons: Shapes, blocks: Counted) -> list[tuple[int, float]]:
    """Place of a polygon, and what it holds of a block: the block's figure by share of area."""
    at, of = shapely.STRtree(polygons).query(blocks.geometries, predicate="intersects")
    common = shapely.area(shapely.intersection(polygons[of], blocks.geometries[at]))
    held = common / shapely.area(blocks.geometries)[at] * blocks.figure[at]
    kept = common > 0
    return list(zip(of[kept].tolist(), held[kept].tolist(), strict=True))


def counts_of_grids(
    codes: NDArray[np.object_], grids: Shapes, counted: Counted | None
) -> dict[str, float | None]:
    """The figure of each grid by code.

    Parameters
    ----------
    codes, grids
        All grids of a version that meet what was counted, so that a point on an edge
        counts once.
    counted
        None in a city where it was counted nowhere.

    Returns
    -------
    None is not known: it was counted nowhere, or of no building of the grid. 0 is a grid
    without buildings.
    """
    if counted is None:
        return dict.fromkeys(map(str, codes))
    is_area = shapely.get_dimensions(counted.geometries) == 2
    points = counted.geometries[~is_area]
    blocks = Counted(counted.geometries[is_area], counted.figure[is_area])
    held = [
        *zip(grids_of_points(codes, grids, points), counted.figure[~is_area], strict=True),
        *((str(codes[grid]), part) for grid, part in parts_of_blocks(grids, blocks)),
    ]
    sums = dict.fromkeys(map(str, codes), 0.0)
    known = {code for code, figure in held if np.isfinite(figure)}
    unknown = {code for code, _ in held} - known
    for code, figure in held:
        if code is not None and np.isfinite(figure):
            sums[code] += float(figure)
    return {code: None if code in unknown else figure for code, figure in sums.items()}
