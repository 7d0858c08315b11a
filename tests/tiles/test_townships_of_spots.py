"""Far out, a spot's cases are of one township: so its ring on the map counts its own."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sqlalchemy import text

from gis.store.engine import Transaction
from tests.tiles.conftest import PublishedCity
from tests.tiles.decoding import decoded, tiles_over
from tests.tiles.made_cases import add_cases, case_frame
from tests.tiles.small_city import SOUTH, WEST
from tiles.layers import get_layer
from tiles.mvt import render

EAST, NORTH = WEST + 0.2, SOUTH + 0.2


async def add_placed_cases(tx: Transaction, version_id: int) -> None:
    random = np.random.default_rng(8)
    places = random.uniform((WEST, SOUTH), (EAST, NORTH), (600, 2))
    await add_cases(tx, case_frame(*places.T))
    await tx.execute(
        text(
            "UPDATE cases SET today_grid_id = (SELECT min(grid_id) FROM grid_versions"
            " WHERE version_id = :version AND ST_Intersects(geometry, point))"
        ),
        {"version": version_id},
    )


async def in_each_township(tx: Transaction, version_id: int) -> Counter[str]:
    """How many cases each township has; "" is none."""
    rows = await tx.execute(
        text(
            "SELECT coalesce(townships.code, '') AS township, count(*) AS n FROM cases"
            " LEFT JOIN (SELECT grid_id AS id, township_id FROM grid_versions"
            "   JOIN community_versions USING (version_id, community_id)"
            "   WHERE version_id = :version) AS part ON part.id = today_grid_id"
            " LEFT JOIN townships ON townships.id = township_id GROUP BY 1"
        ),
        {"version": version_id},
    )
    return Counter({row.township: row.n for row in rows})


@pytest.mark.parametrize("zoom", [6, 9, 12])
async def test_far_out_each_township_counts_its_own_cases(city: PublishedCity, zoom: int) -> None:
    await add_placed_cases(city.tx, city.version_id)
    counted: Counter[str] = Counter()
    for tile in tiles_over(WEST, SOUTH, EAST, NORTH, zoom):
        mvt = await render(city.tx, get_layer("cases"), *tile, city.version_id)
        for spot in decoded(mvt).get("cases", []):
            counted[spot.properties.get("township", "")] += spot.properties["n"]
    expected = await in_each_township(city.tx, city.version_id)
    assert len(expected) > 3
    assert counted == expected


async def test_close_by_a_spot_is_one_place_whatever_lies_around(city: PublishedCity) -> None:
    await add_placed_cases(city.tx, city.version_id)
    for tile in tiles_over(WEST, SOUTH, WEST + 0.05, SOUTH + 0.05, 13):
        mvt = await render(city.tx, get_layer("cases"), *tile, city.version_id)
        for spot in decoded(mvt).get("cases", []):
            assert "township" not in spot.properties
