"""Narrow gaps between grids that are open to the outside at one end or both.

Such a slit is no hole of the union and may leave a coverage valid, yet it is the same fault
as an enclosed gap: two borders that were meant to be one, drawn a few metres apart.
"""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import Geometries, objects, project, unproject
from gis.polygonal import only_polygons

# Below these a slit is a notch of the city's own outline: real coverages have dozens, the
# largest of a city of 118 beats 12 m² at ten times its width.
_SMALLEST_M2 = 1.0
_LEAST_ELONGATION = 20.0
_LEAST_SHARE_OF_SECOND_SIDE = 0.25
_TOUCH_M = 0.002
_QUAD_SEGS = 16  # round joins: mitred ones leave long thorns in acute notches
# An edge without the vertices of its neighbours is drawn apart from them in a metric CRS,
# by the square of its length: 1 cm for 1 km, 0.1 mm for 50 m at 60° N.
_STRAIGHT_DEGREES = 5e-4
_NARROWEST_M = 0.001


def open_slits(
    polygons: Geometries,
    enclosed: Geometries,
    *,
    max_gap_m: float,
    crs: pyproj.CRS,
    is_coverage: bool = False,
) -> NDArray[np.object_]:
    """Find the narrow slits between neighbouring grids.

    The ground that closing the union by half of `max_gap_m` would add, where it is long
    (twenty times its width) and has two grids along its sides.

    Parameters
    ----------
    polygons
        Valid polygons in degrees; they may overlap or mismatch.
    enclosed
        Their enclosed gaps, which are not slits.
    max_gap_m
        Widest slit to find.
    crs
        Metric CRS to work in.
    is_coverage
        Whether the polygons are known to be a valid coverage, whose slits have exactly its
        vertices. Otherwise long edges get vertices in between, and what is narrower than
        1 mm is not told from what the metric CRS tears apart.

    Returns
    -------
    numpy.ndarray
        Polygons in degrees.
    """
    none = np.empty(0, dtype=object)
    if max_gap_m <= 0:
        return none
    shapes = project(objects(polygons), crs)
    facing = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes, gap_width=max_gap_m))
    if not facing.any():
        return none
    if not is_coverage:
        shapes = project(shapely.segmentize(objects(polygons), _STRAIGHT_DEGREES), crs)
        enclosed = shapely.segmentize(objects(enclosed), _STRAIGHT_DEGREES)
    union = shapely.union_all(shapes[facing])
    wider = shapely.buffer(union, max_gap_m / 2, quad_segs=_QUAD_SEGS)
    closed = shapely.buffer(wider, -max_gap_m / 2, quad_segs=_QUAD_SEGS)
    tree = shapely.STRtree(shapes)
    known = [*shapes[tree.query(closed, predicate="intersects")], *project(objects(enclosed), crs)]
    free = only_polygons([closed - shapely.union_all(known)])
    slits = shapely.get_parts(free if is_coverage else _without_hairs(free))
    slits = slits[_is_long(slits)]
    between = [_has_two_sides(slit, shapes[tree.query(slit)]) for slit in slits]
    return unproject(slits[np.array(between, dtype=bool)], crs)


def side_lengths_m(slit: shapely.Geometry, neighbours: NDArray[np.object_]) -> NDArray[np.float64]:
    """How much of a slit's border each neighbour has, all in one metric CRS."""
    border = shapely.buffer(shapely.boundary(slit), _TOUCH_M)
    lengths: NDArray[np.float64] = shapely.length(
        shapely.intersection(shapely.boundary(neighbours), border)
    )
    return lengths


def _without_hairs(free: NDArray[np.object_]) -> NDArray[np.object_]:
    """What is left where ground narrower than `_NARROWEST_M` is taken away."""
    half = _NARROWEST_M / 2
    thinner = shapely.buffer(free, -half, join_style="mitre")
    return only_polygons(shapely.buffer(thinner, half, join_style="mitre"))


def _is_long(slits: NDArray[np.object_]) -> NDArray[np.bool_]:
    area, half_border = shapely.area(slits), shapely.length(slits) / 2
    long: NDArray[np.bool_] = (area >= _SMALLEST_M2) & (half_border**2 >= _LEAST_ELONGATION * area)
    return long


def _has_two_sides(slit: shapely.Geometry, neighbours: NDArray[np.object_]) -> bool:
    sides = np.sort(side_lengths_m(slit, neighbours))
    half_border = shapely.length(slit) / 2
    return len(sides) > 1 and bool(sides[-2] >= _LEAST_SHARE_OF_SECOND_SIDE * half_border)
