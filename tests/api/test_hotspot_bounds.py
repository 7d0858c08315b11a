"""Whose cases hotspots tell: those of one's own area, in the boundary version asked for."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest
import pytest_asyncio
from fastapi import FastAPI

from boundaries.publish import publish
from gis.cells import CASE_RESOLUTION, CellRegion, cells_of, names, parents
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.test_counts import GRIDS, OPEN, TOLD, account, full, leader
from tests.counted_cases import EDGES, EFFECTIVE, IN_FORCE, frame_of
from tests.small_city import CRS

__all__ = ["account", "full", "leader"]

# All cases there are, and time enough for steps.
WINDOW = {"from": "2024-10-07", "to": "2026-11-23"}
NARROW = 4
"""A version, not in force yet, whose city ends a column further west."""


async def told(client: httpx.AsyncClient, route: str, **asked: Any) -> dict[str, Any]:
    answer = await client.get(f"/api/hotspots/{route}", params=WINDOW | asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def in_file(client: httpx.AsyncClient, **asked: Any) -> tuple[dict[str, Any], list[str]]:
    """What a file of cells says of itself, and its cells."""
    answer = await client.get("/api/hotspots/cells.parquet", params=WINDOW | asked)
    assert answer.status_code == 200, answer.text
    table = pq.read_table(io.BytesIO(answer.content), columns=["cell"])
    facts: dict[str, Any] = json.loads((table.schema.metadata or {})[b"wangge"])
    return facts, table.column("cell").to_pylist()


def within(cases: pd.DataFrame) -> pd.DataFrame:
    """The cases of the window, by the city's clock."""
    first, after = (pd.Timestamp(day, tz="Asia/Shanghai") for day in WINDOW.values())
    found: pd.DataFrame = cases[cases["occurred_at"].between(first, after, inclusive="left")]
    return found


def in_cells(cases: pd.DataFrame, cells: list[str]) -> int:
    own = names(parents(cells_of(cases["lng"], cases["lat"], CASE_RESOLUTION), 9))
    return int(pd.Series(own).isin(cells).sum())


async def test_every_route_tells_a_bound_account_the_cases_of_its_area_and_no_other(
    account: SignedIn,
) -> None:
    bound = await account("leader", "t1")
    own = [code for code in GRIDS if code.startswith("g2")]
    may_see, may_count = (within(of[of[f"in_{IN_FORCE}"].isin(own)]) for of in (TOLD, OPEN))
    assert 20 < len(may_see) < len(may_count) < len(within(OPEN)) / 2
    for route in ("cells", "outliers"):
        assert (await told(bound, route, resolution=9))["total"] == len(may_see)
    assert (await in_file(bound, resolution=9))[0]["total"] == len(may_see)
    assert (await told(bound, "areas", by="grid"))["total"] == len(may_see)
    assert (await told(bound, "near-repeats"))["cases"] == len(may_see)
    assert (await told(bound, "rhythm"))["total"] == len(may_count)
    assert (await told(bound, "change"))["after_counts"] == [len(may_count)]
    for step in ("week", "month"):
        of_all = await told(bound, "emerging", resolution=9, step=step)
        told_in_steps = sum(of_all["counts"]) + of_all["left_out"]
        assert told_in_steps == in_cells(may_see, of_all["keys"]) > 0
        # The cells at its edge hold cases of the others too.
        assert told_in_steps < in_cells(within(TOLD), of_all["keys"])
        place = await told(bound, "series", of=",".join(of_all["keys"]), step=step)
        assert sum(place["counts"]) + place["left_out"] == told_in_steps


@pytest_asyncio.fixture
async def narrow(full: tuple[FastAPI, Transaction]) -> AsyncIterator[list[str]]:
    """The cells of a city that will lose its easternmost column."""
    _, tx = full
    frame = frame_of(3)
    frame = frame[~frame["code"].str.startswith("g2")].reset_index(drop=True)
    savepoint = await tx.begin_nested()
    later = EFFECTIVE[3] + (EFFECTIVE[3] - EFFECTIVE[2])
    await publish(tx, frame, effective_at=later, actor="test", crs=CRS, allow_outline_change=True)
    yield names(CellRegion.of(frame.union_all(), 9).cells)
    await savepoint.rollback()


async def test_cells_are_those_of_the_version_asked_for(
    leader: httpx.AsyncClient, narrow: list[str]
) -> None:
    asked = {"resolution": 9, "version": NARROW}
    for route in ("counts", "cells", "outliers", "emerging"):
        found = await told(leader, route, **asked, **({"by": "cell"} if route == "counts" else {}))
        assert (found["version"], found["keys"]) == (NARROW, narrow), route
    facts, cells = await in_file(leader, **asked)
    assert (facts["boundary_version"], cells) == (NARROW, narrow)
    places = await told(leader, "places", **asked)
    assert places["version"] == NARROW
    assert {cell for place in places["places"] for cell in place["cells"]} <= set(narrow)
    today = (await told(leader, "cells", resolution=9))["keys"]
    (beyond, *_) = sorted(set(today) - set(narrow))
    assert (await told(leader, "series", of=narrow[0], version=NARROW))["version"] == NARROW
    answer = await leader.get(
        "/api/hotspots/series", params=WINDOW | {"of": beyond, "version": NARROW}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "cell_outside")


@pytest.mark.parametrize("version", EDGES)
async def test_areas_are_those_of_the_version_asked_for(
    leader: httpx.AsyncClient, version: int
) -> None:
    found = await told(leader, "areas", by="grid", version=version)
    assert found["version"] == version
    cases = within(TOLD)[f"in_{version}"].value_counts()
    assert found["counts"] == [int(cases.get(code, 0)) for code in found["keys"]]
    wide = dict(zip(found["keys"], found["exposure"], strict=True))
    # The edge between the first two columns is where this version has it.
    share = wide["g00"] / (wide["g00"] + wide["g10"])
    assert share == pytest.approx(EDGES[version] / 0.02, rel=1e-4)
