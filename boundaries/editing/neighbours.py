"""Which grids share an edge, and how long it is."""

from __future__ import annotations

from math import hypot

from boundaries.draft_coverage import DraftCoverage
from boundaries.editing.patch import Patch


def neighbours_of(coverage: DraftCoverage, code: str) -> dict[str, float]:
    """The grids that share an edge with one, with its length in steps; longest first."""
    grid = coverage.grid(code)
    patch = Patch.of(coverage, coverage.meeting(grid.geometry.bounds))
    own = patch.edges([code])
    lengths: dict[str, float] = {}
    for other in patch.parts:
        if other != code and (shared := own & patch.edges([other])):
            lengths[other] = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in shared)
    return dict(sorted(lengths.items(), key=lambda each: (-each[1], each[0])))
