"""Rings as runs of numbered places, so that shapes are compared without measuring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.comparing.plane import Places
from gis.crs import Geometries, objects

Numbers = NDArray[np.int64]
NONE = -1
"""No number."""
Run = tuple[int, ...]
"""The places of a ring in order, the first not repeated at its end."""


@dataclass(frozen=True, slots=True)
class Corners:
    """The corners of many polygons in one table.

    ``degrees`` has a row for each corner of each ring, its last one (the first again) left
    out; ``ring`` says of which ring it is. Of a ring ``polygon`` says in which polygon it
    lies, ``part`` in which part of that, and ``hole`` whether it is a hole.
    """

    degrees: Places
    ring: Numbers
    polygon: Numbers
    part: Numbers
    hole: NDArray[np.bool_]

    @classmethod
    def of(cls, polygons: Geometries) -> Corners:
        """The corners of polygons and multipolygons."""
        parts, polygon = shapely.get_parts(objects(polygons), return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        places, ring = shapely.get_coordinates(rings, return_index=True)
        # The last corner of a ring is its first again.
        kept = np.append(ring[1:] == ring[:-1], False)[: len(ring)]
        hole = np.append(False, part[1:] == part[:-1])[: len(part)]
        return cls(places[kept], ring[kept], polygon[part], part, hole)

    def runs(self, numbers: Numbers) -> list[Run]:
        """For each ring the numbers of its corners, repeats dropped."""
        starts = np.searchsorted(self.ring, np.arange(len(self.part) + 1))
        every = numbers.tolist()
        return [without_repeats(every[start:stop]) for start, stop in pairwise(starts.tolist())]


def without_repeats(run: Iterable[int]) -> Run:
    """A closed run with each place different from the one before it."""
    kept: list[int] = []
    for place in run:
        if not kept or kept[-1] != place:
            kept.append(place)
    while len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    return tuple(kept)


def without_spikes(run: Sequence[int]) -> Run:
    """A closed run that never goes to a place and straight back."""
    kept = list(without_repeats(run))
    at = 0
    while len(kept) > 2 and at < len(kept):
        if kept[at - 1] == kept[(at + 1) % len(kept)]:
            kept = list(without_repeats(kept[:at] + kept[at + 1 :]))
            at = max(at - 2, 0)
            continue
        at += 1
    return tuple(kept)


def likeness(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The same for two polygons that have the same rings, wherever these begin and turn."""
    return tuple(sorted(_begun_lowest(run) for run in runs))


def _begun_lowest(run: Run) -> Run:
    if not run:
        return run
    lowest = min(run)
    ways = []
    for way in (run, run[::-1]):
        at = [place for place, number in enumerate(way) if number == lowest]
        ways += [way[start:] + way[:start] for start in at]
    return min(ways)
