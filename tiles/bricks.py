"""Cells of two or three pixels as bricks: four corners and two triangles instead of six and four.

A software renderer draws twice as many of them a second, and at that size nobody can tell.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray


def bricks(hexagons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Each hexagon as the rectangle of its width and area around its middle, laid in rows.

    Two opposite sides, those most along the first hexagon's first side, are made longer by a
    quarter at both ends and joined. Of a regular honeycomb the rectangles leave no gap and do not
    overlap. Shapes that do not have six corners (pentagons, cells over an edge of H3's
    icosahedron) stay as they are.

    Parameters
    ----------
    hexagons
        Convex polygons in a plane, corners in one direction of turning.
    """
    found = hexagons.copy()
    six = np.flatnonzero(shapely.get_num_coordinates(hexagons) == 7)
    if not len(six):
        return found
    corners = shapely.get_coordinates(hexagons[six]).reshape(-1, 7, 2)
    sides = np.diff(corners, axis=1)
    first = sides[0, 0] / np.hypot(*sides[0, 0])
    side = np.abs(sides[:, :3] @ first).argmax(axis=1)
    at = np.arange(len(six))
    here, there = sides[at, side] / 4, sides[at, side + 3] / 4
    rings = np.stack(
        [
            corners[at, side] - here,
            corners[at, side + 1] + here,
            corners[at, side + 3] - there,
            corners[at, side + 4] + there,
        ],
        axis=1,
    )
    found[six] = shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1))
    return found
