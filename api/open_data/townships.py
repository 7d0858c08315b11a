"""Where a cell lies, for people: the township that has most of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from api.locators import Locator
from gis.cells import FINEST, Cells, children, middles, resolutions_of

_STEPS_FINER = 2
"""A cell is looked at in so many resolutions finer: in the middles of its 49 parts."""


@dataclass(frozen=True, slots=True)
class Township:
    """Code and name."""

    code: str
    name: str


class TownshipsOfCells:
    """Kept for the boundary version that was asked for last."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._kept: dict[int, Township | None] = {}

    def of(self, cells: Cells, today: Locator) -> list[Township | None]:
        """The township of each cell; None for one that lies outside of the city.

        A tenth of a second for the cells of a city the first time, then nothing.
        """
        kept = self._kept if self._version == today.version.id else {}
        new = cells[[cell not in kept for cell in cells.tolist()]]
        # Another thread may do the same: then both have found the same.
        kept |= dict(zip(new.tolist(), _found(new, today), strict=True))
        self._version, self._kept = today.version.id, kept
        return [kept[cell] for cell in cells.tolist()]


def _found(cells: Cells, today: Locator) -> list[Township | None]:
    sizes = resolutions_of(cells)
    counts: list[Counter[str]] = [Counter() for _ in cells]
    codes = today.grids["township"].to_numpy()
    for resolution in np.unique(sizes).tolist():
        of_size = np.flatnonzero(sizes == resolution)
        finer = min(resolution + _STEPS_FINER, FINEST)
        within, many = children(cells[of_size], finer)
        whose = np.repeat(of_size, many)
        grids = today.index.locate(*middles(within)).grid
        inside = grids >= 0
        for at, code in zip(whose[inside].tolist(), codes[grids[inside]], strict=True):
            counts[at][code] += 1
    names = dict(zip(codes, today.grids["township_name"], strict=True))
    most = [max(count, key=lambda code: (count[code], code), default=None) for count in counts]
    return [None if code is None else Township(code, names[code]) for code in most]
