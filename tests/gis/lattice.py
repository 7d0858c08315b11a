"""Small valid coverages for tests: a crooked lattice of polygons on the storage grid."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import STEPS_PER_DEGREE

CELL_DEGREES = 0.01


def crooked_lattice(
    columns: int, rows: int, *, seed: int, west: float = 121.0, south: float = 30.0
) -> NDArray[np.object_]:
    """A columns x rows coverage of cells about 1 km wide, corners moved, edges bent once.

    Neighbours share their vertices by construction, whatever the code under test does.
    Cells come column by column from the south-west.
    """
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(2 * columns + 1), np.arange(2 * rows + 1), indexing="ij")
    points = np.stack([x, y], axis=-1) / 2.0 + rng.uniform(-0.15, 0.15, (*x.shape, 2))
    points = np.rint((points * CELL_DEGREES + (west, south)) * STEPS_PER_DEGREE)
    points /= STEPS_PER_DEGREE
    around = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)]
    cells = np.empty(columns * rows, dtype=object)
    for column in range(columns):
        for row in range(rows):
            ring = [points[2 * column + dx, 2 * row + dy] for dx, dy in around]
            cells[column * rows + row] = shapely.Polygon(ring)
    return cells


def codes_of(polygons: NDArray[np.object_]) -> list[str]:
    """Codes in the order of the polygons."""
    return [f"G{number:04d}" for number in range(len(polygons))]
