"""A scratch city as full as the desk must bear: a year of reports, a few days of them open."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from api.bench.coverage import REGION, Box, make_coverage
from api.locators import build_locator
from api.profile import CityProfile
from api.publishing import publish_coverage
from boundaries.intake import measuring_crs
from gis.store.engine import CityEngine, Transaction, transaction
from gis.store.grids import load_grids
from gis.store.reports import add_reports
from gis.store.tables.cases import OPEN_STATES

DAYS = 365
CHUNK_ROWS = 50_000
# Of every thousand reports of a year three are still open, most of them of the last days.
OPEN_SHARE = 0.003
OPEN_DAYS = 4.0
TOWN_SHARE, SEATS_SHARE = 0.45, 0.3
TOWN_DEGREES, SEAT_DEGREES = 0.02, 0.006
SEATS = 20
# Columns and rows of townships; each holds 4 × 4 communities.
TOWNSHIPS = (4, 5)
URGENT_SHARE = 0.06
STAFF = 16_800
DUTY_DAYS = 14


async def fill(
    engine: CityEngine,
    profile: CityProfile,
    *,
    reports: int,
    grids: int,
    seed: int,
    now: datetime,
    region: Box = REGION,
) -> None:
    """Publish a coverage and store ``reports`` reports of the year before ``now``, and staff."""
    frame = _frame(grids, seed, region)
    async with transaction(engine) as tx:
        published = await publish_coverage(
            tx,
            frame,
            profile=profile,
            now=now,
            actor="bench",
            crs=measuring_crs(frame),
        )
        locator = build_locator(
            published.version,
            await load_grids(tx, published.version.id),
            nearest_m=profile.nearest_m,
            metric=measuring_crs(frame).to_string(),
        )
    rows = await asyncio.to_thread(_reports, profile, reports, seed, now, region)
    placed = await asyncio.to_thread(
        locator.index.locate, rows["lng"].to_numpy(), rows["lat"].to_numpy()
    )
    inside = placed.grid >= 0
    grid_ids = pd.array(np.append(locator.grid_ids, -1)[placed.grid], dtype="Int64")
    rows["grid_id"] = rows["today_grid_id"] = grid_ids.copy()
    rows.loc[~inside, ["grid_id", "today_grid_id"]] = pd.NA
    rows["version_id"] = pd.array(np.where(inside, published.version.id, 0), dtype="Int64")
    rows.loc[~inside, "version_id"] = pd.NA
    rows["grid_reason"] = np.where(inside, "inside", "outside")
    for start in range(0, len(rows), CHUNK_ROWS):
        async with transaction(engine) as tx:
            await add_reports(tx, rows.iloc[start : start + CHUNK_ROWS])
    async with transaction(engine) as tx:
        await _add_staff(tx, now)
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute("VACUUM ANALYZE")


def _frame(grids: int, seed: int, region: Box) -> gpd.GeoDataFrame:
    """A coverage whose townships and communities are blocks of grids."""
    coverage = make_coverage(grids, seed, region)
    middle = shapely.get_coordinates(shapely.point_on_surface(coverage.polygons))
    west, south, east, north = region
    share = (middle - [west, south]) / [east - west, north - south]
    column, row = np.floor(share * TOWNSHIPS).astype(int).T
    inner = np.floor(share * np.multiply(TOWNSHIPS, 4)).astype(int)
    township = [f"T{c}{r}" for c, r in zip(column, row, strict=True)]
    community = [f"{above}-{c % 4}{r % 4}" for above, (c, r) in zip(township, inner, strict=True)]
    return gpd.GeoDataFrame(
        {
            "code": list(coverage.codes),
            "name": list(coverage.codes),
            "kind": "base",
            "community": community,
            "community_name": community,
            "township": township,
            "township_name": township,
        },
        geometry=list(coverage.polygons),
        crs=4326,
    )


def _reports(
    profile: CityProfile, count: int, seed: int, now: datetime, region: Box
) -> pd.DataFrame:
    """Rows for ``add_reports`` but for version and grid, in order of time."""
    rng = np.random.default_rng([seed, 6])
    age_days = np.sort(rng.uniform(0, DAYS, count))[::-1]
    is_open = rng.random(count) < OPEN_SHARE * DAYS / OPEN_DAYS * np.exp(-age_days / OPEN_DAYS)
    final = np.where(rng.random(count) < 0.93, "closed", "rejected")
    final = np.where(age_days > DAYS / 2, "historic", final)
    at = pd.Timestamp(now).floor("s") - pd.to_timedelta((age_days * 86_400).astype(int), unit="s")
    lng, lat = _places(rng, count, region)
    codes = list(profile.category)
    weight = 1 / (1 + np.arange(len(codes)))
    return pd.DataFrame(
        {
            "channel": "hotline",
            "external_id": [f"bench-{number}" for number in range(count)],
            "content_hash": [b""] * count,
            "category": rng.choice(codes, count, p=weight / weight.sum()),
            "kind": "event",
            "state": np.where(is_open, rng.choice(OPEN_STATES, count), final),
            "urgency": np.where(rng.random(count) < URGENT_SHARE, "urgent", "normal"),
            "occurred_at": at,
            "received_at": at,
            "client_time": at,
            "time_flag": None,
            "given_x": lng,
            "given_y": lat,
            "given_datum": "wgs84",
            "accuracy_m": np.nan,
            "lng": lng,
            "lat": lat,
            "staff_id": pd.array([pd.NA] * count, dtype="Int64"),
            "staff_role": None,
            "staff_rule": pd.array([pd.NA] * count, dtype="Int64"),
            "staff_row": pd.array([pd.NA] * count, dtype="Int64"),
        }
    )


def _places(
    rng: np.random.Generator, count: int, region: Box
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes: a dense town, the seats of townships, and the land between."""
    west, south, east, north = region
    corner, size = np.array([west, south]), np.array([east - west, north - south])
    seats = corner + size * rng.uniform(0.05, 0.95, (SEATS, 2))
    where = rng.random(count)
    town = corner + size / 2 + rng.normal(0, TOWN_DEGREES, (count, 2))
    seat = seats[rng.integers(0, SEATS, count)] + rng.normal(0, SEAT_DEGREES, (count, 2))
    land = corner + size * rng.random((count, 2))
    in_town, in_seat = where < TOWN_SHARE, where < TOWN_SHARE + SEATS_SHARE
    places = np.where(in_town[:, None], town, np.where(in_seat[:, None], seat, land))
    lng, lat = np.round(places, 7).T
    return lng, lat


async def _add_staff(tx: Transaction, now: datetime) -> None:
    """Somebody on duty in nine of ten grids now, a fortnight of shifts before and after."""
    driver: Any = (await tx.get_raw_connection()).driver_connection
    await driver.execute(
        "INSERT INTO staff (code, name) SELECT 's' || n, 's' || n FROM generate_series(1, $1) AS n",
        STAFF,
    )
    await driver.execute(
        "INSERT INTO duties (staff_id, role, grid_id, during)"
        " SELECT staff.id, 'worker', grids.id,"
        "  tstzrange(day + interval '-12 hours', day + interval '12 hours')"
        " FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM grids) AS grids"
        " JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM staff) AS staff USING (n)"
        " CROSS JOIN generate_series($1::timestamptz - make_interval(days => $2),"
        "  $1::timestamptz + make_interval(days => $2), interval '1 day') AS day"
        " WHERE n % 10 > 0",
        now,
        DUTY_DAYS,
    )
