"""Three things that go wrong in the demo city, told nowhere but in its reports.

- Abandoned vehicles pile up in one quarter, more every week.
- The fire lane of one market is blocked every weekend morning.
- Noise moves along a road, a stretch further every week.

The seed chooses places and times. ``stories`` says where and when they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.demo.plane import METRES_PER_LAT, METRES_PER_LNG
from api.demo.scatter import moved, points_in

TOWN = ("330281001", "330281002", "330281003", "330281004")

VEHICLE_WEEKS = (9, 13)
VEHICLES_A_WEEK_AT_LAST = 26.0
MARKET_WEEKS = (20, 30)
BLOCKED_A_DAY = 2.6
BLOCKED_FROM_HOUR, BLOCKED_HOURS = 7.0, 4.0
NOISE_WEEKS = (8, 11)
NOISE_A_WEEK, NOISE_STEP_M = 17, 190.0
NOISE_HOURS = (20.5, 3.0)
REACH_M = 22.0


@dataclass(frozen=True)
class Story:
    """One story: what is reported, and ``places``, a row for each place and time it is at.

    Columns of ``places``: ``lng, lat`` (degrees), ``reach_m``, ``start``, ``end`` (aware,
    ``[start, end)``). ``area`` is the code of the grid or community it is about, or None.
    """

    name: str
    category: str
    area: str | None
    places: pd.DataFrame
    reports: pd.DataFrame


def stories(
    grids: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, *, seed: int, now: datetime
) -> list[Story]:
    """The stories of a seed up to today; ``now`` is aware, in the city's zone.

    ``roads`` are the shapes of ``background_shapes``. ``reports`` of each has the columns
    ``lng, lat, occurred_at``.
    """
    rng = np.random.default_rng([seed, 5])
    return [_vehicles(rng, grids, now), _market(rng, grids, now), _noise(rng, roads, now)]


def _vehicles(rng: np.random.Generator, grids: gpd.GeoDataFrame, now: datetime) -> Story:
    in_town = grids[grids["township"].isin(TOWN) & (grids["kind"] == "base")]
    quarter = str(rng.choice(sorted(in_town["community"].unique())))
    shape = shapely.coverage_union_all(in_town.geometry[in_town["community"] == quarter].to_numpy())
    weeks = int(rng.integers(*VEHICLE_WEEKS))
    start = _midnight(now) - timedelta(weeks=weeks)
    seconds = weeks * 7 * 86_400
    count = int(VEHICLES_A_WEEK_AT_LAST * weeks / 2)
    # Twice as far on, twice as many: the root of an even number grows in a line.
    since = np.sqrt(rng.random(count)) * seconds
    lng, lat = points_in(rng, np.full(count, shape, dtype=object))
    middle = shape.representative_point()
    west, south, east, north = shape.bounds
    reach_m = float(np.hypot((east - west) * METRES_PER_LNG, (north - south) * METRES_PER_LAT)) / 2
    return Story(
        "vehicles",
        "abandoned_vehicle",
        quarter,
        _places([(middle.x, middle.y, reach_m, start, now)]),
        _reports(lng, lat, start, since),
    )


def _market(rng: np.random.Generator, grids: gpd.GeoDataFrame, now: datetime) -> Story:
    markets = grids[grids["name"].str.endswith("农贸市场")]
    market = markets.iloc[int(rng.integers(len(markets)))]
    # The lane lies along one side of the market.
    lane = market.geometry.exterior.interpolate(float(rng.random()), normalized=True)
    weeks = int(rng.integers(*MARKET_WEEKS))
    monday = _midnight(now) - timedelta(days=now.weekday())
    start = monday - timedelta(weeks=weeks)
    day = np.repeat(np.arange(weeks + 1) * 7, 2) + np.tile([5, 6], weeks + 1)
    day = day[day <= weeks * 7 + now.weekday()]
    day = np.repeat(day, 1 + rng.poisson(BLOCKED_A_DAY - 1, len(day)))
    hour = BLOCKED_FROM_HOUR + rng.beta(2, 2.5, len(day)) * BLOCKED_HOURS
    lng, lat = moved(rng, np.full(len(day), lane.x), np.full(len(day), lane.y), REACH_M)
    return Story(
        "market",
        "fire_lane_blocked",
        str(market["code"]),
        _places([(lane.x, lane.y, 4 * REACH_M, start, now)]),
        _reports(lng, lat, start, day * 86_400 + hour * 3_600),
    )


def _noise(rng: np.random.Generator, roads: gpd.GeoDataFrame, now: datetime) -> Story:
    named = roads[roads["name_zh"].isin(["余马线", "南环路", "北环路"])]
    road = named.geometry.iloc[int(rng.integers(len(named)))]
    weeks = int(rng.integers(*NOISE_WEEKS))
    way_m = road.length * METRES_PER_LNG
    first_m = float(rng.uniform(0.25 * way_m, 0.75 * way_m - NOISE_STEP_M))
    ahead = 1 if first_m < way_m / 2 else -1
    start = _midnight(now) - timedelta(weeks=weeks)
    places, lng, lat, since = [], [], [], []
    for week in range(weeks):
        at = road.interpolate((first_m + ahead * week * NOISE_STEP_M) / METRES_PER_LNG)
        begins = start + timedelta(weeks=week)
        places.append((at.x, at.y, 4 * REACH_M, begins, begins + timedelta(weeks=1)))
        count = int(rng.poisson(NOISE_A_WEEK))
        evening = (
            rng.integers(0, 7, count) * 24 + NOISE_HOURS[0] + rng.random(count) * NOISE_HOURS[1]
        )
        east, north = moved(rng, np.full(count, at.x), np.full(count, at.y), REACH_M)
        lng.append(east)
        lat.append(north)
        since.append((week * 7 * 24 + evening) * 3_600)
    return Story(
        "noise",
        "noise",
        None,
        _places(places),
        _reports(np.concatenate(lng), np.concatenate(lat), start, np.concatenate(since)),
    )


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _places(rows: list[tuple[float, float, float, datetime, datetime]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["lng", "lat", "reach_m", "start", "end"])


def _reports(
    lng: np.ndarray, lat: np.ndarray, start: datetime, since_s: np.ndarray
) -> pd.DataFrame:
    occurred = pd.Timestamp(start) + pd.to_timedelta(np.floor(since_s), unit="s")
    return pd.DataFrame({"lng": lng, "lat": lat, "occurred_at": occurred})
