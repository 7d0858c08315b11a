"""Points to measure on: most anywhere, some on vertices and on the middles of edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

# So many of a million points on vertices, and as many on edges; of few points a tenth each.
ON_EDGES_PER_MILLION, FEWEST_ON_EDGES = 200, 20


def bench_points(polygons: NDArray[np.object_], points: int, seed: int) -> NDArray[np.float64]:
    """``points`` places (n, 2) in random order over the bounds of a coverage, degrees.

    The middles are only of edges whose middle is a double: there even a predicate that rounds
    says "on the edge". One ulp aside, where only exact predicates agree, is for the tests.
    """
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(polygons)
    places = rng.uniform((west, south), (east, north), (points, 2))
    few = max(points * ON_EDGES_PER_MILLION // 1_000_000, min(FEWEST_ON_EDGES, points // 10))
    rings = [shapely.get_coordinates(polygon) for polygon in rng.choice(polygons, min(few, 1000))]
    if few:
        starts = np.concatenate([ring[:-1] for ring in rings])
        ends = np.concatenate([ring[1:] for ring in rings])
        middles = starts / 2 + ends / 2
        exact = (middles - starts == ends - middles).all(axis=1)
        places[:few] = rng.choice(starts, few)
        places[few : 2 * few] = rng.choice(middles[exact], few)
    return rng.permutation(places)


def single_points(polygons: NDArray[np.object_], points: int, seed: int) -> NDArray[np.float64]:
    """Places (n, 2) of every kind a single question has: within, just beside, far away.

    A third anywhere in the bounds, a third up to 100 m from the outline's corners, a third
    beyond the bounds.
    """
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(polygons)
    third = points // 3
    within = rng.uniform((west, south), (east, north), (points - 2 * third, 2))
    outline = shapely.get_coordinates(shapely.coverage_union_all(polygons))
    beside = rng.choice(outline, third) + rng.uniform(-1e-3, 1e-3, (third, 2))
    beyond = rng.uniform((east + 0.01, south), (2 * east - west, north), (third, 2))
    return rng.permutation(np.concatenate([within, beside, beyond]))
