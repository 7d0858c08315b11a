"""Questions at the edge of what can be told: every route answers with numbers, or says why not."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pandas as pd
import pytest
from fastapi import FastAPI

from gis.cells import cells_of, names, parents
from gis.store.engine import Transaction
from tests.api.other_clocks import on_clock
from tests.api.test_counts import TOLD, account, full, leader
from tests.small_city import SOUTH, STEP, WEST

__all__ = ["account", "full", "leader"]

MIDDLE = names(cells_of([WEST + 1.5 * STEP], [SOUTH + 1.5 * STEP], 8))[0]
# A spot where many cases stand, as a cell of the finest resolution.
BUSIEST = TOLD[["lng", "lat"]].value_counts().index[0]
ONE_CELL = names(cells_of([BUSIEST[0]], [BUSIEST[1]], 11))[0]
WINDOW = {"from": "2024-10-01", "to": "2025-05-01"}
ROUTES: dict[str, dict[str, str]] = {
    "cells": {"resolution": "8"},
    "emerging": {"resolution": "8"},
    "series": {"of": MIDDLE},
    "rhythm": {},
    "change": {"by": "community"},
    "near-repeats": {},
}


def no_number(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


async def told(client: httpx.AsyncClient, route: str, **asked: Any) -> dict[str, Any]:
    answer = await client.get(f"/api/hotspots/{route}", params=ROUTES[route] | WINDOW | asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.text, parse_constant=no_number)
    return found


def lacks(found: dict[str, Any]) -> set[str | None]:
    lack = found["not_enough_data"]
    return set(lack) if isinstance(lack, list) else {lack}


@pytest.mark.parametrize("route", ROUTES)
async def test_a_window_without_cases_is_not_enough_data(
    leader: httpx.AsyncClient, route: str
) -> None:
    found = await told(leader, route, **{"from": "1990-01-01", "to": "1990-06-01"})
    assert lacks(found) <= {"no_cases", "too_few_cases"}


@pytest.mark.parametrize("route", ROUTES)
async def test_one_report_is_too_few_and_stands_out_nowhere(
    leader: httpx.AsyncClient, route: str
) -> None:
    words = ["category", "kind", "channel", "state"]
    inside = TOLD[TOLD["in_2"].notna()]
    alone = inside.groupby(words).filter(lambda cases: len(cases) == 1).iloc[0]
    found = await told(leader, route, **alone[words], **{"from": "2024-10-01", "to": "2026-12-01"})
    # Nothing is wrong with a clock of one case; none of its hours stands out.
    lack = {"rhythm": {None}, "change": {"no_cases", "too_few_cases"}}
    assert lacks(found) == lack.get(route, {"too_few_cases"})
    for figures in ("classes", "class", "stands_out", "bin", "hot", "cold"):
        flat = pd.Series([found.get(figures)]).explode().explode().dropna()
        assert set(flat) <= {"none", 0}


@pytest.mark.parametrize("route", ROUTES)
async def test_all_cases_in_one_cell_are_answered(leader: httpx.AsyncClient, route: str) -> None:
    found = await told(leader, route, cell=ONE_CELL)
    assert lacks(found) <= {None, "no_cases", "too_few_cases"}


@pytest.mark.parametrize("route", ROUTES)
async def test_a_category_nobody_knows_is_refused_by_name(
    leader: httpx.AsyncClient, route: str
) -> None:
    asked = ROUTES[route] | WINDOW | {"category": "garbage,nothing_known"}
    answer = await leader.get(f"/api/hotspots/{route}", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "category_unknown")
    assert (answer.json()["field"], answer.json()["value"]) == ("category", "nothing_known")


async def test_the_days_of_a_series_are_those_of_the_citys_clock_when_it_is_changed(
    leader: httpx.AsyncClient, full: tuple[FastAPI, Transaction]
) -> None:
    """In Berlin 2025-03-30 has 23 hours and 2024-10-27 has 25."""
    app, _ = full
    for window in (
        {"from": "2025-03-24", "to": "2025-04-03"},
        {"from": "2024-10-22", "to": "2024-11-01"},
    ):
        with on_clock(app, "Europe/Berlin"):
            keys = (await told(leader, "emerging", step="day", **window))["keys"]
            series = [await told(leader, "series", of=key, step="day", **window) for key in keys]
        days = TOLD["occurred_at"].dt.tz_convert("Europe/Berlin").dt.date.astype(str)
        cells = names(parents(cells_of(TOLD["lng"], TOLD["lat"], 11), 8))
        inside = days[pd.Series(cells, index=days.index).isin(keys)]
        starts = series[0]["starts"]
        assert (starts[0], len(starts)) == (window["from"], 10)
        summed = pd.DataFrame([one["counts"] for one in series]).sum()
        assert summed.tolist() == [int((inside == day).sum()) for day in starts]
        assert summed.sum() > 20


@pytest.mark.parametrize("route", ["emerging", "series"])
async def test_more_steps_than_can_be_computed_are_refused(
    leader: httpx.AsyncClient, route: str
) -> None:
    asked = ROUTES[route] | {"from": "0002-01-01", "to": "9998-01-01", "step": "day"}
    answer = await leader.get(f"/api/hotspots/{route}", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "steps_too_many")
    assert answer.json()["field"] == "step"
