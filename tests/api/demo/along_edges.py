"""How much of a line runs along the edges of polygons."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

STEP = 1e-4
"""Degrees between the places looked at: 11 m."""


def share_along_edges(
    line: shapely.Geometry, polygons: NDArray[np.object_], within: float
) -> float:
    """Share of a line's length that lies ``within`` so many degrees of an edge."""
    pieces = [piece for piece in shapely.get_parts(line) if piece.length > 0]
    places = np.concatenate(
        [
            shapely.line_interpolate_point(piece, np.arange(STEP / 2, piece.length, STEP))
            for piece in pieces
        ]
    )
    edges = shapely.STRtree(shapely.boundary(polygons))
    near, _ = edges.query(places, predicate="dwithin", distance=within)
    return len(np.unique(near)) / len(places)
