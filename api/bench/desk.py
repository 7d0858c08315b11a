"""What the desk asks, timed on a full city: its list, counts, map and figures.

Every query goes through the functions the routes call, each in a transaction of its own,
and nothing is kept between two of the same: tiles are rendered, not taken from a cache.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from api.bench.desk_city import fill
from api.bench.scratch_city import scratch_city
from api.profile import CityProfile
from api.routes.cases import COUNT_CAP
from api.routes.queries import PAGE_ROWS
from gis.store.case_filter import CaseFilter
from gis.store.cases import count_cases, list_cases
from gis.store.desk import desk_figures
from gis.store.engine import CityEngine, Transaction, transaction
from gis.store.received import KEPT_S, PastDays
from gis.store.tables.cases import OPEN_STATES
from tiles.case_memory import CaseMemory
from tiles.layers import get_layer
from tiles.mvt import render

CITY = "bench_desk"
LIMIT_MS = 100.0
ZOOMS = range(8, 17)
# Half the width of a view in degrees: the city, a town, a street.
VIEWS = {"city": 0.5, "town": 0.05, "street": 0.005}

ALL = CaseFilter()
OPEN = CaseFilter(states=OPEN_STATES)
Query = Callable[[Transaction], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one query over its runs, transaction included."""

    query: str
    runs: int
    p50_ms: float
    p95_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class Sample:
    """What the queries are asked about: cases drawn at random, one township, the sensitive."""

    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    occurred_at: list[datetime]
    numbers: list[int]
    category: str
    township: frozenset[int]
    now: datetime


async def measure(
    url: str, profile: CityProfile, *, reports: int, grids: int, runs: int, seed: int, now: datetime
) -> list[Timing]:
    """Fill a scratch city, ask every query ``runs`` times, drop the city."""
    async with scratch_city(url, CITY) as engine:
        await fill(engine, profile, reports=reports, grids=grids, seed=seed, now=now)
        return await ask_all(engine, profile, runs=runs, seed=seed, now=now)


async def ask_all(
    engine: CityEngine, profile: CityProfile, *, runs: int, seed: int, now: datetime
) -> list[Timing]:
    """Time every query of the desk on a filled city."""
    async with transaction(engine) as tx:
        sample = await _sample(tx, runs, seed, now)
    asked = (*_lists(sample), *_tiles(sample, profile), *_figures(sample, profile))
    # As in a process that serves (api.served_app): a collection is no part of a query.
    gc.collect()
    gc.freeze()
    return [await _timed(engine, name, queries) for name, queries in asked]


async def _timed(engine: CityEngine, name: str, queries: list[Query]) -> Timing:
    spent = []
    # The first once more beforehand, so that no run pays for preparing its statement.
    for query in (queries[0], *queries):
        started = time.perf_counter()
        async with transaction(engine) as tx:
            await query(tx)
        spent.append(1_000 * (time.perf_counter() - started))
    p50, p95, most = np.percentile(spent[1:], [50, 95, 100])
    return Timing(name, len(queries), float(p50), float(p95), float(most))


def _lists(sample: Sample) -> Iterator[tuple[str, list[Query]]]:
    """Pages and counts of the filters that the desk's list offers."""
    day, week = sample.now - timedelta(days=1), sample.now - timedelta(days=7)
    month = sample.now - timedelta(days=30)
    filters: dict[str, list[CaseFilter]] = {
        "open": [OPEN],
        "open, last 7 days": [replace(OPEN, occurred_from=week)],
        "one open state": [CaseFilter(states=("suspended",))],
        "all": [ALL],
        "all, last 24 hours": [replace(ALL, occurred_from=day)],
        "all, last 30 days": [replace(ALL, occurred_from=month)],
        "all, a week of long ago": [
            replace(ALL, occurred_from=at, occurred_to=at + timedelta(days=7))
            for at in sample.occurred_at
        ],
        "closed": [CaseFilter(states=("closed",))],
        "rejected": [CaseFilter(states=("rejected",))],
        "a rare category": [CaseFilter(categories=(sample.category,))],
        "a rare category, open": [replace(OPEN, categories=(sample.category,))],
        "a township": [replace(ALL, within_grids=sample.township)],
        "a township, open": [replace(OPEN, within_grids=sample.township)],
    }
    for view, half in VIEWS.items():
        boxes = [
            (lng - half, lat - half, lng + half, lat + half)
            for lng, lat in zip(sample.lng.tolist(), sample.lat.tolist(), strict=True)
        ]
        filters[f"{view} view, open"] = [replace(OPEN, bbox=box) for box in boxes]
        filters[f"{view} view, all"] = [replace(ALL, bbox=box) for box in boxes]
    runs = len(sample.numbers)
    for name, wanted in filters.items():
        repeated = [wanted[run % len(wanted)] for run in range(runs)]
        yield f"list: {name}", [_page(each, None) for each in repeated]
        if name in {"open", "all", "closed", "a township", "town view, all"}:
            cursors = list(zip(sample.occurred_at, sample.numbers, strict=True))
            yield (
                f"list: {name}, further page",
                [_page(each, after) for each, after in zip(repeated, cursors, strict=True)],
            )
        yield f"count: {name}", [_count(each) for each in repeated]


