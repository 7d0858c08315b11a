"""Counts split among the grids of a version, beside what shapely makes of them."""

from __future__ import annotations

from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import settings
from sqlalchemy import text

from gis.store.building_counts import count_totals, replace_counts
from gis.store.counts_by_grid import CountsByGrid, Figures, counts_by_grid
from gis.store.engine import Transaction
from tests.gis.store.counts_oracle import (
    FIGURES,
    OUTSIDE,
    buildings_among,
    counted,
    lattice_city,
    split_by_shapely,
)
from tests.small_city import NOON, SOUTH, STEP, WEST, nine_grids, publish_small_city

EXAMPLES = settings().max_examples // 20
MIDDLE_OF_G00 = shapely.Point(WEST + STEP / 2, SOUTH + STEP / 2)


def square(column: float, row: float, side: float = 1.0) -> shapely.Polygon:
    """A square of grids' sides, its lower left corner so many grids east and north."""
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(west, south, west + side * STEP, south + side * STEP)


async def publish(tx: Transaction, frame: gpd.GeoDataFrame | None = None, *, day: int = 0) -> int:
    at = NOON + timedelta(days=day)
    return (await publish_small_city(tx, at=at, frame=frame, allow_outline_change=True)).version.id


async def split(tx: Transaction, version_id: int, counts: gpd.GeoDataFrame) -> CountsByGrid:
    await replace_counts(tx, counts)
    return await counts_by_grid(tx, version_id)


async def codes_of(tx: Transaction, areas: str) -> dict[int, str]:
    rows = await tx.execute(text(f"SELECT id, code FROM {areas}"))
    return {row.id: row.code for row in rows}


async def by_code(tx: Transaction, found: CountsByGrid) -> pd.DataFrame:
    """Figures by code, those outside under ``OUTSIDE``."""
    codes = found.grids["grid_id"].map(await codes_of(tx, "grids"))
    figures = found.grids.set_index(codes)[FIGURES]
    figures.loc[OUTSIDE] = [found.outside.households, found.outside.population]
    return figures.sort_index()


@pytest.mark.parametrize("seed", range(EXAMPLES))
async def test_each_grid_has_what_shapely_finds_in_it(tx: Transaction, seed: int) -> None:
    frame = lattice_city(seed)
    counts = buildings_among(frame, seed)
    found = await by_code(tx, await split(tx, await publish(tx, frame), counts))
    expected = split_by_shapely(frame, counts)
    assert list(found.index) == list(expected.index)
    assert (found.isna() == expected.isna()).all(axis=None)
    # 1e-6 of the largest count over the polygons that meet a grid.
    np.testing.assert_allclose(
        found.to_numpy(float, na_value=-1), expected.to_numpy(float, na_value=-1), rtol=0, atol=0.05
    )


@pytest.mark.parametrize("seed", range(EXAMPLES))
async def test_nothing_is_lost_between_inside_and_outside(tx: Transaction, seed: int) -> None:
    frame = lattice_city(seed)
    found = await split(tx, await publish(tx, frame), buildings_among(frame, seed))
    totals = await count_totals(tx)
    for name, total in (("households", totals.households), ("population", totals.population)):
        # None where no building outside (or inside) has the figure.
        inside, outside = (getattr(part, name) or 0 for part in (found.inside, found.outside))
        assert inside + outside == pytest.approx(total, rel=1e-12)
        assert inside == pytest.approx(found.grids[name].sum(), rel=1e-12)


async def test_a_point_on_an_edge_counts_for_the_lowest_code(tx: Transaction) -> None:
    corner_of_four = shapely.Point(WEST + STEP, SOUTH + STEP)
    found = await by_code(tx, await split(tx, await publish(tx), counted([corner_of_four], [7])))
    assert found["households"].to_dict() == {
        **dict.fromkeys(found.index, 0.0),
        "g00": 7.0,
    }


async def test_a_polygon_over_a_corner_is_split_by_area(tx: Transaction) -> None:
    over = square(0.75, 0.75)
    found = await by_code(tx, await split(tx, await publish(tx), counted([over], [1600])))
    met = found["households"][found["households"] > 0]
    # 1 m² in the north is a little less of a degree: 1e-4 of the height over the earth's radius.
    assert met.to_dict() == pytest.approx(
        {"g00": 100, "g01": 300, "g10": 300, "g11": 900}, rel=2e-4
    )
    assert met["g00"] > 100


async def test_a_polygon_half_beyond_the_city_is_half_outside(tx: Transaction) -> None:
    found = await split(tx, await publish(tx), counted([square(-0.5, 1)], [9], [20]))
    for part in (found.inside, found.outside):
        assert (part.households, part.population) == pytest.approx((4.5, 10))


async def test_what_the_grids_cover_leaves_nothing_outside(tx: Transaction) -> None:
    frame = lattice_city(1)
    shapes = [shapely.union_all(frame.geometry), *frame.geometry]
    found = await split(tx, await publish(tx, frame), counted(shapes, [11] * len(shapes)))
    assert found.outside.households == 0.0


async def test_new_boundaries_split_the_same_counts_anew(tx: Transaction) -> None:
    first = await publish(tx)
    counts = counted([square(0, 0), square(1.5, 0)], [8, 4])
    east = nine_grids()
    east = east[~east["code"].str.startswith("g0")].reset_index(drop=True)
    second = await publish(tx, east, day=1)
    before = await split(tx, first, counts)
    after = await counts_by_grid(tx, second)
    assert before.inside.households == pytest.approx(12)
    assert after.inside.households == pytest.approx(4)
    assert after.outside.households == pytest.approx(8)
    assert len(before.grids) == 9
    assert len(after.grids) == 6


async def test_without_counts_every_figure_is_absent(tx: Transaction) -> None:
    found = await counts_by_grid(tx, await publish(tx))
    assert len(found.grids) == 9
    assert found.grids[FIGURES].isna().all(axis=None)
    assert found.inside == found.outside == Figures(None, None)


async def test_a_grid_whose_buildings_were_not_counted_is_unknown_and_an_empty_one_has_none(
    tx: Transaction,
) -> None:
    counts = counted([MIDDLE_OF_G00, square(1.2, 1.2, 0.2)], [None, 5])
    found = await by_code(tx, await split(tx, await publish(tx), counts))
    assert found["population"].isna().all()
    assert pd.isna(found["households"]["g00"])
    assert found["households"]["g11"] == 5.0
    assert (found["households"].drop(["g00", "g11"]) == 0).all()


async def test_each_grid_names_the_areas_above_it(tx: Transaction) -> None:
    found = await split(tx, await publish(tx), counted([MIDDLE_OF_G00, square(2, 2)], [3, 4]))
    households = found.grids["households"]
    townships = found.grids["township_id"].map(await codes_of(tx, "townships"))
    assert households.groupby(townships).sum().to_dict() == {"t0": 3.0, "t1": 4.0}
    communities = found.grids["community_id"].map(await codes_of(tx, "communities"))
    assert households.groupby(communities).sum().to_dict() == {"c0": 3.0, "c1": 4.0}
