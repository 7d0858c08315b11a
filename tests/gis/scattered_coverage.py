"""Awkward coverages for the join: holes, enclaves, several parts, slivers, long edges.

Cells of a crooked lattice are given to a few grids at random, or to none; a grid is the
union of its cells. Lines of the lattice may lie as near as 1e-8 degree.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import STEPS_PER_DEGREE

PLACES = [(121.05, 30.03), (-95.4, 29.7), (0.0, 0.0), (-0.02, -33.1), (178.0, -17.5)]


def scattered_coverage(
    seed: int, *, side: int = 5, grids: int = 6, crooked: bool = True, size_deg: float = 0.03
) -> NDArray[np.object_]:
    """Up to ``grids`` grids on side x side cells; with ``crooked`` false, of straight squares."""
    rng = np.random.default_rng(seed)
    steps = rng.choice([1.0, 1.0, 1.0, 1e-3, 3e-6], (2, side))
    lines = np.concatenate([np.zeros((2, 1)), np.cumsum(steps, axis=1)], axis=1)
    x, y = np.meshgrid(lines[0], lines[1], indexing="ij")
    if crooked:
        room_x = np.minimum(np.append(steps[0], 1.0), np.insert(steps[0], 0, 1.0))[:, None]
        room_y = np.minimum(np.append(steps[1], 1.0), np.insert(steps[1], 0, 1.0))[None, :]
        # A third to each side of both axes keeps every cell a simple polygon only while cells
        # are not much longer than wide; validity is checked below.
        x = x + rng.uniform(-0.3, 0.3, x.shape) * room_x
        y = y + rng.uniform(-0.3, 0.3, y.shape) * room_y
    west, south = PLACES[int(rng.integers(len(PLACES)))]
    points = np.stack([west + x * size_deg / side, south + y * size_deg / side], axis=-1)
    points = np.rint(points * STEPS_PER_DEGREE) / STEPS_PER_DEGREE + 0.0
    owner = rng.integers(-1, grids, (side, side))
    owner[0, 0] = 0
    shapes = []
    for grid in range(grids):
        cells = [
            shapely.Polygon(points[[i, i + 1, i + 1, i], [j, j, j + 1, j + 1]])
            for i, j in np.argwhere(owner == grid)
        ]
        usable = [cell for cell in cells if cell.is_valid and cell.area > 0]
        if usable:
            shapes.append(shapely.unary_union(usable))
    polygons = np.empty(len(shapes), dtype=object)
    polygons[:] = shapes
    return polygons[shapely.is_valid(polygons)]


def awkward_points(
    polygons: NDArray[np.object_], seed: int, *, many: int = 60
) -> NDArray[np.float64]:
    """Points (n, 2) on vertices and edges, one ulp and a few steps aside, around and far away."""
    rng = np.random.default_rng(seed)
    vertices = shapely.get_coordinates(polygons)
    segments = np.concatenate(
        [
            np.stack([ring[:-1], ring[1:]], axis=1)
            for ring in map(shapely.get_coordinates, shapely.get_rings(shapely.get_parts(polygons)))
        ]
    )
    some = segments[rng.integers(len(segments), size=many)]
    share = rng.uniform(0, 1, (many, 1))
    on_edges = some[:, 0] + share * (some[:, 1] - some[:, 0])
    middles = some.mean(axis=1)
    on_vertices = vertices[rng.integers(len(vertices), size=many)]
    near = np.concatenate([on_edges, middles, on_vertices])
    west, south, east, north = shapely.total_bounds(polygons)
    around = rng.uniform(
        (west - 0.001, south - 0.001), (east + 0.001, north + 0.001), (3 * many, 2)
    )
    far = np.array([[-180.0, -90.0], [180.0, 90.0], [west, 90.0], [west - 0.1, south]])
    return np.concatenate(
        [
            near,
            np.nextafter(near, rng.choice([-np.inf, np.inf], near.shape)),
            np.nextafter(near, near + rng.choice([-1.0, 0.0, 1.0], near.shape)),
            near + rng.normal(0, 1, near.shape) * 10.0 ** rng.integers(-13, -5, (len(near), 1)),
            around,
            far,
        ]
    ).clip((-180.0, -90.0), (180.0, 90.0))
