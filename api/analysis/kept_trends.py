"""Cells in time that were computed lately, for whoever asks about the same cells again.

A page asks for the classes of all cells and then for one cell after the other: each time the same
cube, a tenth of a second to a second.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from api.analysis.regions import Ground
from gis.patterns.steps import Step
from gis.store.case_filter import CaseFilter
from gis.store.newest_change import NewestChange
from gis.trends import EmergingOptions

if TYPE_CHECKING:
    from api.analysis.cell_trends import CellTrends

MOST_KEPT_BYTES = 128_000_000
"""31,000 cells by 52 weeks take 53 MB; what is larger than all of it is not kept."""


@dataclass(frozen=True, slots=True)
class TrendsKey:
    """All that decides what cells are in time; ``seen`` are the cases that the viewer may see."""

    newest: NewestChange
    today: np.datetime64
    seen: CaseFilter
    withheld: tuple[str, ...]
    ground: Ground
    resolution: int
    step: Step
    options: EmergingOptions


class KeptTrends:
    """The cubes of a process asked for lately, up to 128 MB of them."""

    def __init__(self, most_bytes: int = MOST_KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[TrendsKey, CellTrends] = OrderedDict()

    async def of(self, key: TrendsKey, make: Callable[[], Awaitable[CellTrends]]) -> CellTrends:
        """What is kept under the key, else what ``make`` makes."""
        found = self._kept.get(key)
        if found is None:
            found = await make()
            if found.size_bytes <= self._most_bytes:
                self._keep(key, found)
        if key in self._kept:
            self._kept.move_to_end(key)
        return found

    def _keep(self, key: TrendsKey, found: CellTrends) -> None:
        # What was true before the newest change nobody asks for again.
        for old in [old for old in self._kept if old.newest != key.newest]:
            del self._kept[old]
        self._kept[key] = found
        while sum(each.size_bytes for each in self._kept.values()) > self._most_bytes:
            self._kept.popitem(last=False)
