"""What changes hands when one version follows another: what all holders are told alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from boundaries.succession.inheritance import inheritance
from boundaries.succession.lineage import CodedPolygons, Descent, changed_between
from gis.locate import GridIndex

# A degree of latitude is 110,574 m at the least. An edge straight in degrees and the one
# straight in metres lie up to 12 m apart along 0.1°.
_METRES_PER_DEGREE = 110_574.0
_SLACK, _BEND_M = 1.05, 50.0


@dataclass(frozen=True, slots=True)
class Handover:
    """Who inherits from whom at an instant, and which points may lie in another grid.

    Parameters
    ----------
    at
        When the later version takes effect.
    passed
        Pairs of codes: what is bound to the first is bound to the second afterwards.
    gone
        Codes that are no grid afterwards.
    boxes
        (n, 4) west, south, east, north in degrees: outside of them no point changes its grid.
    parents
        Community and township code of each grid of the later version.
    roles
        The profile's order of roles on duty.
    """

    at: datetime
    passed: tuple[tuple[str, str], ...]
    gone: frozenset[str]
    boxes: NDArray[np.float64]
    parents: Mapping[str, tuple[str, str]]
    roles: Sequence[str]
    index: GridIndex | None = field(repr=False)

    def grids_at(self, lng: ArrayLike, lat: ArrayLike) -> list[str | None]:
        """Codes in the later version for points within the boxes; None outside of all grids."""
        if self.index is None:
            return [None] * len(np.atleast_1d(lng))
        codes = [*self.index.codes, None]
        return [codes[grid] for grid in self.index.locate(lng, lat).grid]


def handover(
    before: CodedPolygons,
    after: gpd.GeoDataFrame,
    lineage: Sequence[Descent],
    *,
    at: datetime,
    nearest_m: float,
    crs: pyproj.CRS,
    roles: Sequence[str],
) -> Handover:
    """Compare a version with its successor, a GridFrame; the time of one grows with the change."""
    polygons = after.geometry.to_numpy()
    grids = CodedPolygons.of(list(after["code"]), list(polygons))
    changed = changed_between(before, grids)
    heirs = inheritance(changed, lineage)
    ground = np.concatenate(
        [before.only(changed.before).polygons, grids.only(changed.after).polygons]
    )
    boxes = _reaching(shapely.bounds(ground).reshape(-1, 4), nearest_m)
    return Handover(
        at=at,
        passed=heirs.passed,
        gone=heirs.gone,
        boxes=boxes,
        parents={
            code: (community, township)
            for code, community, township in zip(
                after["code"], after["community"], after["township"], strict=True
            )
        },
        roles=tuple(roles),
        index=index_around(grids, boxes, nearest_m, crs),
    )


def _reaching(boxes: NDArray[np.float64], reach_m: float) -> NDArray[np.float64]:
    """Boxes wider by a distance, rather more than less."""
    lat_deg = (reach_m * _SLACK + _BEND_M) / _METRES_PER_DEGREE
    highest = np.minimum(np.abs(boxes[:, [1, 3]]).max(axis=1, initial=0.0) + lat_deg, 89.0)
    lng_deg = lat_deg / np.cos(np.radians(highest))
    reach = np.stack([lng_deg, np.full_like(lng_deg, lat_deg)], axis=1)
    return np.concatenate([boxes[:, :2] - reach, boxes[:, 2:] + reach], axis=1)


def index_around(
    grids: CodedPolygons, boxes: NDArray[np.float64], nearest_m: float, crs: pyproj.CRS
) -> GridIndex | None:
    """An index of the grids within reach of these boxes; None where there are none.

    Points in a box are placed as an index of all grids would place them.
    """
    if not len(boxes):
        return None
    within = shapely.box(*_reaching(boxes, nearest_m).T)
    _, met = shapely.STRtree(grids.polygons).query(within)
    near = np.unique(met)
    if not len(near):
        return None
    order = near[np.argsort(grids.codes[near].astype(str), kind="stable")]
    return GridIndex.build(
        [str(code) for code in grids.codes[order]],
        grids.polygons[order],
        nearest_m=nearest_m,
        crs=crs,
    )
