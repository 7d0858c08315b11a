"""Points to grids: which grid does a place belong to, and why.

For a point, let S be the grids whose polygon meets it by GEOS ``intersects``
(so a polygon owns its edge). One grid in S: ``inside``, also on its outer
edge. Several: ``edge``, and the lowest code wins. None: ``nearest`` when a grid
lies within the city's distance, else ``outside``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np
import shapely

from gis.errors import BadInput
from gis.locate_nearby import NearbyGrids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from pyproj import CRS

NO_GRID = -1


class Reason(IntEnum):
    """Why a point got its grid."""

    INSIDE = 0
    EDGE = 1
    NEAREST = 2
    OUTSIDE = 3

    @property
    def word(self) -> str:
        """The word used in tables, files and on the wire."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Placement:
    """The grid of one point: its position among the codes, or None outside."""

    grid: int | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Placements:
    """The grids of many points.

    Attributes
    ----------
    grid
        int32, position of the grid among the codes; -1 outside.
    reason
        uint8, a :class:`Reason` each.
    """

    grid: NDArray[np.int32]
    reason: NDArray[np.uint8]


class GridIndex:
    """The grids of one boundary version, ready to be asked for places. Made by :meth:`build`.

    Immutable; may be shared between threads.
    """

    def __init__(
        self, codes: tuple[str, ...], polygons: NDArray[np.object_], nearest_m: float, crs: CRS
    ) -> None:
        self.codes = codes
        self.nearest_m = nearest_m
        self._polygons = polygons
        self._tree = shapely.STRtree(polygons)
        self._nearby = NearbyGrids(polygons, self._tree, crs)

    @classmethod
    def build(
        cls,
        codes: Sequence[str],
        polygons: ArrayLike,
        *,
        nearest_m: float,
        crs: CRS,
    ) -> Self:
        """Index a coverage.

        Parameters
        ----------
        codes
            Grid codes in strictly ascending order, so that the lowest position is the
            lowest code.
        polygons
            A Polygon or MultiPolygon for each code, EPSG:4326, longitude first, valid.
        nearest_m
            A point in no grid goes to the nearest one up to this many metres away (0: never).
        crs
            Projected CRS in which metres are measured.

        Raises
        ------
        BadInput
            Nothing to index, codes not ascending, something that is no polygon, or a CRS
            that does not measure metres here.
        """
        shapes = np.asarray(polygons, dtype=object)
        names = tuple(codes)
        _check_coverage(names, shapes)
        if not nearest_m >= 0 or not np.isfinite(nearest_m):
            raise BadInput(
                "nearest_m", f"nearest_m is a distance in metres from 0, not {nearest_m}."
            )
        return cls(names, shapes, float(nearest_m), crs)

    def locate_one(self, lng: float, lat: float) -> Placement:
        """Place one WGS84 point (degrees).

        Raises
        ------
        BadInput
            A coordinate is not a number or off the globe.
        """
        # NaN fails both comparisons.
        if not (-180.0 <= lng <= 180.0 and -90.0 <= lat <= 90.0):
            raise _off_the_globe(lng, lat, None)
        met = self._tree.query(shapely.Point(lng, lat), predicate="intersects")
        if met.size == 1:
            return Placement(int(met[0]), Reason.INSIDE)
        if met.size:
            return Placement(int(met.min()), Reason.EDGE)
        placed = self._without_grid(np.array([lng]), np.array([lat]))
        grid = int(placed[0])
        if grid == NO_GRID:
            return Placement(None, Reason.OUTSIDE)
        return Placement(grid, Reason.NEAREST)

    def locate(self, lng: ArrayLike, lat: ArrayLike) -> Placements:
        """Place many WGS84 points.

        Parameters
        ----------
        lng, lat
            Degrees, two arrays of the same length.

        Raises
        ------
        BadInput
            The arrays differ in length, or a coordinate is not a number or off the globe
            (the first such row is named; callers reject rows before).
        """
        x, y = _coordinates(lng, lat)
        grid, reason = self._by_geos(x, y)
        missing = np.flatnonzero(reason == Reason.OUTSIDE)
        if missing.size:
            nearest = self._without_grid(x[missing], y[missing])
            grid[missing] = nearest
            reason[missing[nearest != NO_GRID]] = Reason.NEAREST
        return Placements(grid, reason)

    def candidates(self, lng: float, lat: float, accuracy_m: float) -> list[int]:
        """Grids that meet the circle of ``accuracy_m`` around a point, nearest first.

        Grids that hold the point have distance 0; equal distances go by code.

        Raises
        ------
        BadInput
            A coordinate off the globe, or an accuracy that is no distance.
        """
        x, y = _coordinates([lng], [lat])
        if not accuracy_m >= 0 or not np.isfinite(accuracy_m):
            raise BadInput(
                "accuracy", f"Accuracy is a distance in metres from 0, not {accuracy_m}."
            )
        holding = np.sort(self._tree.query(shapely.Point(lng, lat), predicate="intersects"))
        _, around, _ = self._nearby.within(x, y, accuracy_m)
        return [int(grid) for grid in dict.fromkeys([*holding.tolist(), *around.tolist()])]

    def _by_geos(
        self, lng: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Lowest grid and reason by ``intersects`` alone; OUTSIDE where no grid meets."""
        rows, met = self._tree.query(shapely.points(lng, lat), predicate="intersects")
        grid = np.full(len(lng), np.iinfo(np.int32).max, np.int32)
        np.minimum.at(grid, rows, met.astype(np.int32))
        count = np.bincount(rows, minlength=len(lng))
        grid[count == 0] = NO_GRID
        reason = np.full(len(lng), Reason.EDGE, np.uint8)
        reason[count == 1] = Reason.INSIDE
        reason[count == 0] = Reason.OUTSIDE
        return grid, reason

    def _without_grid(
        self, lng: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """Nearest grid within ``nearest_m`` for points that lie in none, else -1."""
        nearest = np.full(len(lng), NO_GRID, np.int32)
        if self.nearest_m > 0:
            rows, grids, _ = self._nearby.within(lng, lat, self.nearest_m)
            first = np.flatnonzero(np.diff(rows, prepend=-1))
            nearest[rows[first]] = grids[first]
        return nearest


def _check_coverage(codes: tuple[str, ...], polygons: NDArray[np.object_]) -> None:
    if not codes or polygons.shape != (len(codes),):
        raise BadInput(
            "coverage_shape", f"{len(codes)} codes come with {polygons.size} polygons; both ≥ 1."
        )
    for before, after in pairwise(codes):
        if not before < after:
            raise BadInput(
                "codes_not_ascending", f"Grid {after!r} comes after {before!r}.", grid=after
            )
    kind = shapely.get_type_id(polygons)
    bad = np.flatnonzero(~np.isin(kind, (3, 6)) | shapely.is_empty(polygons))
    if bad.size:
        code = codes[int(bad[0])]
        raise BadInput("not_a_polygon", f"Grid {code!r} has no polygon.", grid=code)


def _coordinates(lng: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = np.ascontiguousarray(lng, dtype=np.float64)
    y = np.ascontiguousarray(lat, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise BadInput(
            "coordinate_shape", f"{x.size} longitudes come with {y.size} latitudes, one each."
        )
    # abs(NaN) <= 180 is false, so one pass finds NaN, infinity and what is off the globe.
    on_globe = (np.abs(x) <= 180.0) & (np.abs(y) <= 90.0)
    if not on_globe.all():
        row = int(np.argmin(on_globe))
        raise _off_the_globe(float(x[row]), float(y[row]), row)
    return x, y


def _off_the_globe(lng: float, lat: float, row: int | None) -> BadInput:
    place = "The point" if row is None else f"Row {row}"
    where = {} if row is None else {"row": row}
    return BadInput(
        "off_the_globe",
        f"{place} has longitude {lng} and latitude {lat}; "
        "longitude goes from -180 to 180, latitude from -90 to 90.",
        **where,
    )
