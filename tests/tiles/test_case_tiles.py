from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from tests.tiles.decoding import Feature, decoded, tile_of, tiles_over
from tests.tiles.made_cases import CATEGORIES, FIRST, add_cases, case_frame
from tiles.case_tiles import MOST_SPOTS, SINGLE_CASES_FROM_ZOOM
from tiles.layers import get_layer
from tiles.mvt import render

CASES = get_layer("cases")
ALL_CASES = CaseFilter()
WEST, SOUTH, EAST, NORTH = 121.0, 30.0, 121.4, 30.3
TILE_13 = tile_of(121.2, 30.2, 13)


async def spots_of(
    tx: Transaction, tile: tuple[int, int, int], wanted: CaseFilter = ALL_CASES
) -> list[Feature]:
    return decoded(await render(tx, CASES, *tile, None, wanted)).get("cases", [])


def scattered(count: int, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return case_frame(random.uniform(WEST, EAST, count), random.uniform(SOUTH, NORTH, count))


def tiles_of(cases: pd.DataFrame, zoom: int) -> list[tuple[int, int, int]]:
    """The tile that each case lies in."""
    return [tile_of(lng, lat, zoom) for lng, lat in cases[["lng", "lat"]].to_numpy(float)]


def north_of_row(z: int, y: int) -> float:
    """Latitude of the upper border of a row of tiles."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / 2**z))))


def inside(tile: tuple[int, int, int], across: Any, down: Any) -> tuple[Any, Any]:
    """Places (degrees) at shares of the tile's width from the west, height from the north."""
    z, x, y = tile
    north, south = north_of_row(z, y), north_of_row(z, y + 1)
    return (x + across) * 360 / 2**z - 180, north + down * (south - north)


@pytest.mark.parametrize("zoom", [4, 9, 11, 12, 13, 14])
async def test_every_case_is_counted_in_the_tile_it_lies_in_and_in_no_other(
    tx: Transaction, zoom: int
) -> None:
    cases = scattered(1_000)
    await add_cases(tx, cases)
    expected = Counter(tiles_of(cases, zoom))
    counted = {
        tile: sum(spot.properties["n"] for spot in await spots_of(tx, tile))
        for tile in tiles_over(WEST, SOUTH, EAST, NORTH, zoom)
    }
    assert {tile: n for tile, n in counted.items() if n} == expected


@pytest.mark.parametrize("zoom", [9, 12, 13, 16])
async def test_a_case_on_the_border_of_tiles_is_in_one_of_them(tx: Transaction, zoom: int) -> None:
    z, x, y = tile_of(121.2, 30.2, zoom)
    border, upper = x * 360 / 2**z - 180, north_of_row(z, y)
    steps = [0.0, 1e-9, -1e-9, 1e-7, -1e-7]
    lng, lat = zip(*[(border + a, upper + b) for a in steps for b in steps], strict=True)
    await add_cases(tx, case_frame(np.array(lng), np.array(lat)))
    counts = [
        spot.properties["n"]
        for column in (x - 1, x)
        for row in (y - 1, y)
        for spot in await spots_of(tx, (z, column, row))
    ]
    assert sum(counts) == len(lng)


async def test_a_tile_counts_what_its_four_children_count(tx: Transaction) -> None:
    await add_cases(tx, scattered(1_000))
    z, x, y = tile_of(121.2, 30.2, 11)
    whole = sum(spot.properties["n"] for spot in await spots_of(tx, (z, x, y)))
    quarters = [
        spot.properties["n"]
        for column in (2 * x, 2 * x + 1)
        for row in (2 * y, 2 * y + 1)
        for spot in await spots_of(tx, (z + 1, column, row))
    ]
    assert whole == sum(quarters) > 0


async def test_far_out_cases_are_gathered_by_a_thirty_second_of_a_tile(tx: Transaction) -> None:
    await add_cases(tx, scattered(3_000))
    spots = await spots_of(tx, tile_of(121.2, 30.2, SINGLE_CASES_FROM_ZOOM - 1))
    cells = [(spot.geometry.x // 128, spot.geometry.y // 128) for spot in spots]
    assert len(set(cells)) == len(cells) > 32
    assert all(0 <= spot.geometry.x <= 4095 and 0 <= spot.geometry.y <= 4095 for spot in spots)


async def test_a_spot_of_several_cases_counts_them_by_state(tx: Transaction) -> None:
    lng, lat = inside(TILE_13, 0.5, 0.5)
    await add_cases(tx, case_frame(np.full(500, lng), np.full(500, lat)))
    (spot,) = await spots_of(tx, TILE_13)
    assert spot.properties == {"n": 500, "received": 167, "handling": 167, "closed": 166}
    assert not spot.id


async def test_a_single_case_carries_its_number_and_state(tx: Transaction) -> None:
    cases = scattered(300)
    await add_cases(tx, cases)
    within = cases[[tile == TILE_13 for tile in tiles_of(cases, 13)]]
    columns = [within[column] for column in ("number", "state", "urgency", "category")]
    expected = {number: tuple(values) for number, *values in zip(*columns, strict=True)}
    spots = await spots_of(tx, TILE_13)
    assert {
        spot.properties["number"]: tuple(
            spot.properties[key] for key in ("state", "urgency", "category")
        )
        for spot in spots
    } == expected
    assert all(spot.id == spot.properties["number"] for spot in spots)
    assert all(set(spot.properties) <= set(CASES.fields) for spot in spots)


async def test_a_single_case_stands_where_it_happened(tx: Transaction) -> None:
    await add_cases(tx, case_frame(*(np.array([value]) for value in inside(TILE_13, 0.25, 0.5))))
    (spot,) = await spots_of(tx, TILE_13)
    assert spot.geometry.x == pytest.approx(0.25 * 4096, abs=1)
    assert spot.geometry.y == pytest.approx(0.5 * 4096, abs=1)


async def test_more_places_than_a_tile_may_hold_are_gathered(tx: Transaction) -> None:
    random = np.random.default_rng(8)
    count = MOST_SPOTS + 500
    lng, lat = inside(TILE_13, random.uniform(0.01, 0.99, count), random.uniform(0.01, 0.99, count))
    await add_cases(tx, case_frame(np.asarray(lng), np.asarray(lat)))
    spots = await spots_of(tx, TILE_13)
    assert len(spots) <= 32 * 32
    assert sum(spot.properties["n"] for spot in spots) == count


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (CaseFilter(states=("closed",)), "state == 'closed'"),
        (CaseFilter(states=("closed", "handling")), "state in ('closed', 'handling')"),
        (CaseFilter(hidden=CATEGORIES[1:]), "category not in ('noise', '噪声')"),
        (CaseFilter(kinds=("dispute",)), "kind == 'dispute'"),
        (CaseFilter(categories=CATEGORIES[1:]), "category in ('noise', '噪声')"),
        (CaseFilter(categories=('it\'s "none"',)), "number < 0"),
        (CaseFilter(occurred_from=FIRST + timedelta(hours=10)), "number > 10"),
        (CaseFilter(occurred_to=FIRST + timedelta(hours=10)), "number <= 10"),
        (
            CaseFilter(
                kinds=("event",),
                states=("received",),
                occurred_from=FIRST + timedelta(hours=20),
                occurred_to=FIRST + timedelta(hours=200),
            ),
            "20 < number <= 200 and kind == 'event' and state == 'received'",
        ),
        (CaseFilter(grid="no such grid"), "number < 0"),
    ],
)
@pytest.mark.parametrize("zoom", [6, 13])
async def test_filters_choose_the_cases(
    tx: Transaction, wanted: CaseFilter, kept: str, zoom: int
) -> None:
    cases = scattered(300)
    await add_cases(tx, cases)
    tile = tile_of(121.2, 30.2, zoom)
    expected = tiles_of(cases.query(kept), zoom).count(tile)
    spots = await spots_of(tx, tile, wanted)
    assert sum(spot.properties["n"] for spot in spots) == expected
