"""The figures under a planner's hand: what was counted on grids of a draft, and on any area."""

from __future__ import annotations

import geopandas as gpd
import httpx
import pytest
from shapely import box
from sqlalchemy import text

from gis.store.building_counts import replace_counts
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.handed_over import PROFILE, add_case
from tests.small_city import SOUTH, STEP, WEST, publish_small_city


def square(column: float, row: float, size: float = 1.0) -> str:
    west, south = WEST + column * STEP, SOUTH + row * STEP
    return str(box(west, south, west + size * STEP, south + size * STEP).wkt)


async def begin(tx: Transaction, signed_in: SignedIn) -> tuple[httpx.AsyncClient, str]:
    await publish_small_city(tx)
    planner = await signed_in("planner")
    draft = (await planner.post("/api/drafts", json={"name": "方案"})).json()["id"]
    return planner, f"/api/drafts/{draft}/figures"


async def test_what_lies_in_a_grid_or_in_a_drawn_area_is_counted(
    tx: Transaction, signed_in: SignedIn
) -> None:
    planner, address = await begin(tx, signed_in)
    block = box(WEST + STEP / 2, SOUTH, WEST + STEP * 1.5, SOUTH + STEP / 2)
    flats = gpd.points_from_xy([WEST + STEP / 4] * 2, [SOUTH + STEP / 4, SOUTH + STEP * 3 / 4])
    counts = gpd.GeoDataFrame(
        {"households": [30, 12, 8], "population": [60, None, None]},
        geometry=[block, *flats],
        crs=4326,
    )
    await replace_counts(tx, counts)
    for number, column in enumerate((0.25, 0.25, 1.25), start=1):
        await add_case(
            tx, number, (WEST + column * STEP, SOUTH + STEP / 4), grid="g00", person=None
        )
    # A load is that of the last year, whatever day the test is run on.
    await add_case(tx, 4, (WEST + STEP / 4, SOUTH + STEP / 4), grid="g00", person=None)
    ages = "now() - CASE WHEN number = 4 THEN interval '366 d' ELSE interval '364 d' END"
    await tx.execute(text(f"UPDATE cases SET received_at = {ages}"))
    told = await planner.get(
        address,
        params={"grid": ["g00", "g22", "nowhere"], "area": [square(0, 0, 0.5), square(0, 0, 2)]},
    )
    assert told.status_code == 200, told.text
    answer = told.json()
    # Half of the block, and both flats.
    assert answer["grids"]["g00"]["households"] == pytest.approx(35, rel=1e-6)
    assert answer["grids"]["g22"] == {"households": 0.0, "population": 0.0, "load": 0}
    assert answer["grids"].keys() == {"g00", "g22"}
    lower, all_four = answer["areas"]
    assert lower["households"] == pytest.approx(12, rel=1e-6)
    assert all_four["households"] == pytest.approx(50, rel=1e-6)
    loads = [lower["load"], all_four["load"], answer["grids"]["g00"]["load"]]
    assert loads == [2, 3, 2]
    planning = PROFILE.planning
    assert answer["limits"] == {
        "smallest_m2": planning.smallest_m2,
        "largest_m2": planning.largest_m2,
        "households": planning.households,
    }
    assert any(answer["limits"].values())
    # A grid is counted as the draft has it.
    merge = {"op": "merge", "grids": ["g00", "g10"]}
    path = address.replace("figures", "operations")
    await planner.post(path, json=merge, headers={"If-Match": '"1"'})
    told = (await planner.get(address, params={"grid": ["g00", "g10"]})).json()["grids"]
    assert [(each["households"], each["load"]) for each in told.values()] == [(50, 3)]


async def test_a_city_without_counts_has_no_figure_instead_of_none_at_all(
    tx: Transaction, signed_in: SignedIn
) -> None:
    planner, address = await begin(tx, signed_in)
    told = (await planner.get(address, params={"area": square(0, 0)})).json()
    assert told["areas"] == [{"households": None, "population": None, "load": 0}]


@pytest.mark.parametrize(
    "area",
    [
        "nothing",
        "POINT (1 1)",
        "POLYGON EMPTY",
        "POLYGON ((nan 1, 2 2, 3 3, nan 1))",
        "POLYGON ((900 1, 2 2, 3 3, 900 1))",
        f"LINESTRING ({', '.join(f'{x / 1000} 1' for x in range(3000))})",
    ],
)
async def test_what_is_no_area_is_refused(tx: Transaction, signed_in: SignedIn, area: str) -> None:
    planner, address = await begin(tx, signed_in)
    refused = await planner.get(address, params={"area": area})
    assert (refused.status_code, refused.json()["code"]) == (422, "area_invalid")


async def test_a_line_that_crosses_itself_while_it_is_drawn_is_counted_all_the_same(
    tx: Transaction, signed_in: SignedIn
) -> None:
    planner, address = await begin(tx, signed_in)
    bow = "POLYGON ((121 30, 121.01 30.01, 121.01 30, 121 30.01, 121 30))"
    assert (await planner.get(address, params={"area": bow})).status_code == 200
