"""A city for one measurement: empty or with made-up grids, and gone afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import geopandas as gpd
import pandas as pd

from api.bench.coverage import make_coverage
from api.profile import CityProfile
from api.publishing import publish_coverage
from boundaries.intake import measuring_crs
from gis.store.engine import CityEngine, open_engine, transaction
from gis.store.migrate import drop_city, migrate


@asynccontextmanager
async def scratch_city(url: str, city: str) -> AsyncIterator[CityEngine]:
    """An empty city, dropped before and after."""
    await drop_city(url, city)
    await migrate(url, city)
    engine = open_engine(url, city)
    try:
        yield engine
    finally:
        await engine.dispose()
        await drop_city(url, city)


@asynccontextmanager
async def gridded_city(
    url: str, city: str, profile: CityProfile, *, grids: int, seed: int
) -> AsyncIterator[tuple[CityEngine, gpd.GeoDataFrame]]:
    """A scratch city with a made-up coverage in force, and the coverage as a GridFrame."""
    frame = _made_frame(grids, seed)
    async with scratch_city(url, city) as engine:
        async with transaction(engine) as tx:
            await publish_coverage(
                tx,
                frame,
                profile=profile,
                now=datetime.now(UTC),
                actor="bench",
                crs=measuring_crs(frame),
            )
        yield engine, frame


def _made_frame(grids: int, seed: int) -> gpd.GeoDataFrame:
    """A made-up coverage of one community."""
    coverage = make_coverage(grids, seed)
    frame = pd.DataFrame({"code": list(coverage.codes), "name": list(coverage.codes)}).assign(
        kind="base",
        community="bench",
        community_name="bench",
        township="bench",
        township_name="bench",
    )
    return gpd.GeoDataFrame(frame, geometry=list(coverage.polygons), crs=4326)
