"""Splitting and transferring as one would with a geometry library alone, polygon by polygon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
import shapely.ops

from gis.crs import objects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.draft_coverage import Box, DraftCoverage
    from boundaries.operations import Split, Transfer

ROUNDING = 1e-9
"""Degrees, a step of the storage grid."""
Shapes = dict[str, shapely.Geometry]
"""Changed and new grids by code."""


def naive_split(city: DraftCoverage, operation: Split) -> Shapes:
    """``shapely.ops.split``; the neighbours are left alone."""
    pieces = shapely.ops.split(city.grids[operation.grid].geometry, operation.line)
    return {f"{operation.grid}-{n}": piece for n, piece in enumerate(pieces.geoms, start=1)}


def naive_transfer(city: DraftCoverage, operation: Transfer) -> Shapes:
    """``union`` for who gets the area, ``difference`` for who gives of it."""
    area = operation.area
    box: Box = tuple(shapely.bounds(area).tolist())
    changed = {
        code: shapely.difference(city.grids[code].geometry, area)
        for code in city.meeting(box)
        if shapely.intersects(city.grids[code].geometry, area)
    }
    given = shapely.union_all(
        [shapely.intersection(city.grids[code].geometry, area) for code in changed]
    )
    changed[operation.to] = shapely.union(city.grids[operation.to].geometry, given)
    return {code: shape for code, shape in changed.items() if not shapely.is_empty(shape)}


def swallowed(city: DraftCoverage, operation: Transfer) -> set[str]:
    """The grids that lie wholly in the area."""
    box: Box = tuple(shapely.bounds(operation.area).tolist())
    return {
        code
        for code in city.meeting(box)
        if shapely.covers(operation.area, city.grids[code].geometry)
    } - {operation.to}


def is_coverage(city: DraftCoverage, changed: Shapes, gone: set[str]) -> bool:
    """Whether changed grids and all around them are polygons that share their edges.

    That is, every edge is that of two grids, corner for corner, or on the outline of the
    neighbourhood. ``coverage_is_valid`` alone does not see a gap as thin as a rounding.
    """
    shapes = objects([*changed.values()])
    if not np.isin(shapely.get_type_id(shapes), (3, 6)).all() or not shapely.is_valid(shapes).all():
        return False
    boxes = shapely.bounds(shapes)
    box: Box = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    around = [city.grids[code].geometry for code in city.meeting(box)]
    others = [
        city.grids[code].geometry
        for code in city.meeting(box)
        if code not in changed and code not in gone
    ]
    now = objects([*shapes, *others])
    rim = shapely.boundary(shapely.coverage_union_all(objects(around)))
    inside = shapely.distance(shapely.points(_middles_of_single_edges(now)), rim) > ROUNDING
    return bool(shapely.coverage_is_valid(now) and not inside.any())


def _middles_of_single_edges(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """The middle of each straight piece that only one of some polygons has."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    follows = ring[1:] == ring[:-1]
    pieces = np.hstack([corners[:-1], corners[1:]])[follows]
    swap = (pieces[:, 0] > pieces[:, 2]) | (
        (pieces[:, 0] == pieces[:, 2]) & (pieces[:, 1] > pieces[:, 3])
    )
    pieces[swap] = pieces[swap][:, [2, 3, 0, 1]]
    different, times = np.unique(pieces, axis=0, return_counts=True)
    single: NDArray[np.float64] = different[times == 1].reshape(-1, 2, 2).mean(axis=1)
    return single
