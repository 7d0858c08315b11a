"""Lineage: which grid of one version became which grids of the next, with what share.

Only grids that changed are overlaid: a coverage has no overlaps, so what a grid that stayed
the same covers was and is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from boundaries.succession.counted import Counted, grids_of_points, parts_of_blocks
from gis.crs import objects
from gis.measures import area_m2

SLIVER_M2 = 1.0
"""Less common ground than this is rounding, not lineage."""

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class CodedPolygons:
    """The grids of one version: codes, each once, and their polygons (EPSG:4326), aligned."""

    codes: NDArray[np.object_]
    polygons: Shapes

    @classmethod
    def of(cls, codes: Sequence[str], polygons: Sequence[shapely.Geometry]) -> CodedPolygons:
        """From any two sequences."""
        named = np.empty(len(codes), dtype=object)
        named[:] = list(codes)
        return cls(named, objects(polygons))

    def only(self, codes: frozenset[str]) -> CodedPolygons:
        """Those with these codes."""
        chosen = np.fromiter((code in codes for code in self.codes), bool, len(self.codes))
        return CodedPolygons(self.codes[chosen], self.polygons[chosen])


@dataclass(frozen=True, slots=True)
class Changed:
    """How two versions differ: codes that are gone, that are new, that have another shape."""

    gone: frozenset[str]
    added: frozenset[str]
    redrawn: frozenset[str]

    @property
    def before(self) -> frozenset[str]:
        """The changed grids of the earlier version."""
        return self.gone | self.redrawn

    @property
    def after(self) -> frozenset[str]:
        """The changed grids of the later version."""
        return self.added | self.redrawn


@dataclass(frozen=True, slots=True)
class Descent:
    """A piece of ground that was of grid ``old`` and is of grid ``new``.

    ``area_share`` and ``households_share`` are those of the old grid's area and households;
    the latter is None where nothing was counted in it, or nobody.
    """

    old: str
    new: str
    area_m2: float
    area_share: float
    households_share: float | None


def changed_between(before: CodedPolygons, after: CodedPolygons) -> Changed:
    """Compare two versions grid by grid; a ring that begins elsewhere is the same ring."""
    then = {code: place for place, code in enumerate(before.codes)}
    kept = np.fromiter((code in then for code in after.codes), bool, len(after.codes))
    codes = after.codes[kept]
    old = before.polygons[[then[code] for code in codes]]
    new = after.polygons[kept]
    same = shapely.equals_exact(old, new, 0.0)
    unequal = np.flatnonzero(~same)
    same[unequal] = shapely.equals_exact(
        shapely.normalize(old[unequal]), shapely.normalize(new[unequal]), 0.0
    )
    return Changed(
        frozenset(before.codes) - frozenset(after.codes),
        frozenset(after.codes[~kept]),
        frozenset(codes[~same]),
    )


def with_other_ground(
    changed: Changed, before: CodedPolygons, after: CodedPolygons, crs: pyproj.CRS
) -> Changed:
    """A change without grids that only got a corner on an edge, as neighbours of a cut do."""
    codes = sorted(changed.redrawn)
    old, new = (
        dict(zip(side.codes, side.polygons, strict=True))
        for side in (before.only(changed.redrawn), after.only(changed.redrawn))
    )
    differing = [shapely.symmetric_difference(old[code], new[code]) for code in codes]
    moved_m2 = area_m2(differing, crs) if codes else np.zeros(0)
    redrawn = frozenset(
        code for code, moved in zip(codes, moved_m2, strict=True) if moved >= SLIVER_M2
    )
    return replace(changed, redrawn=redrawn)


def trace(
    before: CodedPolygons,
    after: CodedPolygons,
    crs: pyproj.CRS,
    counted: Counted | None = None,
) -> tuple[Descent, ...]:
    """Follow every grid that changed into the next version, by old code, then new code.

    Parameters
    ----------
    crs
        Metric CRS that measures areas.
    counted
        At least the counts that meet a changed grid; None for a city without any.

    Returns
    -------
    A grid that is the same in both versions has no row. One that is gone and has none lay
    where the city no longer is.
    """
    changed = changed_between(before, after)
    old, new = before.only(changed.before), after.only(changed.after)
    was, became = shapely.STRtree(new.polygons).query(old.polygons, predicate="intersects")
    pieces = shapely.intersection(old.polygons[was], new.polygons[became])
    pieces_m2 = area_m2(pieces, crs)
    kept = np.flatnonzero(pieces_m2 >= SLIVER_M2)
    was, became, pieces, pieces_m2 = was[kept], became[kept], pieces[kept], pieces_m2[kept]
    shares = pieces_m2 / area_m2(old.polygons, crs)[was]
    households = (
        [None] * len(kept)
        if counted is None
        else _shares_of_households(
            counted, before, after, old.codes[was], new.codes[became], pieces
        )
    )
    order = np.lexsort((new.codes[became].astype(str), old.codes[was].astype(str)))
    return tuple(
        Descent(
            str(old.codes[was[row]]),
            str(new.codes[became[row]]),
            float(pieces_m2[row]),
            # The overlay's own rounding may leave a piece larger than what it was cut from.
            min(float(shares[row]), 1.0),
            households[row],
        )
        for row in order
    )


def _shares_of_households(
    counted: Counted,
    before: CodedPolygons,
    after: CodedPolygons,
    old: NDArray[np.object_],
    new: NDArray[np.object_],
    pieces: Shapes,
) -> list[float | None]:
    """The part of the old grid's households that each piece holds."""
    points, blocks = counted.known()
    in_piece = np.zeros(len(pieces))
    in_grid: dict[str, float] = {}

    then = grids_of_points(before.codes, before.polygons, points.geometries)
    now = grids_of_points(after.codes, after.polygons, points.geometries)
    row_of = {pair: row for row, pair in enumerate(zip(old, new, strict=True))}
    for was, became, count in zip(then, now, points.figure, strict=True):
        if was is not None:
            in_grid[was] = in_grid.get(was, 0.0) + float(count)
            if (row := row_of.get((was, became))) is not None:
                in_piece[row] += count

    grids = before.only(frozenset(old))
    for grid, held in parts_of_blocks(grids.polygons, blocks):
        code = str(grids.codes[grid])
        in_grid[code] = in_grid.get(code, 0.0) + held
    for row, held in parts_of_blocks(pieces, blocks):
        in_piece[row] += held

    return [
        min(float(in_piece[row] / whole), 1.0) if (whole := in_grid.get(code, 0.0)) > 0 else None
        for row, code in enumerate(old)
    ]
