"""Whether ground is wider than what drawing, digits and projections leave over."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.comparing.base_lines import SNAP_M
from gis.crs import Geometries, objects

_HALF_M = SNAP_M / 2 * 1.05
"""A strip of 2 cm is gone when each side is drawn in by so much."""


def is_wide(shapes: Geometries) -> NDArray[np.bool_]:
    """For each geometry of a plane whether it is wider than 2 cm at some place."""
    found = objects(shapes)
    wide = shapely.area(found) > 0
    drawn_in = shapely.buffer(found[wide], -_HALF_M, join_style="mitre")
    wide[wide] = ~shapely.is_empty(drawn_in)
    answer: NDArray[np.bool_] = wide
    return answer


def is_same_ground(ones: Geometries, others: Geometries) -> NDArray[np.bool_]:
    """For each pair of polygons of a plane whether no ground wider than 2 cm is of one only.

    One that is not valid is never the same.
    """
    one, other = objects(ones), objects(others)
    same = shapely.is_valid(one) & shapely.is_valid(other)
    same[same] = ~is_wide(shapely.symmetric_difference(one[same], other[same]))
    answer: NDArray[np.bool_] = same
    return answer


def widest(ground: shapely.Geometry) -> shapely.Geometry:
    """The parts of a geometry of a plane that are wider than 2 cm."""
    parts = shapely.get_parts(ground)
    return shapely.union_all(parts[is_wide(parts)])
