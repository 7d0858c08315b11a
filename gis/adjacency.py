"""Which polygons of a coverage share a border, and how long it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.coverage_edges import ring_segments, segment_keys
from gis.crs import Geometries, objects, project


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Neighbours of units 0 … n-1, each pair held from both sides, in compressed rows.

    Attributes
    ----------
    start
        int64 (n + 1,): the neighbours of unit u stand at ``start[u]:start[u + 1]``.
    neighbour
        int32 (2 pairs,), ascending in each row; no unit is its own neighbour.
    length
        float64 (2 pairs,): length of the shared border, more than 0.
    """

    start: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    length: NDArray[np.float64]

    @classmethod
    def of_pairs(
        cls,
        units: int,
        pairs: Sequence[tuple[int, int]] | NDArray[np.integer],
        lengths: Sequence[float] | NDArray[np.float64] | None = None,
    ) -> Adjacency:
        """Build from pairs in any order and either direction, a repeated one adding its length.

        Without lengths every border is 1 long.
        """
        two = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        of_pair = np.ones(len(two)) if lengths is None else np.asarray(lengths, dtype=np.float64)
        low, high = two.min(axis=1), two.max(axis=1)
        keys, place = np.unique((low * units + high)[low != high], return_inverse=True)
        summed = np.bincount(place, weights=of_pair[low != high], minlength=len(keys))
        low, high = keys // max(units, 1), keys % max(units, 1)
        here, there = np.concatenate([low, high]), np.concatenate([high, low])
        order = np.lexsort((there, here))
        start = np.zeros(units + 1, dtype=np.int64)
        np.cumsum(np.bincount(here, minlength=units), out=start[1:])
        both = np.concatenate([summed, summed])
        return cls(start, there[order].astype(np.int32), both[order])

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.start) - 1

    def of(self, unit: int) -> NDArray[np.int32]:
        """Neighbours of one unit."""
        return self.neighbour[self.start[unit] : self.start[unit + 1]]

    def within(self, units: NDArray[np.integer]) -> Adjacency:
        """The neighbours among some units, which are numbered anew in the order given."""
        place = np.full(self.units, -1, dtype=np.int64)
        place[units] = np.arange(len(units))
        here = np.repeat(place, np.diff(self.start))
        there = place[self.neighbour]
        kept = (here >= 0) & (there > here)
        return Adjacency.of_pairs(
            len(units), np.stack([here[kept], there[kept]], axis=1), self.length[kept]
        )

    def pieces(self, part: NDArray[np.integer] | None = None) -> NDArray[np.int32]:
        """Number the connected pieces of each part, or of all units together.

        Returns
        -------
        numpy.ndarray
            int32 (n,): the piece each unit is in, numbered from 0 in the order of their
            lowest units. A part is contiguous if its units are all of one piece.
        """
        piece = np.full(self.units, -1, dtype=np.int32)
        labels = [0] * self.units if part is None else part.tolist()
        count = 0
        for first in range(self.units):
            if piece[first] >= 0:
                continue
            piece[first], open_units = count, [first]
            while open_units:
                unit = open_units.pop()
                for other in self.of(unit).tolist():
                    if piece[other] < 0 and labels[other] == labels[first]:
                        piece[other] = count
                        open_units.append(other)
            count += 1
        return piece


def adjacency_of(polygons: Geometries, crs: pyproj.CRS | None = None) -> Adjacency:
    """Find the neighbours in a valid coverage: polygons that share a border, not a corner.

    Parameters
    ----------
    polygons
        A valid coverage, whose neighbours share their vertices. What overlaps or has
        vertices of its own along a border is no neighbour by this measure.
    crs
        Metric CRS in which borders of polygons in degrees are measured; without one they
        are measured in the coordinates of the polygons.
    """
    shapes = objects(polygons)
    start, end, owner = ring_segments(shapes)
    from_xy, to_xy = _measured(start, end, crs)
    vertices = np.unique(np.concatenate([start, end]))
    keys = segment_keys(vertices, start, end)
    order = np.lexsort((owner, keys))
    same = keys[order][1:] == keys[order][:-1]
    one, other = order[:-1][same], order[1:][same]
    pairs = np.stack([owner[one], owner[other]], axis=1)
    return Adjacency.of_pairs(len(shapes), pairs, np.abs(to_xy[one] - from_xy[one]))


def _measured(
    start: NDArray[np.complex128], end: NDArray[np.complex128], crs: pyproj.CRS | None
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    if crs is None:
        return start, end
    points = np.concatenate([start, end])
    places = np.asarray(shapely.points(points.real, points.imag), dtype=object)
    projected = project(places, crs)
    moved = shapely.get_x(projected) + 1j * shapely.get_y(projected)
    return moved[: len(start)], moved[len(start) :]
