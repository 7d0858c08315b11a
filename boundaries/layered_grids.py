"""The grids of a draft by code: those it began with, and over them what was changed since.

An operation changes a few grids of thousands and leaves the coverage before it as it was.
Copying a dictionary of 15,000 grids touches each of them, which takes longer than uniting
two; here only the upper layer is copied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.steps import Shape
from gis.crs import objects

MOST_ABOVE = 200
"""Grids changed or gone since the lower layer; with more, the two become one."""
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True, slots=True)
class DraftGrid:
    """A grid of a draft; ``kind`` is ``base`` or ``dedicated``.

    ``geometry`` is a Polygon or MultiPolygon in degrees on the storage grid.
    """

    code: str
    name: str
    kind: str
    community: str
    geometry: Shape


class LayeredGrids(Mapping[str, DraftGrid]):
    """An immutable mapping of codes to grids that also knows which are near a place."""

    __slots__ = ("_above", "_below", "_boxes", "_codes", "_gone", "_length")

    def __init__(self, grids: Mapping[str, DraftGrid]) -> None:
        self._below = dict(grids)
        self._above: dict[str, tuple[DraftGrid, Box]] = {}
        self._gone: frozenset[str] = frozenset()
        self._length = len(self._below)
        self._codes: NDArray[np.object_] = np.array([*grids, ""], dtype=object)[:-1]
        bounds = shapely.bounds(objects([grid.geometry for grid in grids.values()]))
        # One run of memory for each side is looked through twice as fast.
        self._boxes: NDArray[np.float64] = np.ascontiguousarray(bounds.T)

    def __getitem__(self, code: str) -> DraftGrid:
        if code in self._above:
            return self._above[code][0]
        if code in self._gone:
            raise KeyError(code)
        return self._below[code]

    def __iter__(self) -> Iterator[str]:
        hidden = self._gone | self._above.keys()
        yield from (code for code in self._below if code not in hidden)
        yield from self._above

    def __len__(self) -> int:
        return self._length

    def meeting(self, box: Box) -> list[str]:
        """Codes of the grids whose box meets another."""
        west, south, east, north = box
        wests, souths, easts, norths = self._boxes
        meets = (wests <= east) & (easts >= west) & (souths <= north) & (norths >= south)
        hidden = self._gone | self._above.keys()
        return [code for code in self._codes[meets] if code not in hidden] + [
            code
            for code, (_, (w, s, e, n)) in self._above.items()
            if w <= east and e >= west and s <= north and n >= south
        ]

    def with_changes(self, changed: Iterable[DraftGrid], retired: Collection[str]) -> LayeredGrids:
        """These grids with some changed or added and some gone."""
        other = object.__new__(LayeredGrids)
        other._below, other._codes, other._boxes = self._below, self._codes, self._boxes
        above = dict(self._above)
        gone = set(self._gone)
        length = self._length
        for code in retired:
            if code not in self:
                raise KeyError(code)
            above.pop(code, None)
            gone.add(code)
            length -= 1
        for grid in changed:
            there = grid.code in above or (grid.code in self._below and grid.code not in gone)
            above[grid.code] = grid, grid.geometry.bounds
            gone.discard(grid.code)
            length += not there
        other._above, other._gone, other._length = above, frozenset(gone), length
        deep = len(above) + len(gone) > MOST_ABOVE
        return LayeredGrids(dict(other.items())) if deep else other
