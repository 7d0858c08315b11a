"""Findings over HTTP: the stories of a made-up city, told to who may know, looked for once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pandas as pd
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from api.analysis import findings as looked
from api.analysis.findings import CityFindings, KeptFindings, Question
from gis.cells import CASE_RESOLUTION, cells_of
from gis.findings import Findings
from gis.store.case_filter import CaseFilter
from gis.store.copying import copy_into, ewkb_points
from gis.store.engine import CityEngine, Transaction
from gis.store.newest_change import NewestChange
from tests.api.conftest import SignedIn, app_in
from tests.api.signing_in import asking, open_session_of
from tests.databases import rolled_back
from tests.gis.patterns.made_up_city import (
    EAST_M,
    LAT,
    LNG,
    MIDNIGHT,
    NORTH_M,
    MadeUp,
    growing,
    rain,
    returning,
    wandering,
)
from tests.small_city import SOUTH, STEP, WEST, nine_grids, publish_small_city

FINDINGS = "/api/hotspots/findings"
ZONE = ZoneInfo("Asia/Shanghai")
AT = {"a": (-1_500.0, 900.0), "b": (2_000.0, -1_200.0), "c": (1_000.0, 3_000.0)}
TOO_NEAR_TO_PEOPLE = (-2_500.0, -2_500.0)
CODES = np.array(["garbage", "noise", "illegal_parking", "neighbour_dispute", "other", "flooding"])
KINDS = {"garbage": "growing", "noise": "returning", "illegal_parking": "wandering"}
SENSITIVE = "neighbour_dispute"
# A hundred grids of the small city's, in whose middle the made-up one is put.
SIDE = 10
MIDDLE_LNG, MIDDLE_LAT = WEST + SIDE * STEP / 2, SOUTH + SIDE * STEP / 2


def made_up() -> MadeUp:
    """Three stories, and one of a sensitive category."""
    rng = np.random.default_rng(5)
    city = rain(rng).and_also(growing(rng, AT["a"], 45, weeks=8))
    city = city.and_also(returning(rng, AT["b"], weeks=15)).and_also(wandering(rng, AT["c"], 7))
    dispute = growing(rng, TOO_NEAR_TO_PEOPLE, 60, weeks=8)
    return city.and_also(replace(dispute, category=np.full(60, 3)))


async def store_made_up(tx: Transaction) -> None:
    """Publish a hundred grids and store the cases, moved by whole weeks to end this week."""
    await publish_small_city(tx, at=datetime(2024, 1, 1, tzinfo=UTC), frame=nine_grids(SIDE))
    cases = made_up().cases()
    today = np.datetime64(datetime.now(ZONE).replace(tzinfo=None), "D")
    weeks = (today + 1 - MIDNIGHT).astype(int) // 7
    local = pd.DatetimeIndex(cases.occurred + weeks * np.timedelta64(7, "D"))
    at = local.tz_localize(ZONE).tz_convert("UTC").as_unit("us")
    lng = np.round(cases.lng - LNG + MIDDLE_LNG, 9)
    lat = np.round(cases.lat - LAT + MIDDLE_LAT, 9)
    column, row = (np.floor((x - low) / STEP) for x, low in ((lng, WEST), (lat, SOUTH)))
    ids = {found.code: found for found in await tx.execute(text("SELECT id, code FROM grids"))}
    version = (await tx.execute(text("SELECT id FROM boundary_versions"))).scalar_one()
    grid = [ids[f"g{int(x)}{int(y)}"].id for x, y in zip(column, row, strict=True)]
    count = len(lng)
    await copy_into(
        tx,
        "cases",
        {
            "number": np.arange(1, count + 1),
            "kind": ["event"] * count,
            "state": ["historic"] * count,
            "urgency": ["normal"] * count,
            "category": CODES[cases.category].tolist(),
            "channel": ["web"] * count,
            "occurred_at": pd.Series(at),
            "received_at": pd.Series(at),
            "point": ewkb_points(lng, lat),
            "cell": cells_of(lng, lat, CASE_RESOLUTION).astype(np.int64),
            "version_id": [version] * count,
            "grid_id": grid,
            "grid_reason": ["inside"] * count,
            "today_grid_id": grid,
        },
    )


@pytest_asyncio.fixture(scope="module")
async def full(engine: CityEngine) -> AsyncIterator[tuple[FastAPI, Transaction]]:
    async with rolled_back(engine) as tx:
        await store_made_up(tx)
        with app_in(tx, engine) as app:
            yield app, tx


@pytest_asyncio.fixture
async def account(full: tuple[FastAPI, Transaction]) -> AsyncIterator[SignedIn]:
    app, tx = full
    async with AsyncExitStack() as stack:

        async def client_of(
            role: str, area: str | None = None, **more: str | None
        ) -> httpx.AsyncClient:
            token = await open_session_of(tx, role, area, **more)
            return await stack.enter_async_context(asking(app, token))

        yield client_of


async def findings(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get(FINDINGS)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_stories_of_a_city_are_told_where_they_lie_and_no_sensitive_one(
    account: SignedIn,
) -> None:
    found = await findings(await account("leader"))
    assert {one["category"]: one["kind"] for one in found["findings"]} == KINDS
    assert len(found["findings"]) == 3
    assert SENSITIVE in found["withheld"]
    assert found["as_of"] == str(datetime.now(ZONE).date())
    places = dict(zip(KINDS, AT.values(), strict=True))
    for one in found["findings"]:
        east_m = (one["lng"] - MIDDLE_LNG) * EAST_M - places[one["category"]][0]
        north_m = (one["lat"] - MIDDLE_LAT) * NORTH_M - places[one["category"]][1]
        assert np.hypot(east_m, north_m) < 300
        column = int((one["lng"] - WEST) / STEP)
        area = f"{column // 2}"
        assert one["community"] == {
            "code": f"c{area}",
            "name": f"社区{area}",
            "township": f"镇{area}",
        }
        assert sum(one["by_week"]) == one["cases"] > 3 * one["expected"]
        assert f"镇{area}社区{area}" in one["told"]["zh"]
        assert str(one["cases"]) in one["told"]["en"]
        assert (one["kind"] == "wandering") == bool(one["way"])
    (back,) = (one for one in found["findings"] if one["kind"] == "returning")
    assert back["hours"]["weekdays"] == [6, 7]
    assert back["hours"]["from"] <= 8 < 10 <= back["hours"]["to"]


async def test_who_is_bound_to_an_area_is_told_of_its_own(account: SignedIn) -> None:
    # The growing story lies in the third and fourth columns of ten.
    column = int((MIDDLE_LNG + AT["a"][0] / EAST_M - WEST) / STEP)
    found = await findings(await account("leader", f"t{column // 2}"))
    assert [one["category"] for one in found["findings"]] == ["garbage"]
    nothing = await findings(await account("leader", "t0"))
    assert (nothing["findings"], nothing["not_enough_data"]) == ([], None)


async def test_two_who_ask_are_answered_by_one_look_and_nobody_else_waits(
    account: SignedIn, full: tuple[FastAPI, Transaction], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = full
    app.state.kept_findings = KeptFindings()
    begun, go_on = threading.Event(), threading.Event()
    times = 0

    def waiting(*given: Any) -> Findings:
        nonlocal times
        times += 1
        begun.set()
        assert go_on.wait(30)
        return Findings((), 1.0)

    monkeypatch.setattr(looked, "find", waiting)
    leader = await account("leader")
    one = asyncio.create_task(findings(leader))
    await asyncio.to_thread(begun.wait, 30)
    other = asyncio.create_task(findings(leader))
    while app.state.kept_findings.looking.locked() and not other.done() and times == 1:
        answer = await leader.get("/api/hotspots/counts", params={"by": "kind"})
        assert answer.status_code == 200
        go_on.set()
        await asyncio.sleep(0.01)
    assert await one == await other
    assert times == 1


async def test_too_little_to_find_anything_in_is_said(
    account: SignedIn,
    full: tuple[FastAPI, Transaction],
    signed_in: SignedIn,
) -> None:
    app, tx = full
    app.state.kept_findings = KeptFindings()
    leader = await account("leader")
    savepoint = await tx.begin_nested()
    await tx.execute(text("DELETE FROM cases WHERE occurred_at < now() - interval '6 weeks'"))
    found = await findings(leader)
    await savepoint.rollback()
    assert (found["not_enough_data"], found["findings"]) == ("too_short", [])
    no_boundaries = await findings(await signed_in("leader"))
    assert no_boundaries["not_enough_data"] == "no_cases"


def test_an_answer_holds_until_something_changed_and_ten_minutes_at_least() -> None:
    now = 0.0
    kept = KeptFindings(lambda: now)
    day = np.datetime64("2026-11-23", "D")
    question = Question(CaseFilter(), day, 1)
    before, after = NewestChange(1, 1), NewestChange(2, 1)
    found = CityFindings(day, 1.0, (), None, ())
    assert kept.get(question, before) is None
    kept.keep(question, before, found)
    now = 599.0
    assert kept.get(question, after) is found
    now = 601.0
    assert kept.get(question, after) is None
    assert kept.get(question, before) is found
    assert kept.get(replace(question, day=day + 1), before) is None
    assert kept.get(replace(question, version_id=2), before) is None
