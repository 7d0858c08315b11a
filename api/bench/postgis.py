"""PostGIS as a peer: temporary tables in the database of the settings, nothing left behind."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from api.bench.peers import JOIN, Answer
from api.database import database_url
from api.settings import read_settings
from gis.store.engine import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from api.bench.coverage import BenchCoverage

TABLES = """
create temporary table raw_grids (grid integer, wkb bytea);
create temporary table raw_points (point integer, lng float8, lat float8);
"""
GEOMETRIES = """
create temporary table grids as
    select grid, ST_GeomFromWKB(wkb, 4326) as geometry from raw_grids;
create temporary table points as
    select point, ST_SetSRID(ST_MakePoint(lng, lat), 4326) as geometry from raw_points;
create index on grids using gist (geometry);
analyze grids;
analyze points;
"""


class PostGis:
    """``ST_Intersects`` over a GiST index of the grids; the result stays on the server."""

    def __init__(self, coverage: BenchCoverage, points: NDArray[np.float64]) -> None:
        self._count = len(points)
        self._held = ExitStack()
        url = self._held.enter_context(database_url(read_settings()))
        self._runner = self._held.enter_context(asyncio.Runner())
        self._engine = open_engine(url, "bench", pool_size=1)
        self._held.callback(lambda: self._runner.run(self._engine.dispose()))
        self._driver = self._runner.run(self._connect())
        self._run(self._driver.execute(TABLES))
        wkb = shapely.to_wkb(coverage.polygons).tolist()
        self._copy("raw_grids", enumerate(wkb))
        self._copy("raw_points", ((i, *place) for i, place in enumerate(points.tolist())))
        self._run(self._driver.execute(GEOMETRIES))

    def join(self) -> object:
        """Join into a temporary table."""
        self._run(self._driver.execute("drop table if exists joined"))
        self._run(self._driver.execute(f"create temporary table joined as {JOIN}"))
        return "joined"

    def answer(self, joined: object) -> Answer:
        """Read that table."""
        rows = self._run(self._driver.fetch(f"select point, grid from {joined}"))  # noqa: S608
        pairs = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2)
        return Answer.of_pairs(self._count, pairs[:, 0], pairs[:, 1])

    def close(self) -> None:
        """Leave the server as it was."""
        self._held.close()

    async def _connect(self) -> Any:
        connection = await self._engine.connect()
        self._held.callback(lambda: self._runner.run(connection.close()))
        pooled = await connection.get_raw_connection()
        return pooled.driver_connection

    def _copy(self, table: str, records: Iterable[tuple[object, ...]]) -> None:
        self._run(self._driver.copy_records_to_table(table, records=records))

    def _run(self, work: Any) -> Any:
        return self._runner.run(work)
