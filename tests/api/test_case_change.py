"""Change over HTTP, held against the cases themselves, counted with pandas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from fastapi import FastAPI
from scipy.stats import false_discovery_control

from gis.patterns.change import change
from gis.patterns.dispersion import dispersion
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.other_clocks import on_clock
from tests.api.test_counts import GRIDS, OPEN, TOLD, account, full, leader
from tests.counted_cases import EFFECTIVE, IN_FORCE, SENSITIVE

__all__ = ["account", "full", "leader"]

CHANGE = "/api/hotspots/change"
# Two clusters of cases lie in each.
BEFORE = {"before_from": "2024-10-07", "before_to": "2024-11-18"}
AFTER = {"from": "2025-02-24", "to": "2025-04-07"}
SHANGHAI = "Asia/Shanghai"


async def changed(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(CHANGE, params=AFTER | asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    aligned = ("before_counts", "after_counts", "ratio", "low", "high", "p", "q", "phi")
    for name in (*aligned, "not_enough_data"):
        assert len(found[name]) == len(found["keys"])
    return found


def between(cases: pd.DataFrame, first: str, after: str, zone: str = SHANGHAI) -> pd.DataFrame:
    at = cases["occurred_at"]
    return cases[(at >= pd.Timestamp(first, tz=zone)) & (at < pd.Timestamp(after, tz=zone))]


def weekly(cases: pd.DataFrame, first: str, after: str) -> list[int]:
    weeks = pd.date_range(first, after, freq="7D")
    return [len(between(cases, str(a), str(b))) for a, b in pairwise(weeks)]


def of_key(cases: pd.DataFrame, by: str, key: str) -> pd.DataFrame:
    if by == "all":
        return cases
    if by in ("category", "kind", "channel"):
        return cases[cases[by] == key]
    grids = cases[f"in_{IN_FORCE}"]
    if by == "grid":
        return cases[grids == key]
    return cases[
        (grids.str[1].dropna().astype(int) // 2).astype(str).reindex(grids.index) == key[1]
    ]


@pytest.mark.parametrize(
    "by", ["all", "grid", "community", "township", "category", "kind", "channel"]
)
async def test_each_key_has_the_cases_of_both_periods_and_what_they_come_to(
    leader: httpx.AsyncClient, by: str
) -> None:
    found = await changed(leader, by=by, **BEFORE)
    assert (found["before"]["days"], found["after"]["days"]) == (42, 42)
    cases = TOLD if by == "grid" else OPEN
    assert found["keys"]
    before, after = (tuple(each.values()) for each in (BEFORE, AFTER))
    rows = []
    for at, key in enumerate(found["keys"]):
        own = of_key(cases, by, key)
        assert found["before_counts"][at] == len(between(own, *before))
        assert found["after_counts"][at] == len(between(own, *after))
        rows.append(weekly(own, *before) + weekly(own, *after))
    table, group = np.array(rows), np.repeat([0, 1], 6)
    together = dispersion(table, np.ones(table.shape), group + 2 * np.arange(len(rows))[:, None])
    phi = [max(together, dispersion(row, np.ones(12), group)) for row in table]
    assert found["phi"] == pytest.approx(phi, abs=1e-4)
    told = change(found["before_counts"], found["after_counts"], phi=phi)
    for at in range(len(rows)):
        for name in ("ratio", "low", "high", "p"):
            figure = getattr(told, name)[at]
            shown = found[name][at]
            assert shown == (pytest.approx(figure, rel=1e-6) if np.isfinite(figure) else None)
    known = [at for at, p in enumerate(found["p"]) if p is not None]
    q = false_discovery_control([found["p"][at] for at in known])
    assert [found["q"][at] for at in known] == pytest.approx(q)
    assert (found["told"] is not None) == (by == "all")
    assert bool(found["withheld"]) == (by == "grid")


async def test_a_period_is_compared_with_as_many_days_before_it_also_across_a_clock_change(
    leader: httpx.AsyncClient, full: tuple[FastAPI, Transaction]
) -> None:
    """In Berlin the clock is put forward on 2025-03-30, within the last of the days."""
    app, _ = full
    window = {"from": "2025-03-29", "to": "2025-03-31"}
    with on_clock(app, "Europe/Berlin"):
        found = await changed(leader, **window)
    assert found["before"] == {"from": "2025-03-27", "to": "2025-03-29", "days": 2}
    assert found["after"] == {"from": "2025-03-29", "to": "2025-03-31", "days": 2}
    counts = len(between(OPEN, "2025-03-29", "2025-03-31", "Europe/Berlin"))
    assert (found["after_counts"], found["before_counts"][0]) == (
        [counts],
        len(between(OPEN, "2025-03-27", "2025-03-29", "Europe/Berlin")),
    )
    assert counts > 20
    assert f"2 天共 {counts} 件" in found["told"]["zh"]


async def test_a_period_across_a_boundary_change_is_counted_by_the_boundaries_in_force(
    leader: httpx.AsyncClient,
) -> None:
    """Grids changed at noon of 2026-11-20; the cases before it are placed in those of after."""
    day = EFFECTIVE[2].date()
    window = {"from": f"{day - timedelta(1)}", "to": f"{day + timedelta(2)}"}
    found = await changed(leader, by="grid", **window, **BEFORE)
    cases = between(TOLD, *window.values())
    moved = (cases["occurred_at"] < EFFECTIVE[2]) & (cases["in_1"] != cases["in_2"])
    assert moved.any()
    counts = dict(zip(found["keys"], found["after_counts"], strict=True))
    assert counts == dict.fromkeys(GRIDS, 0) | cases["in_2"].value_counts().to_dict()


async def test_what_is_still_to_come_is_no_part_of_a_period(leader: httpx.AsyncClient) -> None:
    now = datetime.now(UTC)
    window = {
        "from": (now - timedelta(days=3)).isoformat(),
        "to": (now + timedelta(days=4)).isoformat(),
    }
    found = await changed(leader, **window)
    assert found["after"]["days"] == pytest.approx(3, abs=0.01)
    assert found["before"]["days"] == 7


async def test_too_few_cases_are_said_key_by_key(leader: httpx.AsyncClient) -> None:
    found = await changed(leader, by="grid", **{"from": "2024-10-27", "to": "2024-10-29"})
    for at, lack in enumerate(found["not_enough_data"]):
        total = found["before_counts"][at] + found["after_counts"][at]
        phi = found["phi"][at]
        most = min(change(0, total, phi=phi).p[0], change(total, 0, phi=phi).p[0])
        assert lack == ("no_cases" if not total else "too_few_cases" if most > 0.05 else None)
        assert (found["p"][at] is None) == (total == 0)
    assert {"too_few_cases"} <= set(found["not_enough_data"])
    none = await changed(leader, **{"from": "1990-01-01", "to": "1990-02-01"})
    assert (none["not_enough_data"], none["ratio"], none["q"]) == (["no_cases"], [None], [None])
    assert none["told"]["zh"] == "不足以判断：31 天共 0 件，此前 31 天 0 件。"


async def test_who_is_bound_to_an_area_compares_its_own(account: SignedIn) -> None:
    bound = await account("leader", "c1")
    found = await changed(bound, by="grid", **BEFORE)
    assert found["keys"] == ["g20", "g21", "g22"]
    assert found["after_counts"] == [
        len(between(of_key(TOLD, "grid", key), *AFTER.values())) for key in found["keys"]
    ]
    whole = await changed(bound, **BEFORE)
    inside = OPEN[OPEN["in_2"].isin(found["keys"])]
    assert whole["after_counts"] == [len(between(inside, *AFTER.values()))]
    worker = await account("worker", "g00")
    assert (await worker.get(CHANGE, params=AFTER)).status_code == 403


async def test_a_city_without_boundaries_has_no_areas_to_compare(signed_in: SignedIn) -> None:
    found = await changed(await signed_in("leader"), by="community")
    assert found["keys"] == found["p"] == []


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"to": ""}, "malformed", None),
        ({"to": AFTER["from"]}, "window_empty", "to"),
        ({"before_from": "2024-10-07"}, "window_missing", "before_to"),
        ({"before_to": "2024-10-07"}, "window_missing", "before_from"),
        ({"before_from": "2024-11-18", "before_to": "2024-10-07"}, "window_empty", "before_to"),
        ({"before_from": "2025-01-01", "before_to": "2025-02-25"}, "periods_overlap", "before_to"),
        (
            {"before_from": "1990-01-01", "before_to": "2025-01-01"},
            "window_too_long",
            "before_from",
        ),
        ({"from": "1990-01-01"}, "window_too_long", "from"),
        ({"from": "0001-01-02", "to": "0009-01-01"}, "time_invalid", "from"),
        ({"category": "nothing_known"}, "category_unknown", "category"),
        ({"by": "grid", "category": next(iter(SENSITIVE))}, "category_sensitive", "category"),
        ({"by": "cell"}, "malformed", "by"),
    ],
)
async def test_what_cannot_be_compared_is_told_by_its_field(
    leader: httpx.AsyncClient, asked: dict[str, str], code: str, field: str | None
) -> None:
    answer = await leader.get(CHANGE, params=AFTER | asked)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert field is None or answer.json()["field"] == field
