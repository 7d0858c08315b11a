"""The corners and edges of a base, as what is drawn near them is brought to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.comparing.corners import NONE, Corners, Numbers, Run, likeness
from boundaries.comparing.plane import Places, Plane
from boundaries.draft_coverage import DraftCoverage

SNAP_M = 0.02
"""Nearer than this to a corner or an edge of the base is meant to be there."""


@dataclass(frozen=True, slots=True)
class BaseLines:
    """A coverage as numbered places.

    Parameters
    ----------
    plane, flat
        Of the file, and of longitude and latitude. What another program drew onto an edge is
        on it in the one, what this one did in the other.
    degrees, metres, flat_metres
        Each place that is a corner of a grid, once; on the storage grid, and in the planes.
    edges
        Each edge once: the numbers of its ends, the smaller first.
    rings
        Of each grid its rings, to compare with those of a row.
    """

    plane: Plane
    flat: Plane
    degrees: Places
    metres: Places
    flat_metres: Places
    edges: Numbers
    rings: Mapping[str, tuple[Run, ...]]
    _places: shapely.STRtree

    @classmethod
    def of(cls, base: DraftCoverage, plane: Plane) -> BaseLines:
        """The lines of a base in the plane of a file."""
        codes = sorted(base.grids)
        corners = Corners.of([base.grids[code].geometry for code in codes])
        pairs, numbers = np.unique(_paired(corners.degrees), return_inverse=True)
        degrees = np.column_stack([pairs.real, pairs.imag])
        west_south, east_north = degrees.min(axis=0), degrees.max(axis=0)
        flat = Plane.near(*((west_south + east_north) / 2).tolist())
        metres = plane.lay(degrees)
        runs = corners.runs(numbers)
        rings: dict[str, list[Run]] = {code: [] for code in codes}
        for run, polygon in zip(runs, corners.polygon.tolist(), strict=True):
            rings[codes[polygon]].append(run)
        return cls(
            plane,
            flat,
            degrees,
            metres,
            flat.lay(degrees),
            _edges(runs, len(degrees)),
            {code: likeness(found) for code, found in rings.items()},
            shapely.STRtree(np.asarray(shapely.points(metres))),
        )

    def at(self, metres: Places) -> Numbers:
        """The number of the nearest corner no farther than ``SNAP_M``; -1 where there is none."""
        found = np.full(len(metres), NONE, dtype=np.int64)
        if len(metres):
            given, near = self._places.query_nearest(
                shapely.points(metres), max_distance=SNAP_M, all_matches=False
            )
            found[given] = near
        return found

    def numbers_among(self, degrees: Places) -> Numbers:
        """The number of each new place: that of the base, or of a new one, at the same place."""
        every = _paired(np.concatenate([self.degrees, degrees]))
        _, first, which = np.unique(every, return_index=True, return_inverse=True)
        return first[which][len(self.degrees) :]

    def beside(self, lines: NDArray[np.object_]) -> tuple[Numbers, Numbers]:
        """Pairs of lines of the plane and corners no farther from them than ``SNAP_M``."""
        line, corner = self._places.query(lines, "dwithin", SNAP_M)
        return line, corner


def _paired(degrees: Places) -> NDArray[np.complex128]:
    """Places as complex numbers, which sort as pairs; stored ones are equal or they are not."""
    pairs: NDArray[np.complex128] = degrees[:, 0] + 1j * degrees[:, 1]
    return pairs


def _edges(runs: Iterable[Run], count: int) -> Numbers:
    ends = [np.column_stack([run, np.roll(run, -1)]) for run in runs]
    both = np.sort(np.concatenate(ends), axis=1)
    # One number for both ends is made unique ten times as fast as a pair.
    once = np.unique(both[:, 0] * count + both[:, 1])
    return np.column_stack(np.divmod(once, count))
