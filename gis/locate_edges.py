"""Edges of a coverage, each once, with what changes when one crosses it.

The set of grids at a place is held as a sum of weights, one for each grid there:
``ONE + position``. Crossing an edge from its left to its right adds the weight
of the grid on the right and takes that of the left. Whatever the path, the sum
at its end tells how many grids hold the place and, if one does, which. Sums
wrap modulo 2**32 and are right all the same. Overlaps need no special case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.errors import TooLarge

if TYPE_CHECKING:
    from numpy.typing import NDArray

ONE = 1 << 24


@dataclass(frozen=True)
class CoverageEdges:
    """Distinct edges in degrees, directed so that they do not descend.

    Attributes
    ----------
    start, end
        float64 (n, 2), longitude and latitude; ``start`` lies not north of ``end``.
    gain
        int32 (n,), added to the sum of weights when the edge is crossed from its
        left to its right.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    gain: NDArray[np.int32]


def coverage_edges(polygons: NDArray[np.object_]) -> CoverageEdges:
    """Collect the edges of valid polygons; the two sides of a shared edge become one."""
    if len(polygons) > ONE:
        raise TooLarge("too_many_grids", f"{len(polygons)} grids; at most {ONE} fit one raster.")
    _, vertices, offsets = shapely.to_ragged_array(polygons, include_z=False)
    if len(offsets) == 2:  # polygons only: every grid is one part
        ring_offsets, part_offsets = offsets
        grid_of_part = np.arange(len(polygons))
    else:
        ring_offsets, part_offsets, grid_offsets = offsets
        grid_of_part = np.repeat(np.arange(len(polygons)), np.diff(grid_offsets))
    rings = len(ring_offsets) - 1
    part_of_ring = np.repeat(np.arange(len(part_offsets) - 1), np.diff(part_offsets))
    is_shell = np.zeros(rings, dtype=bool)
    is_shell[part_offsets[:-1]] = True
    weight = (ONE + grid_of_part[part_of_ring]).astype(np.int64)
    # The grid lies left of a shell that runs counter-clockwise, right of such a hole.
    on_left = is_shell == (_doubled_areas(vertices, ring_offsets) > 0)
    gain_of_ring = np.where(on_left, -weight, weight)

    ring_of_vertex = np.repeat(np.arange(rings), np.diff(ring_offsets))
    first = np.flatnonzero(ring_of_vertex[:-1] == ring_of_vertex[1:])
    first = first[(vertices[first] != vertices[first + 1]).any(axis=1)]
    start, end = vertices[first], vertices[first + 1]
    gain = gain_of_ring[ring_of_vertex[first]]
    descends = (start[:, 1] > end[:, 1]) | ((start[:, 1] == end[:, 1]) & (start[:, 0] > end[:, 0]))
    start[descends], end[descends] = end[descends], start[descends]
    return _merged(start, end, np.where(descends, -gain, gain))


def _doubled_areas(
    vertices: NDArray[np.float64], ring_offsets: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """Twice the signed area of each closed ring, positive counter-clockwise."""
    # Taken from the ring's first vertex: at 120 degrees the plain formula loses rings below 1 m2.
    starts = ring_offsets[:-1]
    x, y = (vertices - np.repeat(vertices[starts], np.diff(ring_offsets), axis=0)).T
    cross = np.zeros(len(x))
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[ring_offsets[1:] - 1] = 0.0  # from one ring's end to the next ring's start is no edge
    areas: NDArray[np.float64] = np.add.reduceat(cross, starts)
    return areas


def _merged(
    start: NDArray[np.float64], end: NDArray[np.float64], gain: NDArray[np.int64]
) -> CoverageEdges:
    """One edge for each pair of ends; gains add up.

    Sorting by a hash of the four numbers takes a tenth of the time of sorting by them. Edges
    that share a hash by chance merely stay unmerged, which is right as well.
    """
    hashes = _hashes(start, end)
    order = np.argsort(hashes)
    hashes = hashes[order]
    differs = np.ones(len(order), dtype=bool)
    alike = np.flatnonzero(hashes[1:] == hashes[:-1]) + 1
    this, before = order[alike], order[alike - 1]
    differs[alike] = ((start[this] != start[before]) | (end[this] != end[before])).any(axis=1)
    kept = np.flatnonzero(differs)
    total = np.add.reduceat(gain[order], kept)
    first = order[kept]
    return CoverageEdges(start[first], end[first], total.astype(np.uint32).view(np.int32))


def _hashes(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.uint64]:
    """64 mixed bits for each edge, by multiply and shift as in splitmix64."""
    mixed = np.zeros(len(start), dtype=np.uint64)
    for column in (*start.T, *end.T):
        mixed ^= (column + 0.0).view(np.uint64)  # -0.0 equals 0.0
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(31)
    return mixed
