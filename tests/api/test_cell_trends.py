"""Emerging hotspots over HTTP, held against the cases themselves, counted with pandas."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pandas as pd
import pytest

from gis.cells import CellRegion, cells_of, names, parents
from gis.trends import EmergingOptions, emerging_hotspots
from tests.api.conftest import SignedIn
from tests.api.test_counts import TOLD, account, full, leader

__all__ = ["account", "full", "leader"]

EMERGING = "/api/hotspots/emerging"
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("step", ["day", "week", "month"])
async def test_each_cell_and_step_holds_the_cases_of_its_days(
    leader: httpx.AsyncClient, step: str
) -> None:
    answer = await leader.get(EMERGING, params={"resolution": 8, "step": step})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    days = pd.to_datetime(TOLD["occurred_at"], utc=True).dt.tz_convert(ZONE).dt.date.astype(str)
    cells = names(parents(cells_of(TOLD["lng"], TOLD["lat"], 11), 8))
    cases = pd.DataFrame({"cell": cells, "day": days.to_numpy()})
    cases = cases[cases["cell"].isin(found["keys"])]
    edges = [*found["starts"], found["end"]]
    beyond = (cases["day"] < edges[0]) | (cases["day"] >= found["end"])
    assert found["left_out"] == beyond.sum()
    cube = np.zeros((len(found["keys"]), len(found["starts"])))
    for number, (first, after) in enumerate(pairwise(edges)):
        of_step = cases[(cases["day"] >= first) & (cases["day"] < after)]["cell"].value_counts()
        cube[:, number] = of_step.reindex(found["keys"]).fillna(0)
    assert found["counts"] == cube.sum(axis=1).tolist()
    if found["not_enough_data"] is None:
        numbers = np.array([int(name, 16) for name in found["keys"]], dtype=np.uint64)
        shares = await leader.get("/api/hotspots/counts", params={"by": "cell", "resolution": 8})
        region = CellRegion(numbers, np.array(shares.json()["shares"]), 8)
        told = emerging_hotspots(cube, region.share, region.rings(1), EmergingOptions())
        assert found["classes"] == told.classes.tolist()
        assert found["hot"] == ((told.q <= 0.05) & (told.bin > 0)).sum(axis=1).tolist()
        assert found["last"] == cube[:, -1].tolist()


async def test_too_few_steps_and_no_cases_are_said(leader: httpx.AsyncClient) -> None:
    first = pd.to_datetime(TOLD["occurred_at"], utc=True).min().date()
    window = {"from": str(first), "to": str(first + pd.Timedelta(days=15))}
    few = (await leader.get(EMERGING, params={"resolution": 8, **window})).json()
    assert few["not_enough_data"] == "too_few_steps"
    assert few["classes"] == few["hot"] == few["runs"] == []
    window = {"from": "1990-01-01", "to": "1991-01-01"}
    none = (await leader.get(EMERGING, params={"resolution": 8, **window})).json()
    assert none["not_enough_data"] == "no_cases"
    assert none["keys"] == none["starts"] == []


@pytest.mark.parametrize("step", ["day", "week"])
async def test_no_step_lies_in_the_days_to_come(leader: httpx.AsyncClient, step: str) -> None:
    today = datetime.now(ZONE).date()
    window = {"from": str(today - timedelta(days=70)), "to": str(today + timedelta(days=90))}
    found = (await leader.get(EMERGING, params={"resolution": 8, "step": step, **window})).json()
    assert found["end"] == str(today + timedelta(days=1))
    assert len(found["starts"]) == (71 if step == "day" else 10)


async def test_what_is_too_fine_or_unknown_is_refused(
    leader: httpx.AsyncClient, account: SignedIn
) -> None:
    wrong: list[dict[str, int | str]] = [
        {"resolution": 12},
        {"resolution": 8, "variant": "mine"},
        {"resolution": 8, "step": "year"},
    ]
    for asked in wrong:
        assert (await leader.get(EMERGING, params=asked)).status_code == 422
    worker = await account("worker", "g00")
    assert (await worker.get(EMERGING, params={"resolution": 8})).status_code == 403
