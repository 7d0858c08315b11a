"""Points to grids: which grid does a place belong to, and why.

For a point, let S be the grids whose polygon meets it by GEOS ``intersects``
(so a polygon owns its edge). One grid in S: ``inside``, also on its outer
edge. Several: ``edge``, and the lowest code wins. None: ``nearest`` when a grid
lies within the city's distance, else ``outside``.

Two ways lead to the same answer. Up to :data:`FAST_FROM` points GEOS answers
through an STRtree at once. More points go through a raster (``locate_raster``)
that GEOS only has to help within 1e-9 degree of an edge; it is drawn, and its
compiled loops loaded, at the first such call.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Self

import numpy as np
import shapely

from gis.errors import BadInput
from gis.locate_answers import Placement, Placements, Reason
from gis.locate_checks import check_coverage, check_on_globe, columns, off_the_globe, on_globe
from gis.locate_nearby import WIDEST_BOX_M, NearbyGrids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from pyproj import CRS

    from gis.locate_raster import GridRaster

# Below this many points STRtree needs less than 0.15 s, no more than loading numba takes.
FAST_FROM = 50_000
NO_GRID = -1

__all__ = ["FAST_FROM", "NO_GRID", "GridIndex", "Placement", "Placements", "Reason"]

# One for all indexes, so that an index can be sent to another process.
_DRAWING = Lock()


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
        self._drawn: GridRaster | None = None

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
            A point in no grid goes to the nearest one up to this many metres away, at most
            100,000 (0: never).
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
        check_coverage(names, shapes)
        if not 0 <= nearest_m <= WIDEST_BOX_M:
            raise BadInput(
                "nearest_m", f"nearest_m goes from 0 to {WIDEST_BOX_M:,.0f} m, not {nearest_m}."
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
            raise off_the_globe(lng, lat, None)
        met = self._tree.query(shapely.Point(lng, lat), predicate="intersects")
        if met.size == 1:
            return Placement(int(met[0]), Reason.INSIDE)
        if met.size:
            return Placement(int(met.min()), Reason.EDGE)
        nearest = self._nearby.nearest_one(lng, lat, self.nearest_m)
        return Placement(nearest, Reason.OUTSIDE if nearest is None else Reason.NEAREST)

    def locate(
        self, lng: ArrayLike, lat: ArrayLike, *, threads: int = 1, fast_from: int = FAST_FROM
    ) -> Placements:
        """Place many WGS84 points.

        Parameters
        ----------
        lng, lat
            Degrees, two arrays of the same length.
        threads
            How many threads read the raster; the order of points does not matter.
        fast_from
            From this many points on the raster answers. Both ways agree on every point.

        Raises
        ------
        BadInput
            The arrays differ in length, or a coordinate is not a number or off the globe
            (the first such row is named; callers reject rows before).
        """
        x, y = columns(lng, lat)
        if len(x) < fast_from:
            check_on_globe(x, y, np.arange(len(x)))
            grid, reason = self._by_geos(x, y)
            missing = np.flatnonzero(reason == Reason.OUTSIDE)
        else:
            grid, reason, missing = self._by_raster(x, y, threads)
        nearest = self._without_grid(x[missing], y[missing])
        grid[missing] = nearest
        reason[missing] = np.where(nearest == NO_GRID, Reason.OUTSIDE, Reason.NEAREST)
        return Placements(grid, reason)

    def prepare(self) -> None:
        """Draw the raster now rather than at the first large :meth:`locate`."""
        self._raster()

    @property
    def raster_mb(self) -> float:
        """Memory of the raster in megabytes; drawn when it is not yet."""
        return self._raster().nbytes / 1e6

    def candidates(self, lng: float, lat: float, accuracy_m: float) -> list[int]:
        """Grids that meet the circle of ``accuracy_m`` around a point, nearest first.

        Grids that hold the point have distance 0; equal distances go by code.

        Raises
        ------
        BadInput
            A coordinate off the globe, or an accuracy that is no distance.
        """
        x, y = columns([lng], [lat])
        if not on_globe(x, y).all():
            raise off_the_globe(lng, lat, None)
        if not accuracy_m >= 0 or not np.isfinite(accuracy_m):
            raise BadInput(
                "accuracy", f"Accuracy is a distance in metres from 0, not {accuracy_m}."
            )
        _, around, distance_m = self._nearby.within(x, y, accuracy_m)
        distances = dict(zip(around.tolist(), distance_m.tolist(), strict=True))
        holding = self._tree.query(shapely.Point(lng, lat), predicate="intersects")
        distances.update(dict.fromkeys(holding.tolist(), 0.0))
        return sorted(distances, key=lambda grid: (distances[grid], grid))

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

    def _by_raster(
        self, lng: NDArray[np.float64], lat: NDArray[np.float64], threads: int
    ) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.intp]]:
        """Same as :meth:`_by_geos`; third, the rows that may have a nearest grid."""
        from gis.locate_cells import DOUBTFUL, HELD, NEARBY

        grid, answer = self._raster().place(lng, lat, threads)
        open_rows = np.flatnonzero(answer != HELD)
        # What a pixel of a grid holds is on the globe, since the coverage is.
        check_on_globe(lng[open_rows], lat[open_rows], open_rows)
        open_answer = answer[open_rows]
        missing = open_rows[open_answer == NEARBY]
        asked = open_rows[open_answer == DOUBTFUL]
        answer[open_rows] = Reason.OUTSIDE
        if asked.size:
            grid[asked], answer[asked] = self._by_geos(lng[asked], lat[asked])
            missing = np.concatenate([missing, asked[answer[asked] == Reason.OUTSIDE]])
        return grid, answer, missing

    def _raster(self) -> GridRaster:
        with _DRAWING:
            if self._drawn is None:
                from gis.locate_raster import GridRaster

                reach_deg = self._nearby.reach_deg(self.nearest_m)
                self._drawn = GridRaster.build(self._polygons, reach_deg)
            return self._drawn

    def _without_grid(
        self, lng: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """Nearest grid within ``nearest_m`` for points that lie in none, else -1."""
        nearest = np.full(len(lng), NO_GRID, np.int32)
        if self.nearest_m > 0 and nearest.size:
            rows, grids, _ = self._nearby.within(lng, lat, self.nearest_m)
            first = np.flatnonzero(np.diff(rows, prepend=-1))
            nearest[rows[first]] = grids[first]
        return nearest
