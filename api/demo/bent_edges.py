"""A coverage of the layout put down on the ground, where edges bend, as a coverage again."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from api.demo.plane import Plane, Points

# Each halving brings corners and edges four times nearer to where they should be.
MOST_HALVINGS = 8

Place = tuple[float, float]
Edge = tuple[Place, Place]


def put_down_coverage(plane: Plane, faces: NDArray[np.object_]) -> NDArray[np.object_]:
    """Polygons that share their edges, in degrees, rounded as `Plane.put_down` does.

    The ground bends an edge of 126 m by up to half a metre, but only its ends are put down: a
    corner that lies beside it, half a metre away, may come to lie on its other side. Where
    that happens the edge gets a corner in its middle, in both polygons.
    """
    for _ in range(MOST_HALVINGS):
        laid = plane.put_down(faces)
        if shapely.is_valid(laid).all() and shapely.coverage_is_valid(laid):
            return laid
        crossed = _crossed(plane, faces)
        faces = np.array([_halved(face, crossed) for face in faces], dtype=object)
    raise RuntimeError("on the ground edges of the layout cross, however short they are")


def _crossed(plane: Plane, faces: NDArray[np.object_]) -> set[Edge]:
    """The edges that a corner beside them is on another side of than in the layout."""
    edges = sorted({edge for face in faces for ring in _rings(face) for edge in _edges(ring)})
    lines: Any = shapely.linestrings(np.array(edges))
    corners: Any = shapely.points(np.unique(np.array(edges).reshape(-1, 2), axis=0))
    reach_m = shapely.length(lines) ** 2 / 8 * plane.most_bent
    line, corner = shapely.STRtree(corners).query(lines, "dwithin", reach_m)
    along = shapely.line_locate_point(lines[line], corners[corner], normalized=True)
    beside = (along > 0) & (along < 1)
    line, corner = line[beside], corner[beside]
    before = _side(lines[line], corners[corner])
    after = _side(plane.put_down(lines[line]), plane.put_down(corners[corner]))
    return {edges[at] for at in np.unique(line[before != after]).tolist()}


def _side(lines: NDArray[np.object_], points: NDArray[np.object_]) -> Points:
    """1 where a point is left of a line of two corners, -1 right, 0 on it."""
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    way, aside = ends[:, 1] - ends[:, 0], shapely.get_coordinates(points) - ends[:, 0]
    side: Points = np.sign(way[:, 0] * aside[:, 1] - way[:, 1] * aside[:, 0])
    return side


def _rings(face: shapely.Polygon) -> list[list[Place]]:
    rings = shapely.get_rings(face)
    return [[(x, y) for x, y in shapely.get_coordinates(ring).tolist()] for ring in rings]


def _edges(ring: list[Place]) -> list[Edge]:
    """Each from its western end on, in whichever direction the ring goes along it."""
    return [(a, b) if a < b else (b, a) for a, b in pairwise(ring)]


def _halved(face: shapely.Polygon, wanted: Collection[Edge]) -> shapely.Polygon:
    """A polygon with one corner more in the middle of each of these edges."""
    rings = _rings(face)
    if not any(edge in wanted for ring in rings for edge in _edges(ring)):
        return face
    shell, *holes = rings
    return shapely.Polygon(
        _with_middles(shell, wanted), [_with_middles(hole, wanted) for hole in holes]
    )


def _with_middles(ring: list[Place], wanted: Collection[Edge]) -> list[Place]:
    more: list[Place] = []
    for corner, edge in zip(ring, _edges(ring), strict=False):
        more.append(corner)
        if edge in wanted:
            (west, south), (east, north) = edge
            more.append(((west + east) / 2, (south + north) / 2))
    return [*more, ring[-1]]
