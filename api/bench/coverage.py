"""A coverage to measure on: any number of cells with wiggly shared edges.

Rows of cells like bricks, so that corners join three cells as real ones do.
Neighbours share every vertex; a seed gives the same coverage everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.crs import STEPS_PER_DEGREE

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

# About the county of Yuyao.
REGION: Box = (120.9, 29.6, 121.4, 30.4)
# Vertices between two corners of a cell; four such sides make about 110.
STEPS_PER_SIDE = 27
# A wiggle is a sum of sines; these heights keep its slope below 1, so that a row line never
# climbs over the first vertices of a side that leans away from its corner.
WAVES_PER_CELL = np.array([0.6, 1.7, 4.1])
WAVE_HEIGHTS = np.array([0.06, 0.03, 0.012])


@dataclass(frozen=True)
class BenchCoverage:
    """Cells of a coverage, EPSG:4326, on the 1e-9 degree grid.

    Attributes
    ----------
    codes
        Ascending, ``G000001`` and on.
    polygons
        A valid coverage without holes.
    """

    codes: tuple[str, ...]
    polygons: NDArray[np.object_]

    @property
    def vertices_per_grid(self) -> float:
        """Mean number of vertices, the closing one counted once."""
        return float(shapely.get_num_coordinates(self.polygons).mean()) - 1


def make_coverage(cells: int, seed: int = 0, region: Box = REGION) -> BenchCoverage:
    """Lay ``cells`` grids of about 110 vertices over a region."""
    rng = np.random.default_rng(seed)
    west, south, east, north = region
    rows = max(1, round(np.sqrt(cells * (north - south) / (east - west) * 1.15)))
    rows = min(rows, cells)
    per_row = np.full(rows, cells // rows)
    per_row[rng.permutation(rows)[: cells % rows]] += 1
    steps = STEPS_PER_SIDE * int(per_row.max())
    height = (north - south) / rows
    width = (east - west) / int(per_row.max())
    lng = np.linspace(west, east, steps + 1)
    lines = [_row_line(lng, south + k * height, width, height, rng) for k in range(rows + 1)]
    coordinates: list[NDArray[np.float64]] = []
    for k in range(rows):
        coordinates += _row_of_cells(lines[k], lines[k + 1], int(per_row[k]), k, width, rng)
    sizes = np.array([len(c) for c in coordinates])
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    on_grid = np.rint(np.concatenate(coordinates) * STEPS_PER_DEGREE) / STEPS_PER_DEGREE
    polygons = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, on_grid, (offsets, np.arange(cells + 1))
    )
    digits = max(6, len(str(cells)))
    return BenchCoverage(tuple(f"G{i:0{digits}d}" for i in range(cells)), polygons)


def _wiggle(places: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Heights, as a share of a cell, at places counted in cells."""
    phase = rng.uniform(0, 2 * np.pi, len(WAVES_PER_CELL))
    angles = 2 * np.pi * WAVES_PER_CELL * places[:, None] + phase
    heights: NDArray[np.float64] = np.sin(angles) @ WAVE_HEIGHTS
    return heights


def _row_line(
    lng: NDArray[np.float64], lat: float, width: float, height: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Vertices of the line between two rows, west to east."""
    places = (lng - lng[0]) / width
    return np.column_stack([lng, lat + min(width, height) * _wiggle(places, rng)])


def _row_of_cells(
    below: NDArray[np.float64],
    above: NDArray[np.float64],
    cells: int,
    row: int,
    width: float,
    rng: np.random.Generator,
) -> list[NDArray[np.float64]]:
    """Closed rings of one row of cells, counter-clockwise."""
    steps = len(below) - 1
    shift = 0.25 if row % 2 else -0.25
    corners = np.arange(cells + 1) + shift
    corners[0], corners[-1] = 0, cells
    reach = 0.1
    feet, heads = (
        np.rint((corners + rng.uniform(-reach, reach, cells + 1)) * steps / cells).astype(int)
        for _ in range(2)
    )
    for ends in (feet, heads):
        ends[0], ends[-1] = 0, steps
    sides = [
        _side(below[foot], above[head], width, rng) for foot, head in zip(feet, heads, strict=True)
    ]
    return [
        np.concatenate(
            [
                below[feet[i] : feet[i + 1]],
                sides[i + 1][:-1],
                above[heads[i] + 1 : heads[i + 1] + 1][::-1],
                sides[i][::-1],
            ]
        )
        for i in range(cells)
    ]


def _side(
    foot: NDArray[np.float64],
    head: NDArray[np.float64],
    width: float,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Vertices between two corners, both included, swinging east and west."""
    along = np.linspace(0, 1, STEPS_PER_SIDE + 1)
    line = foot + along[:, None] * (head - foot)
    swing = width * _wiggle(along, rng) * np.sin(np.pi * along)
    line[1:-1, 0] += swing[1:-1]
    return line
