"""One cell step by step over HTTP: one with the map of all cells, and out of date for nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from gis.cells import cells_of, names, parents
from gis.patterns.usual_course import usual_course
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.test_counts import TOLD, account, full, leader
from tests.counted_cases import SENSITIVE
from tests.small_city import SOUTH, STEP, WEST

__all__ = ["account", "full", "leader"]

SERIES, EMERGING = "/api/hotspots/series", "/api/hotspots/emerging"
MIDDLE = {"lng": WEST + STEP * 1.5, "lat": SOUTH + STEP * 1.5}


def cell(resolution: int, lng: float = MIDDLE["lng"], lat: float = MIDDLE["lat"]) -> str:
    return names(cells_of([lng], [lat], resolution))[0]


async def series(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(SERIES, params={"of": cell(8), **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    steps = len(found["starts"])
    for name in ("z", "bins"):
        assert len(found[name]) == steps
    for name in ("counts", "usual", "low", "high"):
        assert len(found[name]) in (0, steps)
    return found


@pytest.mark.parametrize(
    ("step", "variant", "window"),
    [
        ("week", "esri-new", {}),
        ("month", "esri-old", {}),
        ("day", "esri-new", {"from": "2025-03-01", "to": "2025-04-15"}),
    ],
)
async def test_each_cell_is_what_the_map_of_all_cells_says(
    leader: httpx.AsyncClient, step: str, variant: str, window: dict[str, str]
) -> None:
    asked = {"step": step, "variant": variant, **window}
    of_all = (await leader.get(EMERGING, params=asked | {"resolution": 8})).json()
    assert of_all["not_enough_data"] is None
    cells = [await series(leader, of=key, **asked) for key in of_all["keys"]]
    cube = np.array([found["counts"] for found in cells])
    assert sum(found["left_out"] for found in cells) == of_all["left_out"]
    assert cube.sum() > 0
    for at, found in enumerate(cells):
        for one, many in (
            ("class", "classes"),
            ("hot", "hot"),
            ("cold", "cold"),
            ("run", "runs"),
            ("trend_z", "trend_z"),
            ("trend_p", "trend_p"),
        ):
            assert found[one] == of_all[many][at]
        for same in ("starts", "end", "step", "variant", "level", "version", "withheld"):
            assert found[same] == of_all[same]
        assert sum(found["counts"]) == of_all["counts"][at]
        assert found["counts"][-1] == of_all["last"][at]
        assert sum(bin_ >= 95 for bin_ in found["bins"]) == found["hot"]
        usual = usual_course(cube.astype(float), at)
        assert found["usual"] == pytest.approx(usual.usual.tolist(), abs=1e-4)
        assert (found["low"], found["high"]) == (usual.low.tolist(), usual.high.tolist())
        assert str(len(found["starts"])) in found["told"]["zh"]


async def test_several_cells_are_told_as_one_place(leader: httpx.AsyncClient) -> None:
    of_all = (await leader.get(EMERGING, params={"resolution": 8})).json()
    order = np.argsort(of_all["counts"])[::-1]
    place = [of_all["keys"][at] for at in order[:3]]
    alone = [await series(leader, of=key) for key in place]
    found = await series(leader, of=", ".join([*place, place[0]]))
    assert (found["cell"], found["cells"]) == (place[0], place)
    for summed in ("counts", "usual"):
        together = np.sum([each[summed] for each in alone], axis=0)
        assert found[summed] == pytest.approx(together, abs=1e-3)
    assert found["left_out"] == sum(each["left_out"] for each in alone)
    # At each step the place is as hot as the hottest of its cells.
    for strongest in ("z", "bins"):
        assert found[strongest] == np.max([each[strongest] for each in alone], axis=0).tolist()
    assert found["hot"] == sum(bin_ >= 95 for bin_ in found["bins"])
    wide = np.subtract(found["high"], found["low"])
    assert (wide <= sum(np.subtract(each["high"], each["low"]) for each in alone)).all()


async def test_a_report_that_comes_in_is_in_the_next_answer(
    leader: httpx.AsyncClient, full: tuple[FastAPI, Transaction]
) -> None:
    _, tx = full
    now = datetime.now(UTC)
    window = {"from": (now - timedelta(days=69)).isoformat(), "to": f"{now.date() + timedelta(2)}"}
    before = await series(leader, **window)
    assert await series(leader, **window) == before
    report = {**MIDDLE, "category": "other", "description": "路灯坏了"}
    savepoint = await tx.begin_nested()
    # The cases there are were given their numbers by hand.
    await tx.execute(text("ALTER TABLE cases ALTER COLUMN number RESTART WITH 100000"))
    answer = await leader.post("/api/reports", json=report)
    assert answer.status_code == 201, answer.text
    after = await series(leader, **window)
    await savepoint.rollback()
    assert sum(after["counts"]) == sum(before["counts"]) + 1


async def test_sensitive_cases_are_in_no_series(leader: httpx.AsyncClient) -> None:
    found = await series(leader, of=cell(5), step="month")
    in_cell = names(parents(cells_of(TOLD["lng"], TOLD["lat"], 11), 5)).count(cell(5))
    assert sum(found["counts"]) + found["left_out"] == in_cell > 0
    assert set(found["withheld"]) >= SENSITIVE
    (one,) = SENSITIVE
    answer = await leader.get(SERIES, params={"of": cell(8), "category": one})
    assert (answer.status_code, answer.json()["code"]) == (422, "category_sensitive")


async def test_one_report_no_report_and_too_few_steps_are_said(leader: httpx.AsyncClient) -> None:
    none = await series(leader, **{"from": "1990-01-01", "to": "1991-01-01"})
    assert none["not_enough_data"] == "no_cases"
    assert none["told"]["zh"] == "不足以判断：没有事件。"
    first = str(TOLD["occurred_at"].min().date())
    few = await series(leader, **{"from": first, "to": str(np.datetime64(first) + 15)})
    assert few["not_enough_data"] == "too_few_steps"
    assert (few["class"], few["z"], few["trend_p"]) == (None, [None, None], None)
    assert few["told"]["en"] == "Not enough to tell: only 2 weeks, at least 5 are needed."
    assert len(few["counts"]) == len(few["usual"]) == 2


async def test_all_cases_in_one_cell_are_as_usual_there(leader: httpx.AsyncClient) -> None:
    lng, lat = TOLD[["lng", "lat"]].value_counts().index[0]
    found = await series(leader, of=cell(8, lng, lat), cell=cell(9, lng, lat))
    assert sum(found["counts"]) + found["left_out"] >= 2
    assert found["usual"] == found["low"] == found["high"] == found["counts"]
    for figure in (*found["z"], found["trend_z"]):
        assert figure is None or np.isfinite(figure)


@pytest.mark.parametrize(
    ("of", "code"),
    [
        ("none", "cell_invalid"),
        ("ffffffffffffffff", "cell_invalid"),
        (cell(12), "resolution_too_fine"),
        (cell(8, 0.0, 0.0), "cell_outside"),
        # A pentagon in the sea off Norway; and no cell, though only a digit off.
        ("8808000001fffff", "cell_outside"),
        ("8808000003fffff", "cell_invalid"),
        (f"{cell(8)},{cell(9)}", "resolutions_mixed"),
        (",".join([cell(8)] * 1_001), "too_many_cells"),
        (" , ", "cell_missing"),
    ],
)
async def test_what_is_no_cell_of_the_city_is_told_by_its_field(
    leader: httpx.AsyncClient, of: str, code: str
) -> None:
    answer = await leader.get(SERIES, params={"of": of})
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.json()["field"] == "of"


async def test_who_does_not_analyse_is_told_no_series(account: SignedIn) -> None:
    worker = await account("worker", "g00")
    assert (await worker.get(SERIES, params={"of": cell(8)})).status_code == 403
    bound = await account("leader", "g00")
    answer = await bound.get(SERIES, params={"of": cell(9)})
    assert (answer.status_code, answer.json()["code"]) == (422, "cell_outside")
