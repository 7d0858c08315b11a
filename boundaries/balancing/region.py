"""Grids whose ground may change hands, and what is counted on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from boundaries.steps import Shape
from boundaries.succession.counted import (
    Counted,
    counts_of_grids,
    grids_of_points,
    parts_of_blocks,
)
from gis.crs import objects
from gis.errors import BadInput


@dataclass(frozen=True, slots=True)
class Region:
    """Grids to be made even, or one to be divided.

    Parameters
    ----------
    grids
        Their shapes by code, EPSG:4326 on the storage grid.
    parents
        For each the parent that its ground stays in, as reasons call it.
    around
        All grids of the coverage that meet them, themselves among them: a point on an edge
        counts for the lowest code of all.
    lines
        Roads and waters near by, EPSG:4326.
    counted
        What they are to be even by.
    crs
        Metric CRS that measures borders.
    """

    grids: Mapping[str, Shape]
    parents: Mapping[str, str]
    around: Mapping[str, Shape]
    lines: Sequence[shapely.LineString]
    counted: Counted
    crs: pyproj.CRS

    @property
    def codes(self) -> list[str]:
        """The codes of its grids, sorted."""
        return sorted(self.grids)

    @property
    def neighbourhood(self) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Codes and shapes of all grids around."""
        codes = sorted(self.around)
        return np.array(codes, dtype=object), objects([self.around[code] for code in codes])

    def totals(self, changed: Mapping[str, Shape] | None = None) -> dict[str, float]:
        """What each grid weighs, some of them in another shape or new.

        Raises
        ------
        BadInput
            ``counts_unknown``: nobody counted in some of the grids, which is not 0.
        """
        shapes = {**self.around, **(changed or {})}
        codes = np.array(sorted(shapes), dtype=object)
        found = counts_of_grids(codes, objects([shapes[code] for code in codes]), self.counted)
        wanted = sorted({*self.grids, *(changed or {})})
        unknown = [code for code in wanted if found[code] is None]
        if unknown:
            raise BadInput(
                "counts_unknown",
                f"Nobody has counted in grid {unknown[0]}"
                + (f" and {len(unknown) - 1:,} more" if len(unknown) > 1 else "")
                + ", which is not the same as 0.",
                grids=unknown,
            )
        return {code: float(found[code] or 0.0) for code in wanted}

    def moved(self, changed: Mapping[str, Shape]) -> float:
        """How much of what was counted is in another grid with some grids in another shape."""
        points, polygons = self.counted.known()
        codes, before = self.neighbourhood
        after = objects([changed.get(code, self.around[code]) for code in codes])
        owners = zip(
            grids_of_points(codes, before, points.geometries),
            grids_of_points(codes, after, points.geometries),
            points.figure.tolist(),
            strict=True,
        )
        moved = sum(figure for was, now, figure in owners if was != now)
        gained = objects([changed[code].difference(self.grids[code]) for code in sorted(changed)])
        return float(moved + sum(held for _, held in parts_of_blocks(gained, polygons)))
