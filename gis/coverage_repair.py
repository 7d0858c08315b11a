"""Make a coverage of polygons that nearly are one, and say what that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.coverage_faults import find_faults
from gis.coverage_gaps import WIDTH_TOLERANCE_M
from gis.coverage_slits import side_lengths_m
from gis.crs import Geometries, objects, project, snap_to_storage_grid, unproject
from gis.errors import BadInput
from gis.polygonal import made_valid, only_polygons

NAMED_CHANGE = 0.05
"""A grid that changes by more than this share of its area is named."""

# Vertices this close are one: two steps of the storage grid, so that a first round touches
# nothing it need not. Each further round looks four times as far, the last one 5 cm.
_SNAP_M = 0.0002
_SNAP_GROWTH = 4
_MAX_ROUNDS = 5
_FILL_OVERLAP_M = 0.002


@dataclass(frozen=True, slots=True)
class GridChange:
    """A grid before and after the repair; the share is what moved in or out, of the area before."""

    code: str
    before_m2: float
    after_m2: float
    share: float


@dataclass(frozen=True, slots=True)
class Repair:
    """A repaired coverage: polygons in the order given, empty where a code vanished."""

    polygons: NDArray[np.object_]
    changed: tuple[GridChange, ...]
    vanished: tuple[str, ...]
    moved_m2: float


def repair(
    codes: Sequence[str], polygons: Geometries, *, max_gap_m: float, crs: pyproj.CRS
) -> Repair:
    """Clean polygons into a valid coverage on the storage grid.

    Invalid polygons are made valid, then `shapely.coverage_clean` runs in the metric CRS:
    overlaps and gaps no wider than `max_gap_m` go to the neighbour with the longest shared
    border, slits open to the outside to the one along most of their border. The result is
    rounded to the storage grid and proven; where that fails the cleaning runs again, at
    most five times. Grids nothing happened to keep their bytes. A node put on an edge lies
    where the metric CRS draws it straight: 1 cm off in the middle of an edge of 1 km.

    A polygon that lies inside another one loses all its area this way. It is never dropped
    in silence: its polygon is empty and its code among ``vanished``.

    Parameters
    ----------
    codes, polygons
        Grid codes and their polygons in degrees, in one order.
    max_gap_m
        Gaps up to this width are closed; 0 closes none.
    crs
        Metric CRS to clean and measure in.

    Returns
    -------
    Repair
        ``changed`` names every remaining grid that changed by more than 5 % of its area.

    Raises
    ------
    BadInput
        ``repair_failed`` when faults are left after the last round; names the first grids.
    """
    given = snap_to_storage_grid(polygons)
    before = made_valid(project(made_valid(given), crs))
    shapes = before
    for round_number in range(_MAX_ROUNDS):
        cleaned = _clean(shapes, max_gap_m, _SNAP_M * _SNAP_GROWTH**round_number)
        stored = snap_to_storage_grid(unproject(cleaned, crs))
        alive = ~shapely.is_empty(stored)
        left = find_faults(
            [codes[i] for i in np.flatnonzero(alive).tolist()],
            stored[alive],
            max_gap_m=max_gap_m,
            crs=crs,
        )
        if not left.refuses:
            return _compared(codes, given, before, stored, crs)
        shapes = made_valid(project(made_valid(stored), crs))
        for gap in left.gaps:
            _fill(shapes, project([gap.geometry], crs)[0])
    concerned = sorted({code for kind in left.by_kind.values() for f in kind for code in f.codes})
    raise BadInput(
        "repair_failed",
        f"after {_MAX_ROUNDS} rounds of repair faults are left at {', '.join(concerned[:5])}",
        codes=concerned,
    )


def _clean(shapes: NDArray[np.object_], max_gap_m: float, snap_m: float) -> NDArray[np.object_]:
    # One measuring tolerance more, so that no gap listed as narrow is left open.
    gap_width = max_gap_m + WIDTH_TOLERANCE_M if max_gap_m > 0 else 0.0
    cleaned = np.full(len(shapes), shapely.Polygon(), dtype=object)
    alive = ~shapely.is_empty(shapes)
    cleaned[alive] = only_polygons(
        shapely.coverage_clean(  # type: ignore[attr-defined] # new in shapely 2.2, not in its stubs
            shapes[alive], gap_width=gap_width, snapping_distance=snap_m
        )
    )
    return cleaned


def _fill(shapes: NDArray[np.object_], gap: shapely.Geometry) -> None:
    """Give a gap that cleaning left open, a slit, to the grid along most of its border."""
    near = shapely.STRtree(shapes).query(gap, predicate="dwithin", distance=_FILL_OVERLAP_M)
    keeper = near[np.argmax(side_lengths_m(gap, shapes[near]))]
    # A hair wider, so that the next round finds an overlap to settle and no second slit.
    wider = shapely.buffer(gap, _FILL_OVERLAP_M, join_style="mitre")
    shapes[keeper] = shapely.union(shapes[keeper], wider)


def _compared(
    codes: Sequence[str],
    given: NDArray[np.object_],
    before: NDArray[np.object_],
    stored: NDArray[np.object_],
    crs: pyproj.CRS,
) -> Repair:
    untouched = shapely.equals_exact(_canonical(given), _canonical(stored), 0.0)
    stored = np.where(untouched, given, stored)
    after = project(stored, crs)
    before_m2, after_m2 = shapely.area(before), shapely.area(after)
    moved_m2 = np.zeros(len(stored))
    moved_m2[~untouched] = shapely.area(
        shapely.symmetric_difference(before[~untouched], made_valid(after[~untouched]))
    )
    gone = shapely.is_empty(stored)
    share = np.divide(moved_m2, before_m2, out=np.zeros(len(stored)), where=before_m2 > 0)
    changed = tuple(
        GridChange(codes[i], float(before_m2[i]), float(after_m2[i]), float(share[i]))
        for i in np.flatnonzero((share > NAMED_CHANGE) & ~gone).tolist()
    )
    vanished = tuple(codes[i] for i in np.flatnonzero(gone).tolist())
    return Repair(stored, changed, vanished, float(moved_m2.sum()))


def _canonical(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """One spelling per shape: parts and rings in order, a single part as a plain polygon."""
    single = [
        shapely.get_geometry(s, 0) if shapely.get_num_geometries(s) == 1 else s for s in shapes
    ]
    found: NDArray[np.object_] = shapely.normalize(objects(single))
    return found