def _tiles(sample: Sample, profile: CityProfile) -> Iterator[tuple[str, list[Query]]]:
    """Tiles around cases drawn at random: the fuller a tile, the oftener it is asked for."""
    hidden = profile.sensitive
    month = sample.now - timedelta(days=30)
    half_year = sample.now - timedelta(days=182)
    filters = {
        "open": replace(OPEN, hidden=hidden),
        "all": replace(ALL, hidden=hidden),
        "all, last 30 days": replace(ALL, hidden=hidden, occurred_from=month),
        "all, last 182 days": replace(ALL, hidden=hidden, occurred_from=half_year),
        "a rare category": replace(ALL, hidden=hidden, categories=(sample.category,)),
        "a township": replace(ALL, hidden=hidden, within_grids=sample.township),
    }
    memory = CaseMemory()
    for name, wanted in filters.items():
        for z in ZOOMS:
            addresses = zip(*tile_numbers(sample.lng, sample.lat, z), strict=True)
            yield f"tile z{z}: {name}", [_tile(z, x, y, wanted, memory) for x, y in addresses]


def _figures(sample: Sample, profile: CityProfile) -> Iterator[tuple[str, list[Query]]]:
    for name, wanted in {
        "the city": ALL,
        "a township": CaseFilter(within_grids=sample.township),
    }.items():
        queries = [_desk(wanted, sample.now, PastDays(), profile.zone) for _ in sample.numbers]
        yield f"desk figures: {name}, first of a process", queries
        ten_minutes_later = count(step=KEPT_S + 1)
        past = PastDays(clock=ten_minutes_later.__next__)
        again = _desk(wanted, sample.now, past, profile.zone)
        yield f"desk figures: {name}, first of ten minutes", [again] * len(sample.numbers)
        again = _desk(wanted, sample.now, PastDays(), profile.zone)
        yield f"desk figures: {name}", [again] * len(sample.numbers)


def tile_numbers(
    lng: NDArray[np.float64], lat: NDArray[np.float64], z: int
) -> tuple[list[int], list[int]]:
    """Columns and rows of the tiles that points (degrees) lie in."""
    x = np.floor((lng + 180) / 360 * 2**z).astype(int)
    y = np.floor((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**z).astype(int)
    return x.tolist(), y.tolist()


def _page(wanted: CaseFilter, after: tuple[datetime, int] | None) -> Query:
    return lambda tx: list_cases(tx, wanted, after=after, limit=PAGE_ROWS + 1)


def _count(wanted: CaseFilter) -> Query:
    return lambda tx: count_cases(tx, wanted, cap=COUNT_CAP + 1)


def _tile(z: int, x: int, y: int, wanted: CaseFilter, memory: CaseMemory) -> Query:
    return lambda tx: render(tx, get_layer("cases"), z, x, y, None, wanted, memory)


def _desk(wanted: CaseFilter, now: datetime, past: PastDays, zone: ZoneInfo) -> Query:
    return lambda tx: desk_figures(tx, wanted, past, now=now, zone=zone)


async def _sample(tx: Transaction, runs: int, seed: int, now: datetime) -> Sample:
    rng = np.random.default_rng([seed, 7])
    driver: Any = (await tx.get_raw_connection()).driver_connection
    last = await driver.fetchval("SELECT max(number) FROM cases")
    rows = await driver.fetch(
        "SELECT number, ST_X(point) AS lng, ST_Y(point) AS lat, occurred_at FROM cases"
        " WHERE number = ANY($1::bigint[]) ORDER BY number",
        rng.integers(1, last + 1, runs).tolist(),
    )
    category = await driver.fetchval(
        "SELECT category FROM cases GROUP BY category ORDER BY count(*), category LIMIT 1"
    )
    # The fullest township: the worst that a scope can be.
    township = await driver.fetchval(
        "SELECT array_agg(grid_id ORDER BY grid_id) FROM grid_versions"
        " JOIN community_versions USING (version_id, community_id)"
        " LEFT JOIN (SELECT today_grid_id AS grid_id, count(*) AS n FROM cases GROUP BY 1) AS c"
        " USING (grid_id) GROUP BY township_id ORDER BY sum(n) DESC LIMIT 1"
    )
    return Sample(
        np.array([row["lng"] for row in rows]),
        np.array([row["lat"] for row in rows]),
        [row["occurred_at"] for row in rows],
        [row["number"] for row in rows],
        category,
        frozenset(township),
        now,
    )
