"""The least that takes a report durably: one endpoint, one row, the grid asked of PostGIS.

What Wangge's intake is measured against; see ``api.bench.intake``. Run by
``uvicorn --factory api.bench.bare_intake:create_app`` with the settings of the scratch city.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from pydantic import BaseModel

from api.settings import read_settings
from gis.store.engine import schema_of

TABLES = """
    CREATE TABLE bare_grids AS
        SELECT grids.code, geometry FROM grid_versions JOIN grids ON grids.id = grid_id;
    CREATE INDEX ON bare_grids USING gist (geometry);
    ANALYZE bare_grids;
    CREATE TABLE bare_reports (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        lng float8, lat float8, category text, description text, grid text,
        received_at timestamptz DEFAULT now())
"""
INSERT = """
    INSERT INTO bare_reports (lng, lat, category, description, grid)
    SELECT $1, $2, $3, $4, (
        SELECT code FROM bare_grids
        WHERE ST_Intersects(geometry, ST_SetSRID(ST_MakePoint($1, $2), 4326))
        ORDER BY code LIMIT 1)
    RETURNING id, grid
"""
CONNECTIONS = 8


class BareReport(BaseModel):
    """A point in WGS84 degrees, and words."""

    lng: float
    lat: float
    category: str
    description: str


class BareReceived(BaseModel):
    """The row's id and the code of its grid."""

    id: int
    grid: str | None


def create_app() -> FastAPI:
    """The endpoint, with a pool of as many connections as the load has."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        settings = read_settings()
        async with asyncpg.create_pool(
            settings.database_url,
            min_size=CONNECTIONS,
            max_size=CONNECTIONS,
            server_settings={"search_path": f"{schema_of(settings.city)}, public"},
        ) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/api/reports", status_code=201)
    async def post_report(request: Request, report: BareReport) -> BareReceived:
        pool: Any = request.app.state.pool
        async with pool.acquire() as connection:
            row = await connection.fetchrow(
                INSERT, report.lng, report.lat, report.category, report.description
            )
        return BareReceived(id=row["id"], grid=row["grid"])

    return app
