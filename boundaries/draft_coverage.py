"""The coverage of a draft: its grids by code, never altered, changed by making another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from boundaries.steps import Shape
from gis.crs import STORAGE_SRID
from gis.errors import NotFound

BASE, DEDICATED = "base", "dedicated"
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


@dataclass(frozen=True, slots=True)
class Community:
    """A community with the code of its township."""

    code: str
    name: str
    township: str


class DraftCoverage:
    """The grids, communities and townships of a draft.

    The boxes of its grids lie in one array, so that 15,000 grids are looked through in
    0.1 ms and a change copies half a megabyte; a tree would have to be made anew.

    Parameters
    ----------
    crs
        The metric CRS that measures it.
    """

    def __init__(
        self,
        grids: Mapping[str, DraftGrid],
        communities: Mapping[str, Community],
        townships: Mapping[str, str],
        crs: pyproj.CRS,
    ) -> None:
        self.grids = grids
        self.communities = communities
        self.townships = townships
        self.crs = crs
        self._rows = {code: row for row, code in enumerate(grids)}
        self._codes = np.array([*grids, ""], dtype=object)[:-1]
        shapes = np.empty(len(grids), dtype=object)
        shapes[:] = [grid.geometry for grid in grids.values()]
        self._boxes: NDArray[np.float64] = shapely.bounds(shapes)

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame, crs: pyproj.CRS) -> DraftCoverage:
        """The coverage of a GridFrame."""
        grids: dict[str, DraftGrid] = {}
        communities: dict[str, Community] = {}
        townships: dict[str, str] = {}
        for row in frame.itertuples(index=False):
            grids[row.code] = DraftGrid(row.code, row.name, row.kind, row.community, row.geometry)
            communities[row.community] = Community(row.community, row.community_name, row.township)
            townships[row.township] = row.township_name
        return cls(grids, communities, townships, crs)

    def frame(self) -> gpd.GeoDataFrame:
        """The GridFrame of the draft, sorted by code."""
        rows = []
        for grid in (self.grids[code] for code in sorted(self.grids)):
            community = self.communities[grid.community]
            rows.append(
                {
                    "code": grid.code,
                    "name": grid.name,
                    "kind": grid.kind,
                    "community": grid.community,
                    "community_name": community.name,
                    "township": community.township,
                    "township_name": self.townships[community.township],
                    "geometry": grid.geometry,
                }
            )
        return gpd.GeoDataFrame(rows, geometry="geometry", crs=f"EPSG:{STORAGE_SRID}")

    def grid(self, code: str) -> DraftGrid:
        """One grid.

        Raises
        ------
        NotFound
            ``grid_not_found``.
        """
        try:
            return self.grids[code]
        except KeyError:
            raise NotFound("grid_not_found", f"This draft has no grid {code}.", grid=code) from None

    def meeting(self, box: Box) -> list[str]:
        """Codes of the grids whose box meets another, sorted."""
        west, south, east, north = box
        boxes = self._boxes
        meets = (
            (boxes[:, 0] <= east)
            & (boxes[:, 2] >= west)
            & (boxes[:, 1] <= north)
            & (boxes[:, 3] >= south)
        )
        return sorted(self._codes[meets])

    def with_changes(
        self, changed: Iterable[DraftGrid], retired: Collection[str] = ()
    ) -> DraftCoverage:
        """This coverage with some grids changed or added and some gone."""
        other = object.__new__(DraftCoverage)
        other.communities, other.townships, other.crs = self.communities, self.townships, self.crs
        grids, rows = dict(self.grids), dict(self._rows)
        codes, boxes = self._codes.copy(), self._boxes.copy()
        for code in retired:
            del grids[code]
            # A box of no numbers meets nothing; the row stays empty.
            boxes[rows.pop(code)] = np.nan
        added: list[DraftGrid] = []
        for grid in changed:
            grids[grid.code] = grid
            if grid.code in rows:
                boxes[rows[grid.code]] = grid.geometry.bounds
            else:
                rows[grid.code] = len(codes) + len(added)
                added.append(grid)
        if added:
            codes = np.append(codes, np.array([*(g.code for g in added), ""], dtype=object)[:-1])
            boxes = np.vstack([boxes, [grid.geometry.bounds for grid in added]])
        other.grids, other._rows, other._codes, other._boxes = grids, rows, codes, boxes
        return other
