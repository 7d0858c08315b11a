"""Periods and steps of time counted in one statement, however they overlap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from api.analysis.periods import Period, beginning_of
from gis.cells import CellRegion
from gis.patterns.steps import Steps
from gis.store.case_counts import Counted
from gis.store.case_filter import CaseFilter

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spans:
    """All edges of some steps and periods, in order; between two of them lies a span."""

    edges: tuple[datetime, ...]
    of_steps: tuple[datetime, ...]

    @classmethod
    def of(cls, steps: Steps, *periods: Period) -> Spans:
        """The spans between the edges of one period or more and of steps on the same clock."""
        zone = periods[0].zone
        of_steps = tuple(beginning_of(day, zone) for day in (*steps.starts, steps.end))
        ends = {edge for period in periods for edge in (period.start, period.stop)}
        return cls(tuple(sorted({*of_steps, *ends})), of_steps)

    def narrowed(self, wanted: CaseFilter) -> CaseFilter:
        """The filter from the first edge to the last."""
        return replace(wanted, occurred_from=self.edges[0], occurred_to=self.edges[-1])

    def cube(self, region: CellRegion, counted: Counted) -> Ints:
        """Cells of a region by spans, of what was counted by cell and ``BySpan(edges)``."""
        cube = np.zeros((len(region.cells), len(self.edges) - 1), dtype=np.int64)
        if cube.size and len(counted.counts):
            at = region.positions(counted.keys[0].astype(np.uint64))
            known = at >= 0
            cube[at[known], counted.keys[1][known] - 1] = counted.counts[known]
        return cube

    def within(self, cube: Ints, period: Period) -> Ints:
        """The cases of each cell in one of the periods."""
        first, after = (self.edges.index(edge) for edge in (period.start, period.stop))
        found: Ints = cube[:, first:after].sum(axis=1)
        return found

    def by_step(self, cube: Ints) -> Ints:
        """The cases of each cell in each step."""
        *starts, end = (self.edges.index(edge) for edge in self.of_steps)
        found: Ints = np.add.reduceat(cube[:, :end], starts, axis=1)
        return found
