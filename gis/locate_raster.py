"""A raster that answers most points with one read.

A pixel that one grid holds wholly names it. A pixel that edges cross names the
pieces of those edges and the grids at its anchor, a corner just outside. From
there a path goes up the left side and then right to the point; the edges it
crosses, and only those in the point's own pixel, tell the grid (the sum of
weights in ``locate_edges``). A point nearer to an edge than 1e-9 degree, and
every point of a pixel whose anchor is as near, is left to GEOS.

Rounding moves a point or an edge by less than 1e-12 pixel in float64 and 2e-7
pixel in the float32 of the pieces; no distance below 2e-6 pixel is trusted.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.locate_draw import (
    mark_far,
    number_pieces,
    start_pieces,
    sum_weights_at_anchors,
    walk_edges,
)
from gis.locate_edges import CoverageEdges, coverage_edges
from gis.locate_points import place_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

DOUBT_DEG = 1e-9
LEAST_DOUBT_PIXELS = 2e-6
# Fewer make more mixed pixels, more do not stay in the cache: 1,497 grids with 83,000 edges were
# placed fastest on 0.5 to 1 million pixels (4 bytes each), half as fast on 4 million.
PIXELS_PER_EDGE = 8
FEWEST_PIXELS, MOST_PIXELS = 1 << 16, 1 << 25
# Pixels of 0.1 m at least: 1e-9 degree must stay a small part of one.
MOST_PIXELS_PER_DEGREE = 1e6
# Off a round number, so that edges on round coordinates do not run along pixel sides.
MARGIN_PIXELS = 3.381966


@dataclass(frozen=True)
class GridRaster:
    """Pixels over a coverage and its surroundings.

    Attributes
    ----------
    west, south
        Lower left corner of the first pixel, degrees.
    pixels_per_degree
        Same in longitude and latitude.
    doubt
        Points no farther than this from an edge, in pixels, are left to GEOS.
    cells
        int32 (rows, columns), from south to north; ``locate_cells`` names the values.
    pieces
        float32 (n, 8), pieces of edges in pixel coordinates, those of a pixel together.
    """

    west: float
    south: float
    pixels_per_degree: float
    doubt: float
    cells: NDArray[np.int32]
    pieces: NDArray[np.float32]

    @classmethod
    def build(
        cls,
        polygons: NDArray[np.object_],
        reach_deg: tuple[float, float] = (0.0, 0.0),
        pixels: int | None = None,
    ) -> GridRaster:
        """Draw a coverage.

        Parameters
        ----------
        polygons
            Polygons or MultiPolygons, EPSG:4326.
        reach_deg
            How far in longitude and latitude a point without grid looks for the nearest.
        pixels
            About how many; by default :data:`PIXELS_PER_EDGE` for each edge.
        """
        edges = coverage_edges(polygons)
        reach = max(reach_deg)
        west, south, east, north = shapely.total_bounds(polygons)
        west, south, east, north = west - reach, south - reach, east + reach, north + reach
        wanted = pixels or min(max(PIXELS_PER_EDGE * len(edges.gain), FEWEST_PIXELS), MOST_PIXELS)
        per_degree = float(np.sqrt(wanted / ((east - west) * (north - south))))
        per_degree = min(per_degree, MOST_PIXELS_PER_DEGREE)
        west, south = west - MARGIN_PIXELS / per_degree, south - MARGIN_PIXELS / per_degree
        rows = int((north - south) * per_degree + 2 * MARGIN_PIXELS)
        columns = int((east - west) * per_degree + 2 * MARGIN_PIXELS)
        doubt = DOUBT_DEG * per_degree + LEAST_DOUBT_PIXELS
        cells, pieces = _draw(edges, float(west), float(south), per_degree, doubt, (rows, columns))
        mark_far(cells, int(np.ceil(reach * per_degree)) + 1)
        return cls(float(west), float(south), per_degree, doubt, cells, pieces)

    @property
    def nbytes(self) -> int:
        """Memory it holds."""
        return self.cells.nbytes + self.pieces.nbytes

    def place(
        self, lng: NDArray[np.float64], lat: NDArray[np.float64], threads: int = 1
    ) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Place points: the grid and ``HELD``, or -1 and why none is named."""
        grid = np.empty(len(lng), np.int32)
        answer = np.empty(len(lng), np.uint8)
        step = -(-len(lng) // threads)

        def part(begin: int) -> None:
            mine = slice(begin, begin + step)
            place_points(
                lng[mine],
                lat[mine],
                self.west,
                self.south,
                self.pixels_per_degree,
                self.doubt,
                self.cells,
                self.pieces,
                grid[mine],
                answer[mine],
            )

        if threads == 1:
            part(0)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(part, range(0, len(lng), step)))
        return grid, answer


def _draw(
    edges: CoverageEdges,
    west: float,
    south: float,
    per_degree: float,
    doubt: float,
    shape: tuple[int, int],
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Cells and pieces: count the pieces of each pixel, make room, write them."""
    lines = (
        (edges.start[:, 0] - west) * per_degree,
        (edges.start[:, 1] - south) * per_degree,
        (edges.end[:, 0] - west) * per_degree,
        (edges.end[:, 1] - south) * per_degree,
        edges.gain,
        2 * doubt,
        doubt,
    )
    sums, counts, cells = (np.zeros(shape, np.int32) for _ in range(3))
    sum_weights_at_anchors(*lines, sums, counts)
    walk_edges(*lines, counts, cells, np.empty((0, 8), np.float32), False)
    pieces = np.zeros((number_pieces(sums, counts, cells), 8), np.float32)
    start_pieces(sums, counts, cells, pieces)
    walk_edges(*lines, counts, cells, pieces, True)
    return cells, pieces
