"""The coverage of a draft: its grids by code, never altered, changed by making another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import pyproj
import shapely

from boundaries.layered_grids import Box, DraftGrid, LayeredGrids
from gis.coverage import outline_of
from gis.crs import STORAGE_SRID
from gis.errors import NotFound

BASE, DEDICATED = "base", "dedicated"

__all__ = ["BASE", "DEDICATED", "Box", "Community", "DraftCoverage", "DraftGrid"]


@dataclass(frozen=True, slots=True)
class Community:
    """A community with the code of its township."""

    code: str
    name: str
    township: str


class DraftCoverage:
    """The grids, communities and townships of a draft.

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
        self.grids: Mapping[str, DraftGrid]
        self.grids = self._layers = LayeredGrids(grids)
        self.communities = communities
        self.townships = townships
        self.crs = crs

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

    @cached_property
    def outline(self) -> shapely.MultiPolygon:
        """The union of all grids; kept, as every draft is held against that of its base."""
        return outline_of([grid.geometry for grid in self.grids.values()])

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
        return sorted(self._layers.meeting(box))

    def with_changes(
        self, changed: Iterable[DraftGrid], retired: Collection[str] = ()
    ) -> DraftCoverage:
        """This coverage with some grids changed or added and some gone."""
        other = object.__new__(DraftCoverage)
        other.communities, other.townships, other.crs = self.communities, self.townships, self.crs
        other.grids = other._layers = self._layers.with_changes(changed, retired)
        return other
