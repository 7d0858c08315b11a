"""What the join is measured against, each doing the same: pairs of a point and a grid it meets.

Every peer first takes the data in its own form (not timed), then joins (timed).
Its answer is brought to one form afterwards: the lowest grid of each point and
how many grids meet it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely

from gis.crs import metric_crs
from gis.locate import GridIndex, Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from api.bench.coverage import BenchCoverage


@dataclass(frozen=True)
class Answer:
    """Lowest grid of each point (-1: none) and how many meet it (2 for two or more)."""

    grid: NDArray[np.int32]
    count: NDArray[np.uint8]

    @classmethod
    def of_pairs(cls, points: int, rows: NDArray[Any], grids: NDArray[Any]) -> Answer:
        """Gather pairs in any order."""
        lowest = np.full(points, np.iinfo(np.int32).max, np.int32)
        np.minimum.at(lowest, rows, grids.astype(np.int32))
        count = np.minimum(np.bincount(rows, minlength=points), 2).astype(np.uint8)
        return cls(np.where(count == 0, np.int32(-1), lowest), count)

    def differences(self, other: Answer) -> int:
        """For how many points two answers are not the same."""
        return int(((self.grid != other.grid) | (self.count != other.count)).sum())


class Peer(Protocol):
    """One way to join, over data it was made with."""

    def join(self) -> object:
        """Join all points to all grids and return the result in the peer's own form."""

    def answer(self, joined: object) -> Answer:
        """Bring what :meth:`join` returned to the common form."""

    def close(self) -> None:
        """Give back what the peer holds."""


class Wangge:
    """Ours."""

    def __init__(
        self, coverage: BenchCoverage, points: NDArray[np.float64], *, threads: int = 1
    ) -> None:
        west, south, _, _ = shapely.total_bounds(coverage.polygons)
        self.index = GridIndex.build(
            coverage.codes, coverage.polygons, nearest_m=0.0, crs=metric_crs(west, south)
        )
        self.index.prepare()
        self._lng, self._lat = np.ascontiguousarray(points.T)
        self._threads = threads

    def join(self) -> object:
        """Join all points to all grids."""
        return self.index.locate(self._lng, self._lat, threads=self._threads, fast_from=0)

    def answer(self, joined: Any) -> Answer:
        """Bring the result to the common form."""
        meets = np.array([1, 2, 0, 0], np.uint8)  # by Reason: inside, edge, nearest, outside
        return Answer(np.where(joined.reason <= Reason.EDGE, joined.grid, -1), meets[joined.reason])

    def close(self) -> None:
        """Nothing is held."""


class Sjoin:
    """geopandas ``sjoin``, points on the left."""

    def __init__(self, coverage: BenchCoverage, points: NDArray[np.float64]) -> None:
        self._points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points.T), crs=4326)
        self._grids = gpd.GeoDataFrame(geometry=coverage.polygons, crs=4326)

    def join(self) -> object:
        """Join all points to all grids."""
        return self._points.sjoin(self._grids, predicate="intersects")

    def answer(self, joined: Any) -> Answer:
        """Bring the result to the common form."""
        return Answer.of_pairs(
            len(self._points), joined.index.to_numpy(), joined["index_right"].to_numpy()
        )

    def close(self) -> None:
        """Nothing is held."""


class StrTree:
    """shapely's STRtree over the grids, queried with all points at once."""

    def __init__(self, coverage: BenchCoverage, points: NDArray[np.float64]) -> None:
        self._points = shapely.points(points)
        self._count = len(points)
        self._tree = shapely.STRtree(coverage.polygons)

    def join(self) -> object:
        """Join all points to all grids."""
        return self._tree.query(self._points, predicate="intersects")

    def answer(self, joined: Any) -> Answer:
        """Bring the result to the common form."""
        return Answer.of_pairs(self._count, *joined)

    def close(self) -> None:
        """Nothing is held."""


JOIN = """
select points.point, grids.grid
from points join grids on ST_Intersects(grids.geometry, points.geometry)
"""


class DuckDb:
    """DuckDB's spatial extension, loaded from its package by path, all cores."""

    def __init__(self, coverage: BenchCoverage, points: NDArray[np.float64]) -> None:
        import duckdb
        import duckdb_extension_spatial

        folder = Path(duckdb_extension_spatial.__file__).parent
        (extension,) = folder.rglob("spatial.duckdb_extension")
        self._count = len(points)
        self._session = duckdb.connect(config={"allow_unsigned_extensions": "true"})
        self._session.load_extension(str(extension))
        wkb = pa.array(shapely.to_wkb(coverage.polygons).tolist(), pa.binary())
        self._session.register("raw_grids", pa.table({"grid": range(len(wkb)), "wkb": wkb}))
        lng, lat = points.T
        raw_points = pa.table({"point": np.arange(len(points)), "lng": lng, "lat": lat})
        self._session.register("raw_points", raw_points)
        self._session.execute(
            "create table grids as select grid, ST_GeomFromWKB(wkb) as geometry from raw_grids;"
            "create table points as select point, ST_Point(lng, lat) as geometry from raw_points"
        )

    def join(self) -> object:
        """Join all points to all grids."""
        return self._session.execute(JOIN).to_arrow_table()

    def answer(self, joined: Any) -> Answer:
        """Bring the result to the common form."""
        return Answer.of_pairs(self._count, joined["point"].to_numpy(), joined["grid"].to_numpy())

    def close(self) -> None:
        """Give back what the session holds."""
        self._session.close()


class SedonaDb:
    """SedonaDB, all cores, with the spatial library of its three that is fast and exact.

    Its default, ``tg``, is as fast as ``geo`` but rounds: it finds one grid instead of two for
    one point in twelve on the middle of an edge. ``geos`` is exact and half as fast.
    """

    def __init__(self, coverage: BenchCoverage, points: NDArray[np.float64]) -> None:
        import sedonadb

        self._count = len(points)
        self._session = sedonadb.connect()
        self._session.sql("set sedona.spatial_join.spatial_library = 'geo'")
        frames = {
            "points": gpd.GeoDataFrame(
                {"point": np.arange(len(points))},
                geometry=gpd.points_from_xy(*points.T),
                crs=4326,
            ),
            "grids": gpd.GeoDataFrame(
                {"grid": np.arange(len(coverage.codes))}, geometry=coverage.polygons, crs=4326
            ),
        }
        for name, frame in frames.items():
            self._session.create_data_frame(frame).to_memtable().to_view(name)

    def join(self) -> object:
        """Join all points to all grids."""
        return pa.table(self._session.sql(JOIN))

    def answer(self, joined: Any) -> Answer:
        """Bring the result to the common form."""
        return Answer.of_pairs(self._count, joined["point"].to_numpy(), joined["grid"].to_numpy())

    def close(self) -> None:
        """Give back what the session holds."""
        for name in ("points", "grids"):
            self._session.drop_view(name)
