"""Whether changed grids still share every edge corner for corner.

``coverage_is_valid`` sees what overlaps. A corner that one grid has on an edge and its
neighbour has not, half a step aside, leaves a gap that it does not see.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import hypot

import numpy as np
import shapely

from boundaries.draft_coverage import DraftGrid
from boundaries.editing.noding import edges_of
from boundaries.editing.patch import parts_of
from boundaries.steps import Edge
from gis.crs import STEPS_PER_DEGREE


def unshared(
    old: Iterable[DraftGrid], new: Iterable[DraftGrid], around: Iterable[DraftGrid]
) -> shapely.Geometry | None:
    """Edges of changed grids that no other grid has, though there is one beside it.

    What all new grids have once is the edge of the ground that all old ones had. It may
    differ from before by places put on the outline of the city, where nobody is beside;
    these make it no longer.

    Parameters
    ----------
    old, new
        The changed grids before and after, on the same ground.
    around
        Every other grid that touches them.
    """
    was, now = _rim(old), _rim(new)
    lost, won = was - now, now - was
    if not lost and not won:
        return None
    faults = lost & {each for grid in around for each in _edges(grid)}
    # A place that is rounded makes an edge longer by less than a step.
    if abs(_length(won) - _length(lost)) > len(won):
        faults |= won
    if not faults:
        return None
    lines = shapely.linestrings(np.asarray(sorted(faults), dtype=float) / STEPS_PER_DEGREE)
    return shapely.union_all(lines)


def _rim(grids: Iterable[DraftGrid]) -> set[Edge]:
    """The edges that one of some grids has and no other of them."""
    rim: set[Edge] = set()
    for grid in grids:
        rim ^= _edges(grid)
    return rim


def _edges(grid: DraftGrid) -> set[Edge]:
    return edges_of(ring for part in parts_of(grid.geometry) for ring in part)


def _length(edges: Iterable[Edge]) -> float:
    return sum(hypot(bx - ax, by - ay) for (ax, ay), (bx, by) in edges)
