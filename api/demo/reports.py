"""Made-up reports for the demo city: a month of them, as a file would bring them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

REPORT_COUNT = 6_000
DAYS = 30
CHANNELS = {"web": 0.35, "contributor": 0.2, "staff": 0.3, "hotline": 0.15}
# Hour weights 0–23: few at night, two humps by day.
HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 12, 13, 11, 9, 8, 9, 11, 12, 11, 10, 9, 8, 6, 4, 3, 2)
OPEN_STATES = {"received": 0.2, "registered": 0.15, "dispatched": 0.25, "handling": 0.2,
               "suspended": 0.05, "fed_back": 0.15}  # fmt: skip
SETTLED_AFTER_DAYS = 5


def generate_reports(
    grids: gpd.GeoDataFrame, categories: Sequence[str], *, seed: int, now: datetime
) -> pd.DataFrame:
    """Columns ``id, lng, lat, category, channel, state, urgency, occurred_at``, oldest first.

    Points lie in the grids (small, dense ones get as many as large ones); the
    older a report the likelier it is closed. ``now`` is in the city's zone;
    nothing is later.
    """
    rng = np.random.default_rng([seed, 2])
    chosen = rng.integers(0, len(grids), REPORT_COUNT)
    lng, lat = _points_in(rng, grids.geometry.to_numpy()[chosen])
    age_s = _ages_s(rng, now)
    weight = 1 / (1 + np.arange(len(categories)))
    settled = rng.random(REPORT_COUNT) < np.clip(age_s / 86_400 / SETTLED_AFTER_DAYS, 0.05, 0.985)
    frame = pd.DataFrame(
        {
            "lng": lng,
            "lat": lat,
            "category": rng.choice(list(categories), REPORT_COUNT, p=weight / weight.sum()),
            "channel": rng.choice(list(CHANNELS), REPORT_COUNT, p=list(CHANNELS.values())),
            "state": np.where(
                settled,
                "closed",
                rng.choice(list(OPEN_STATES), REPORT_COUNT, p=list(OPEN_STATES.values())),
            ),
            "urgency": np.where(rng.random(REPORT_COUNT) < 0.08, "urgent", "normal"),
            "occurred_at": pd.Timestamp(now).floor("s")
            - pd.to_timedelta(age_s.astype(int), unit="s"),
        }
    )
    frame = frame.sort_values("occurred_at", kind="stable").reset_index(drop=True)
    frame.insert(0, "id", [f"demo-{seed}-{number:05d}" for number in range(1, len(frame) + 1)])
    return frame


def _points_in(
    rng: np.random.Generator, polygons: NDArray[np.object_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A random point in each polygon: tried in its box until it falls inside."""
    west, south, east, north = shapely.bounds(polygons).T
    lng, lat = np.empty(len(polygons)), np.empty(len(polygons))
    left = np.arange(len(polygons))
    while len(left):
        lng[left] = rng.uniform(west[left], east[left])
        lat[left] = rng.uniform(south[left], north[left])
        left = left[~shapely.contains_xy(polygons[left], lng[left], lat[left])]
    return np.round(lng, 7), np.round(lat, 7)


def _ages_s(rng: np.random.Generator, now: datetime) -> NDArray[np.float64]:
    """Seconds before now, by the hour of day; none in the future."""
    hours = np.array(HOURS) / sum(HOURS)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = rng.integers(0, DAYS, REPORT_COUNT)
    second = rng.choice(24, REPORT_COUNT, p=hours) * 3600 + rng.uniform(0, 3600, REPORT_COUNT)
    age = (now - midnight) / timedelta(seconds=1) + day * 86_400 - second
    return np.where(age < 0, age + 86_400 * DAYS, age)
