"""Roads and waters brought into a grid: from edge to edge, where they run through it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.balancing.plane import Plane
from boundaries.steps import Step
from gis.crs import STEPS_PER_DEGREE, objects

BESIDE_M = 15.0
"""A line this near to the grid's own edge is that edge."""
ROUGHNESS_M = 3.0
SHORTEST_SHARE = 0.25
"""Of the grid's side: a shorter piece of line parts nothing."""
TO_CORNER_M, TO_EDGE_M = 30.0, 60.0
AHEAD_COSINE = 0.87
MOST_PAIRS = 400
OPPOSITE_COSINE = -0.17


def lines_through(
    polygon: shapely.Polygon, lines: Sequence[shapely.LineString], plane: Plane
) -> list[list[Step]]:
    """The lines that run through a polygon, simplified and drawn on to its edge, longest first.

    Parameters
    ----------
    polygon
        In steps.
    lines
        In degrees.
    """
    ground = plane.polygon(polygon)
    inner = ground.buffer(-BESIDE_M)
    if inner.is_empty or not len(lines):
        return []
    drawn = shapely.transform(objects(lines), lambda c: plane.metres(c * STEPS_PER_DEGREE))
    inside = shapely.intersection(drawn[shapely.intersects(drawn, inner)], inner)
    merged = shapely.line_merge(shapely.union_all(inside))
    shortest_m = SHORTEST_SHARE * float(np.sqrt(ground.area))
    pieces = [
        piece
        for piece in shapely.get_parts(shapely.simplify(merged, ROUGHNESS_M))
        if shapely.get_dimensions(piece) == 1 and piece.length >= shortest_m
    ]
    rim = inner.boundary
    found = []
    for piece in sorted(pieces, key=lambda each: (-each.length, each.bounds)):
        path = shapely.get_coordinates(piece)
        for _ in range(2):
            path = path[::-1]
            if shapely.dwithin(shapely.Point(path[-1]), rim, 1.0):
                path = np.vstack([path, _way_out(ground, path[-2], path[-1])])
        found.append(plane.steps(path))
    return found


def _way_out(
    ground: shapely.Polygon, before: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Where a line that stops short of the edge meets it: at a corner near by, else ahead."""
    ahead = (end - before) / max(float(np.hypot(*(end - before))), 1e-9)
    corners = shapely.get_coordinates(ground)
    to = corners - end
    apart = np.hypot(*to.T)
    near = (apart <= TO_CORNER_M) & (to @ ahead > AHEAD_COSINE * apart)
    if near.any():
        return np.asarray(corners[near][np.argmin(apart[near])])
    ray = shapely.LineString([end, end + TO_EDGE_M * ahead])
    met = shapely.get_coordinates(shapely.intersection(ray, ground.boundary))
    if len(met):
        return np.asarray(met[np.argmin(np.hypot(*(met - end).T))])
    edge = shapely.shortest_line(shapely.Point(end), ground.boundary)
    return np.asarray(shapely.get_coordinates(edge)[-1])


def lines_past_hole(face: shapely.Polygon, plane: Plane) -> Iterator[list[list[Step]]]:
    """Pairs of straight lines that join a hole to what is around it, on two sides of it.

    Shortest first; a face cut along both has that hole no longer.
    """
    ground = plane.polygon(face)
    shapely.prepare(ground)
    hole = shapely.get_coordinates(face.interiors[0])[:-1]
    others = [face.exterior, *face.interiors[1:]]
    around = np.vstack([shapely.get_coordinates(ring)[:-1] for ring in others])
    start, end = plane.metres(hole), plane.metres(around)
    way = end[None, :, :] - start[:, None, :]
    order = np.argsort(np.hypot(way[..., 0], way[..., 1]), axis=None)[:MOST_PAIRS]
    one, other = np.unravel_index(order, way.shape[:2])
    runs = np.stack([start[one], end[other]], axis=1)
    inset = np.stack([runs[:, 0] * 0.98 + runs[:, 1] * 0.02, runs[:, 0] * 0.02 + runs[:, 1] * 0.98])
    clear = shapely.contains_properly(ground, shapely.linestrings(inset.transpose(1, 0, 2)))
    one, other, runs = one[clear], other[clear], runs[clear]
    if not len(runs):
        return
    ahead = runs[:, 1] - runs[:, 0]
    ahead /= np.hypot(*ahead.T)[:, None]
    for first in range(min(len(runs), 6)):
        for second in np.flatnonzero(ahead @ ahead[first] < OPPOSITE_COSINE)[:6].tolist():
            if one[first] != one[second] and other[first] != other[second]:
                yield [[_step(hole[one[at]]), _step(around[other[at]])] for at in (first, second)]


def _step(place: NDArray[np.float64]) -> Step:
    return int(place[0]), int(place[1])
