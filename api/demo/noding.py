"""From polygons that meet about where they should to polygons that share their edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

# Corners closer than this become one; a rounding to 1 cm afterwards then moves no edge over one.
NODE_GRID_M = 0.5


def one_linework(shapes: Sequence[shapely.Polygon]) -> NDArray[np.object_]:
    """The same polygons cut from one noded linework: each shared edge has the same corners.

    Metres in and out. A bit of ground that snapping cut off its polygon joins the
    neighbour it shares the longest edge with, so each answer is one polygon.
    """
    lines = shapely.unary_union(
        [shapely.boundary(shape) for shape in shapes], grid_size=NODE_GRID_M
    )
    faces = shapely.get_parts(shapely.polygonize([lines]))
    owner = _owners(faces, shapes)
    largest = np.full(len(shapes), -1)
    for face in np.argsort(shapely.area(faces), kind="stable"):
        if owner[face] >= 0:
            largest[owner[face]] = face
    if (largest < 0).any():
        raise RuntimeError(f"polygon {int(np.argmin(largest))} vanished in the linework")
    whole: NDArray[np.object_] = faces[largest].copy()
    core = set(largest.tolist())
    for face in (at for at in range(len(faces)) if at not in core and owner[at] >= 0):
        shared = shapely.length(shapely.intersection(whole, faces[face]))
        at = int(np.argmax(shared))
        whole[at] = shapely.union(whole[at], faces[face])
    return whole


def _owners(faces: NDArray[np.object_], shapes: Sequence[shapely.Polygon]) -> NDArray[np.int64]:
    """Index of the polygon each face lies in; -1 for a hole between them."""
    tree = shapely.STRtree(list(shapes))
    face, shape = tree.query(shapely.point_on_surface(faces), predicate="intersects")
    owner = np.full(len(faces), -1, dtype=np.int64)
    owner[face[::-1]] = shape[::-1]
    return owner
