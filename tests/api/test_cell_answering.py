"""Who answers for cells: the grids of today they share ground with, as for a point in each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import h3
import httpx
import pytest
import pytest_asyncio
import shapely

from gis.crs import metric_crs, project
from gis.store import staff
from gis.store.engine import Transaction
from tests.api.city_of_cases import make_city_of_cases
from tests.api.conftest import SignedIn
from tests.small_city import NOON, SOUTH, STEP, WEST

ANSWERING = "/api/hotspots/answering"
MIDDLE = h3.latlng_to_cell(SOUTH + 1.5 * STEP, WEST + 1.9 * STEP, 8)
CORNER = h3.latlng_to_cell(SOUTH + 3 * STEP, WEST + 3 * STEP, 8)


@pytest_asyncio.fixture
async def city(tx: Transaction) -> None:
    await make_city_of_cases(tx)


async def asked(client: httpx.AsyncClient, *cells: str) -> list[dict[str, Any]]:
    answer = await client.get(ANSWERING, params={"cells": ",".join(cells)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["grids"]
    return found


def ground_of(*cells: str) -> dict[str, float]:
    """The share of the cells' ground in each grid, by plain squares."""
    outlines = [[(lng, lat) for lat, lng in h3.cell_to_boundary(cell)] for cell in cells]
    ground = shapely.union_all([shapely.Polygon(outline) for outline in outlines])
    squares = {
        f"g{column}{row}": shapely.box(
            WEST + column * STEP, SOUTH + row * STEP,
            WEST + (column + 1) * STEP, SOUTH + (row + 1) * STEP,
        )
        for column in range(3) for row in range(3)
    }  # fmt: skip
    common = shapely.intersection(list(squares.values()), ground)
    areas = shapely.area(project(common, metric_crs(WEST, SOUTH)))
    return {code: area / areas.sum() for code, area in zip(squares, areas, strict=True) if area > 0}


@pytest.mark.parametrize("cells", [(MIDDLE,), (CORNER,), (MIDDLE, CORNER, MIDDLE)])
async def test_the_grids_are_those_under_the_cells_most_ground_first(
    signed_in: SignedIn, city: None, cells: tuple[str, ...]
) -> None:
    found = await asked(await signed_in("leader"), *cells)
    expected = ground_of(*cells)
    assert {grid["code"]: grid["share"] for grid in found} == pytest.approx(expected, abs=2e-6)
    shares = [grid["share"] for grid in found]
    assert shares == sorted(shares, reverse=True)
    for grid in found:
        upper = int(grid["code"][1]) // 2
        assert grid["community"] == {"code": f"c{upper}", "name": f"社区{upper}"}
        assert grid["township"] == {"code": f"t{upper}", "name": f"镇{upper}"}
        assert grid["kind"] == ("dedicated" if grid["code"] == "g11" else "base")


async def test_who_answers_is_who_answers_for_a_point_of_the_grid(
    signed_in: SignedIn, city: None, tx: Transaction
) -> None:
    areas = await staff.area_ids(tx)
    await staff.add_assignments(
        tx,
        [
            staff.Post("L0", "worker", *areas["g11"], NOON, None),
            staff.Post("W0", "grid_lead", *areas["g20"], NOON, None),
            staff.Post("E0", "worker", *areas["g12"], NOON, NOON + timedelta(hours=1)),
        ],
    )
    client = await signed_in("dispatcher")
    found = await asked(client, *h3.grid_disk(MIDDLE, 3))
    assert len(found) == 9
    answering = {grid["code"]: grid["staff"]["code"] for grid in found if grid["staff"]}
    assert answering == {"g11": "L0", "g20": "W0", "g22": "W0"}
    for grid in found:
        column, row = int(grid["code"][1]), int(grid["code"][2])
        point = {"lng": WEST + (column + 0.5) * STEP, "lat": SOUTH + (row + 0.5) * STEP}
        located = (await client.get("/api/locate", params=point)).json()
        assert (grid["staff"], grid["staff_rule"]) == (located["staff"], located["staff_rule"])


async def test_names_are_told_of_ones_own_area_only(signed_in: SignedIn, city: None) -> None:
    cells = h3.grid_disk(MIDDLE, 3)
    everywhere = {grid["code"]: grid for grid in await asked(await signed_in("leader"), *cells)}
    mine = {grid["code"]: grid for grid in await asked(await signed_in("leader", "t1"), *cells)}
    assert mine.keys() == everywhere.keys()
    for code, grid in mine.items():
        if code.startswith("g2"):
            assert grid == everywhere[code]
        else:
            assert (grid["staff"], grid["staff_rule"]) == (None, None)
    assert mine["g22"]["staff"]["code"] == "W0"


async def test_cells_far_away_have_no_grids(signed_in: SignedIn, city: None) -> None:
    assert await asked(await signed_in("leader"), h3.latlng_to_cell(51.5, 0.0, 9)) == []


async def test_a_city_without_boundaries_has_none_to_tell(signed_in: SignedIn) -> None:
    assert await asked(await signed_in("leader"), MIDDLE) == []


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("", "cells_invalid"),
        (" , ,", "cells_invalid"),
        (",".join([MIDDLE] * 1001), "cells_invalid"),
        (f"{MIDDLE},nowhere", "cell_invalid"),
        ("8", "cell_invalid"),
        ("ffffffffffffffff", "cell_invalid"),
    ],
)
async def test_what_is_no_cell_is_refused_by_name(
    signed_in: SignedIn, city: None, cells: str, code: str
) -> None:
    answer = await (await signed_in("leader")).get(ANSWERING, params={"cells": cells})
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["field"]) == (code, "cells")


async def test_who_does_not_analyse_is_refused(signed_in: SignedIn, city: None) -> None:
    answer = await (await signed_in("worker", "g00")).get(ANSWERING, params={"cells": MIDDLE})
    assert answer.status_code == 403
