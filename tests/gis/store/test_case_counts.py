"""Counts of the store against counting the same cases in pandas."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import pytest_asyncio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.cells import CASE_RESOLUTION, cells_of, parents
from gis.errors import BadInput
from gis.store.case_counts import (
    ByCell,
    ByClock,
    BySpan,
    ByTodaysGrid,
    ByWord,
    Counted,
    Key,
    count_all,
    count_by,
)
from gis.store.case_filter import CaseFilter
from gis.store.cases import list_cases
from gis.store.engine import CityEngine, Transaction
from gis.store.tables.cases import CASE_KINDS, CASE_STATES, CHANNELS
from tests.counted_cases import CATEGORIES, random_cases, store_city
from tests.databases import rolled_back
from tests.small_city import SOUTH, WEST

# Clocks that change by an hour, by half an hour, in the middle of Ramadan, and not at all.
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
DAYS = tuple(pd.date_range("2024-10-26", "2026-11-22", freq="9h", tz="UTC"))
CASES = random_cases(1, 300)
FEW = settings(
    max_examples=max(settings().max_examples // 3, 1),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def some(words: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(words), max_size=4, unique=True).map(tuple)


@st.composite
def filters(draw: st.DrawFn) -> CaseFilter:
    """A filter of any of its parts."""
    first, last = draw(st.sampled_from(DAYS)), draw(st.sampled_from(DAYS))
    corner = st.tuples(st.floats(WEST - 0.01, WEST + 0.04), st.floats(SOUTH - 0.01, SOUTH + 0.04))
    x, y = draw(corner), draw(corner)
    triangle = (x, y, draw(corner))
    drawn = shapely.Polygon(triangle)
    near = cells_of([x[0], y[0]], [y[1], x[1]], draw(st.integers(5, CASE_RESOLUTION)))
    return CaseFilter(
        states=draw(some(CASE_STATES)),
        kinds=draw(some(CASE_KINDS)),
        categories=draw(some(CATEGORIES)),
        channels=draw(some(CHANNELS)),
        hours=draw(st.just(()) | some(range(24))),
        weekdays=draw(st.just(()) | some(range(1, 8))),
        zone=draw(st.sampled_from(ZONES)),
        occurred_from=draw(st.sampled_from([None, first.to_pydatetime()])),
        occurred_to=draw(st.sampled_from([None, last.to_pydatetime()])),
        within=triangle if draw(st.booleans()) and drawn.area > 1e-9 else (),
        cells=draw(st.sampled_from([(), (), (int(near[0]),), tuple(map(int, near))])),
        held=draw(st.booleans()),
    )


def held_by(cases: pd.DataFrame, wanted: CaseFilter) -> pd.DataFrame:
    """The cases of a filter, one condition after the other."""
    local = cases["occurred_at"].dt.tz_convert(wanted.zone)
    kept = pd.Series(True, index=cases.index)
    for column, words in (
        (cases["state"], wanted.states),
        (cases["kind"], wanted.kinds),
        (cases["category"], wanted.categories),
        (cases["channel"], wanted.channels),
        (local.dt.hour, wanted.hours),
        (local.dt.day_of_week + 1, wanted.weekdays),
    ):
        if words:
            kept &= column.isin(words)
    if wanted.occurred_from:
        kept &= cases["occurred_at"] >= wanted.occurred_from
    if wanted.occurred_to:
        kept &= cases["occurred_at"] < wanted.occurred_to
    if wanted.within:
        points = shapely.points(cases["lng"], cases["lat"])
        kept &= np.asarray(shapely.covers(shapely.Polygon(wanted.within), points))
    if wanted.cells:
        resolution = wanted.cells[0] >> 52 & 0xF
        kept &= np.isin(cell_column(cases, resolution), wanted.cells)
    if not wanted.held:
        kept &= ~cases["held"]
    return cases[kept]


def cell_column(cases: pd.DataFrame, resolution: int) -> pd.Series:
    own = cells_of(cases["lng"], cases["lat"], CASE_RESOLUTION)
    return pd.Series(parents(own, resolution).astype(np.int64), cases.index)


def column(cases: pd.DataFrame, key: Key, zone: str) -> Any:
    """The key of each case."""
    local = cases["occurred_at"].dt.tz_convert(zone).dt.tz_localize(None)
    match key:
        case ByCell(resolution):
            return cell_column(cases, resolution)
        case ByWord(word):
            return cases[word]
        case ByClock("hour"):
            return local.dt.hour
        case ByClock("weekday"):
            return local.dt.day_of_week + 1
        case ByClock("day"):
            return local.dt.floor("D").astype("datetime64[s]").astype(np.int64) // 86_400
        case BySpan(edges):
            past = [cases["occurred_at"] >= edge for edge in edges]
            return sum(past, pd.Series(0, cases.index))
        case _:
            monday = local.dt.floor("D") - pd.to_timedelta(local.dt.day_of_week, unit="D")
            return monday.astype("datetime64[s]").astype(np.int64) // 86_400


KEYS: list[Key] = [
    *(ByCell(resolution) for resolution in (0, 7, 9, 11)),
    *(ByWord(word) for word in ("category", "kind", "channel", "state")),
    *(ByClock(unit) for unit in ("hour", "weekday", "day", "week")),
    # Of many edges, of one that is the instant of a case, and of none.
    BySpan(tuple(instant.to_pydatetime() for instant in DAYS[::50])),
    BySpan((CASES["occurred_at"][7].to_pydatetime(),)),
    BySpan(()),
]


@pytest_asyncio.fixture(scope="module")
async def city(engine: CityEngine) -> AsyncIterator[Transaction]:
    """The cases below, stored."""
    async with rolled_back(engine) as tx:
        await store_city(tx, CASES)
        yield tx


@FEW
@given(wanted=filters(), key=st.sampled_from(KEYS))
async def test_every_count_is_that_of_the_cases_one_by_one(
    city: Transaction, wanted: CaseFilter, key: Key
) -> None:
    kept = held_by(CASES, wanted)
    assert await count_all(city, wanted) == len(kept)
    listed = await list_cases(city, wanted, after=None, limit=500)
    assert {case.number for case in listed} == set(kept["number"])
    found = await count_by(city, wanted, key)
    by_key = dict(zip(found.keys[0].tolist(), found.counts.tolist(), strict=True))
    assert by_key == column(kept, key, wanted.zone).value_counts().to_dict()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("key", KEYS, ids=str)
async def test_all_cases_are_counted_by_each_key(city: Transaction, key: Key, zone: str) -> None:
    found = await count_by(city, CaseFilter(held=True, zone=zone), key)
    by_key = dict(zip(found.keys[0].tolist(), found.counts.tolist(), strict=True))
    assert by_key == column(CASES, key, zone).value_counts().to_dict()


@FEW
@given(wanted=filters(), two=st.lists(st.sampled_from(KEYS), min_size=2, max_size=2))
async def test_two_keys_count_each_pair(
    city: Transaction, wanted: CaseFilter, two: list[Key]
) -> None:
    found = await count_by(city, wanted, *two)
    kept = held_by(CASES, wanted)
    columns = [column(kept, key, wanted.zone).tolist() for key in two]
    assert _pairs(found) == Counter(zip(*columns, strict=True))


async def test_of_some_cells_only_their_own_cases_are_counted(city: Transaction) -> None:
    every = await count_by(city, CaseFilter(), ByCell(8), ByWord("category"))
    for count in (0, 1, 3):
        some_cells = tuple(np.unique(every.keys[0])[:count].tolist())
        found = await count_by(city, CaseFilter(), ByCell(8, some_cells), ByWord("category"))
        kept = np.isin(every.keys[0], some_cells)
        assert _pairs(found) == {
            pair: n for pair, n, known in zip(*_columns(every), kept, strict=True) if known
        }


async def test_an_hour_that_a_clock_shows_twice_holds_both(tx: Transaction) -> None:
    cases = random_cases(0, 4)
    cases["occurred_at"] = pd.to_datetime(
        # 1:30 of summer, 1:30 of winter, 2:30; in spring 1:59 is followed by 3:00.
        ["2024-11-03T05:30Z", "2024-11-03T06:30Z", "2024-11-03T07:30Z", "2025-03-09T07:00Z"]
    ).astype("datetime64[ns, UTC]")
    cases["held"] = False
    await store_city(tx, cases)
    found = await count_by(tx, CaseFilter(zone="America/New_York"), ByClock("hour"))
    assert dict(zip(found.keys[0].tolist(), found.counts.tolist(), strict=True)) == {
        1: 2, 2: 1, 3: 1,
    }  # fmt: skip


async def test_no_case_is_no_key(tx: Transaction) -> None:
    for key in (*KEYS, ByTodaysGrid()):
        found = await count_by(tx, CaseFilter(), key)
        assert len(found.counts) == len(found.keys[0]) == 0


def _columns(found: Counted) -> tuple[list[tuple[Any, ...]], list[int]]:
    return list(zip(*(keys.tolist() for keys in found.keys), strict=True)), found.counts.tolist()


def _pairs(found: Counted) -> dict[tuple[Any, ...], int]:
    return dict(zip(*_columns(found), strict=True))


def test_no_case_has_a_cell_finer_than_its_own() -> None:
    with pytest.raises(BadInput, match="resolution 11") as refusal:
        ByCell(12)
    assert refusal.value.code == "resolution_too_fine"


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": ("pigeon",)},
        {"hours": (24,)},
        {"weekdays": (0,)},
        {"within": ((121.0, 30.0), (121.1, 30.0))},
        {"within": ((121.0, 30.0), (121.1, 30.1), (121.1, 30.0), (121.0, 30.1))},
        {"within": ((121.0, 30.0), (float("nan"), 30.0), (121.1, 30.1))},
        {"within": ((121.0, 30.0), (181.0, 30.0), (121.1, 30.1))},
        {"cells": (5,)},
        {"cells": (-1,)},
        {"cells": (2**63,)},
        {"cells": (int(cells_of([121.0], [30.0], 12)[0]),)},
        {"cells": tuple(range(1_001))},
    ],
)
def test_a_filter_that_makes_no_sense_names_its_field(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as refusal:
        CaseFilter(**wrong)
    assert refusal.value.where["field"]
