"""The clock of cases over HTTP, held against the cases themselves, counted with pandas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from fastapi import FastAPI

from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.other_clocks import on_clock
from tests.api.test_counts import OPEN, TOLD, account, full, leader
from tests.counted_cases import SENSITIVE
from tests.small_city import SOUTH, STEP, WEST

__all__ = ["account", "full", "leader"]

RHYTHM = "/api/hotspots/rhythm"
WINDOW = {"from": "2024-10-21", "to": "2025-04-07"}


async def rhythm(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(RHYTHM, params=WINDOW | asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    for table in ("counts", "hours", "expected", "stands_out", "phi"):
        assert np.array(found[table], dtype=float).shape == (7, 24)
        assert np.isfinite(np.array(found[table], dtype=float)).all()
    assert np.sum(found["counts"]) == found["total"]
    return found


def clock_of(cases: pd.DataFrame, zone: str) -> np.ndarray[Any, Any]:
    local = cases["occurred_at"].dt.tz_convert(zone)
    inside = (local >= pd.Timestamp(WINDOW["from"], tz=zone)) & (
        local < pd.Timestamp(WINDOW["to"], tz=zone)
    )
    local = local[inside]
    table = pd.crosstab(local.dt.day_of_week, local.dt.hour)
    return table.reindex(index=range(7), columns=range(24), fill_value=0).to_numpy()


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/Chicago"])
async def test_hours_of_the_week_hold_the_cases_of_the_citys_clock(
    leader: httpx.AsyncClient, full: tuple[FastAPI, Transaction], zone: str
) -> None:
    """The window holds clock changes of two of the zones: an hour is missing, and one is twice."""
    app, _ = full
    with on_clock(app, zone):
        found = await rhythm(leader)
    assert found["zone"] == zone
    assert found["total"] > 50
    np.testing.assert_array_equal(found["counts"], clock_of(OPEN, zone))
    # Every hour of 24 weeks, minute by minute where the clock changes.
    minutes = pd.date_range(WINDOW["from"], WINDOW["to"], freq="15min", tz=zone, inclusive="left")
    lasted = pd.crosstab(minutes.day_of_week, minutes.hour).to_numpy() / 4
    np.testing.assert_allclose(found["hours"], lasted)
    np.testing.assert_allclose(found["expected"], lasted / lasted.sum() * found["total"], atol=1e-4)


async def test_hours_that_are_not_asked_about_and_are_to_come_are_none(
    leader: httpx.AsyncClient,
) -> None:
    found = await rhythm(leader, hour="8,9,10", weekday="1,2")
    looked_at = np.zeros((7, 24), dtype=bool)
    looked_at[:2, 8:11] = True
    np.testing.assert_array_equal(
        found["counts"], np.where(looked_at, clock_of(OPEN, "Asia/Shanghai"), 0)
    )
    np.testing.assert_array_equal(found["hours"], np.where(looked_at, 24.0, 0.0))
    assert not np.array(found["stands_out"])[~looked_at].any()
    now = datetime.now(UTC)
    future = {"from": str(now - timedelta(hours=10)), "to": str(now + timedelta(days=9))}
    assert np.sum((await rhythm(leader, **future))["hours"]) == pytest.approx(10, abs=0.01)


async def test_sensitive_cases_are_in_the_clock_of_the_city_and_of_no_drawn_area(
    leader: httpx.AsyncClient,
) -> None:
    whole = await rhythm(leader)
    assert whole["withheld"] == []
    east, north = WEST + 3 * STEP, SOUTH + 3 * STEP
    inside = TOLD[TOLD["lng"].between(WEST, east) & TOLD["lat"].between(SOUTH, north)]
    drawn = await rhythm(leader, bbox=f"{WEST},{SOUTH},{east},{north}")
    np.testing.assert_array_equal(drawn["counts"], clock_of(inside, "Asia/Shanghai"))
    assert set(drawn["withheld"]) >= SENSITIVE
    (one,) = SENSITIVE
    answer = await leader.get(RHYTHM, params=WINDOW | {"category": one, "bbox": "0,0,1,1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "category_sensitive")
    assert (await rhythm(leader, category=one))["total"] > 0


async def test_no_case_is_said_and_one_case_stands_for_nothing(leader: httpx.AsyncClient) -> None:
    none = await rhythm(leader, **{"from": "1990-01-01", "to": "1990-02-01"})
    assert (none["not_enough_data"], none["total"]) == ("no_cases", 0)
    at = OPEN["occurred_at"].sort_values().iloc[0]
    window = (at - timedelta(days=30), at + timedelta(microseconds=1))
    one = await rhythm(leader, **{"from": window[0].isoformat(), "to": window[1].isoformat()})
    assert (one["not_enough_data"], one["total"]) == (None, 1)
    assert not np.any(one["stands_out"])


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"to": WINDOW["from"]}, "window_empty", "to"),
        ({"from": "0002-01-01", "to": "9998-01-01"}, "window_too_long", "from"),
        ({"category": "nothing_known"}, "category_unknown", "category"),
        ({"hour": "24"}, "hour_unknown", "hour"),
        ({"cell": "8808000003fffff"}, "cell_invalid", "cell"),
    ],
)
async def test_what_is_no_window_of_time_is_told_by_its_field(
    leader: httpx.AsyncClient, asked: dict[str, str], code: str, field: str
) -> None:
    answer = await leader.get(RHYTHM, params=WINDOW | asked)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.json()["field"] == field


async def test_a_window_is_asked_for(leader: httpx.AsyncClient, account: SignedIn) -> None:
    for missing in ("from", "to"):
        asked = {name: day for name, day in WINDOW.items() if name != missing}
        answer = await leader.get(RHYTHM, params=asked)
        assert (answer.status_code, answer.json()["code"]) == (422, "window_missing")
        assert answer.json()["field"] == missing
    worker = await account("worker", "g00")
    assert (await worker.get(RHYTHM, params=WINDOW)).status_code == 403
