"""Hot places over HTTP, held against the other routes and the cases themselves, with pandas."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import h3
import httpx
import numpy as np
import pandas as pd
import pytest
import pytest_asyncio
from fastapi import FastAPI

from api.analysis import hot_places
from gis.cells import CASE_RESOLUTION, cells_of, names, parents
from gis.patterns.change import change
from gis.store.engine import CityEngine, Transaction
from tests.api.conftest import SignedIn, app_in
from tests.api.signing_in import asking, open_session_of
from tests.counted_cases import IN_FORCE, SENSITIVE, store_city
from tests.databases import rolled_back
from tests.planted_cases import CLUSTERS, planted_cases
from tests.small_city import SOUTH, WEST

PLACES = "/api/hotspots/places"
CASES = planted_cases(1)
TOLD = CASES[~CASES["held"] & ~CASES["category"].isin(SENSITIVE)]
NOVEMBER = {"from": "2026-10-19", "to": "2026-11-16"}
EARLIER = ("2026-09-21", "2026-10-19")


@pytest_asyncio.fixture(scope="module")
async def planted(engine: CityEngine) -> AsyncIterator[tuple[FastAPI, Transaction]]:
    """The application of a city where cases gather."""
    async with rolled_back(engine) as tx:
        await store_city(tx, CASES)
        with app_in(tx, engine) as app:
            yield app, tx


@pytest_asyncio.fixture
async def account(planted: tuple[FastAPI, Transaction]) -> AsyncIterator[SignedIn]:
    """Gives clients of new accounts in that city."""
    app, tx = planted
    async with AsyncExitStack() as stack:

        async def client_of(
            role: str, area: str | None = None, **more: str | None
        ) -> httpx.AsyncClient:
            token = await open_session_of(tx, role, area, **more)
            return await stack.enter_async_context(asking(app, token))

        yield client_of


@pytest_asyncio.fixture
async def leader(account: SignedIn) -> httpx.AsyncClient:
    return await account("leader")


async def places(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(PLACES, params={"resolution": 9, **NOVEMBER, **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def within(cases: pd.DataFrame, first: str, after: str) -> pd.DataFrame:
    """The cases of days of the city's calendar."""
    day = cases["occurred_at"].dt.tz_convert("Asia/Shanghai").dt.strftime("%Y-%m-%d")
    found: pd.DataFrame = cases[(day >= first) & (day < after)]
    return found


def in_cells(cases: pd.DataFrame, cells: list[str]) -> pd.DataFrame:
    resolution = h3.get_resolution(cells[0])
    own = names(parents(cells_of(cases["lng"], cases["lat"], CASE_RESOLUTION), resolution))
    return cases[np.isin(own, cells)]


async def test_the_places_are_the_hot_cells_that_a_walk_from_neighbour_to_neighbour_joins(
    leader: httpx.AsyncClient,
) -> None:
    gap: dict[str, str | int] = {"k": 2, "resolution": 11, "category": "other"}
    gap["from"] = "2026-11-02"
    every: list[dict[str, str | int]] = [{}, {"k": 2}, {"category": "flooding"}, {"resolution": 10}]
    for asked in (*every, gap):
        answer = await leader.get(
            "/api/hotspots/cells", params={"resolution": 9, **NOVEMBER, **asked}
        )
        cells = pd.DataFrame(
            {name: answer.json()[name] for name in ("keys", "z", "q", "bin")}
        ).set_index("keys")
        hot = set(cells.index[cells["bin"] >= 90])
        found = await places(leader, **asked)
        assert found["not_enough_data"] is answer.json()["not_enough_data"]
        assert found["chance"] == answer.json()["chance"]
        joined = []
        while hot:
            place, edge = set(), [hot.pop()]
            while edge:
                place.add(cell := edge.pop())
                beside = set(h3.grid_ring(cell, 1)) & hot
                hot -= beside
                edge += beside
            joined.append(place)
        assert {frozenset(place["cells"]) for place in found["places"]} == set(
            map(frozenset, joined)
        )
        assert joined or asked == {"k": 2}
        if asked is gap:
            # Neighbours of two rings, and a cell between them that is not hot: not one place.
            one, other = joined
            assert min(h3.grid_distance(a, b) for a in one for b in other) == 2
        for place in found["places"]:
            own = cells.loc[place["cells"]]
            assert (own["bin"].max(), place["q"]) == (place["bin"], own["q"][place["peak"]])
            assert (
                own[own["bin"] == place["bin"]]["z"].max() == place["z"] == own["z"][place["peak"]]
            )
            assert (place["lat"], place["lng"]) == pytest.approx(
                h3.cell_to_latlng(place["peak"]), abs=1e-6
            )
        strength = [(place["bin"], place["z"]) for place in found["places"]]
        assert strength == sorted(strength, reverse=True)


async def test_what_was_planted_is_found_and_sensitive_cases_are_not(
    leader: httpx.AsyncClient,
) -> None:
    found = await places(leader, resolution=10)
    by_cell = {cell: place for place in found["places"] for cell in place["cells"]}
    for (east, north), _, category in CLUSTERS:
        cell = h3.latlng_to_cell(SOUTH + north, WEST + east, 10)
        if category in SENSITIVE:
            assert category in found["withheld"]
            assert cell not in by_cell
        else:
            assert by_cell[cell]["categories"][0]["code"] == category
            assert by_cell[cell]["bin"] == 99
            assert by_cell[cell]["low"] > 1


async def test_each_figure_of_a_place_is_that_of_its_cases(leader: httpx.AsyncClient) -> None:
    found = await places(leader)
    assert (found["from"], found["to"]) == tuple(NOVEMBER.values())
    assert (found["before"]["from"], found["before"]["to"]) == EARLIER
    assert found["version"] == IN_FORCE
    for place in found["places"]:
        cases = in_cells(TOLD, place["cells"])
        now, before = within(cases, *NOVEMBER.values()), within(cases, *EARLIER)
        assert (place["count"], place["before"]) == (len(now), len(before))
        categories = now["category"].value_counts()
        assert {each["code"]: each["count"] for each in place["categories"]} == dict(categories)
        assert [each["count"] for each in place["categories"]] == sorted(categories, reverse=True)
        column = now[f"in_{IN_FORCE}"].dropna().str[1].astype(int)
        of_community = (column // 2).value_counts()
        most = int(place["community"]["code"][1])
        assert of_community[most] == of_community.max()
        assert place["community"] == {"code": f"c{most}", "name": f"社区{most}"}
        assert place["township"] == {"code": f"t{most}", "name": f"镇{most}"}
        edges = [*place["starts"], NOVEMBER["to"]]
        weeks = [len(within(cases, *edge)) for edge in pairwise(edges)]
        assert (place["by_step"], len(weeks)) == (weeks, 12)
        assert place["ratio"] == (pytest.approx(len(now) / len(before)) if len(before) else None)


@pytest.mark.parametrize("category", ["", "garbage"])
async def test_the_interval_counts_a_case_for_less_where_cases_come_in_bursts(
    leader: httpx.AsyncClient, category: str
) -> None:
    found = await places(leader, **({"category": category} if category else {}))
    meant = TOLD[TOLD["category"].str.startswith(category)]
    edges = pd.date_range(EARLIER[0], NOVEMBER["to"], freq="7D").strftime("%Y-%m-%d")
    squares, freedom, own = [], [], []
    for place in found["places"]:
        cases = in_cells(meant, place["cells"])
        weeks = np.array([len(within(cases, *edge)) for edge in pairwise(edges)])
        halves = [half for half in (weeks[:4], weeks[4:]) if half.sum()]
        squares.append(sum(((half - half.mean()) ** 2 / half.mean()).sum() for half in halves))
        freedom.append(3 * len(halves))
        own.append(squares[-1] / freedom[-1])
    together = sum(squares) / sum(freedom)
    # The garbage comes in bursts, all categories together do not.
    assert (max(own) > 1.5) == (category == "garbage")
    for place, phi in zip(found["places"], own, strict=True):
        told = change(place["before"], place["count"], phi=max(1.0, together, phi))
        for name in ("low", "high", "p"):
            expected = float(getattr(told, name)[0])
            assert place[name] == (pytest.approx(expected) if np.isfinite(expected) else None)


async def test_with_days_that_are_not_on_record_nothing_is_compared(
    leader: httpx.AsyncClient,
) -> None:
    for first, is_compared in (("2026-09-01", True), ("2026-08-01", False)):
        found = await places(leader, **{"from": first, "to": "2026-11-16"})
        assert found["places"]
        for place in found["places"]:
            figures = [place[name] for name in ("ratio", "low", "high", "p")]
            assert all(figure is not None for figure in figures) == is_compared
            assert any(figure is not None for figure in figures) == is_compared


async def test_what_is_still_to_come_of_a_period_is_no_part_of_its_length(
    leader: httpx.AsyncClient,
) -> None:
    began = datetime.now(UTC)
    found = await places(leader, **{"from": "2026-10-19", "to": "2026-12-31"})
    assert (found["before"]["from"], found["before"]["to"]) == ("2026-08-07", "2026-10-19")
    passed = (began - datetime(2026, 10, 18, 16, tzinfo=UTC)).total_seconds() / 86_400
    assert found["places"]
    for place in found["places"]:
        share = min(1.0, passed / 73)
        assert place["ratio"] == pytest.approx(place["count"] / place["before"] / share, rel=1e-3)


@pytest.mark.parametrize("variant", ["esri-new", "esri-old"])
@pytest.mark.parametrize(("step", "steps"), [("week", 12), ("day", 20), ("month", 5)])
async def test_the_class_of_a_place_is_that_of_all_its_cells_in_these_steps(
    leader: httpx.AsyncClient, step: str, steps: int, variant: str
) -> None:
    found = await places(leader, step=step, steps=steps, variant=variant)
    starts = found["places"][0]["starts"]
    assert len(starts) == steps
    until = NOVEMBER["to"] if step != "month" else "2026-11-01"
    assert max(len(place["cells"]) for place in found["places"]) > 1
    for place in found["places"]:
        answer = await leader.get(
            "/api/hotspots/series",
            params={
                "of": ",".join(place["cells"]),
                "step": step,
                "variant": variant,
                "from": starts[0],
                "to": until,
            },
        )
        series = answer.json()
        assert series["starts"] == starts
        assert (series["class"], series["counts"]) == (place["class"], place["by_step"])
    few = await places(leader, step=step, steps=4)
    assert {place["class"] for place in few["places"]} == {None}


async def test_a_period_of_hours_is_compared_with_as_many_hours_before(
    leader: httpx.AsyncClient,
) -> None:
    window = {"from": "2026-11-02T12:00+08:00", "to": "2026-11-15T18:30+08:00"}
    found = await places(leader, **window)
    assert found["before"] == {
        "from": "2026-10-20T05:30:00+08:00",
        "to": "2026-11-02T12:00:00+08:00",
    }
    assert found["places"]
    for place in found["places"]:
        cases = in_cells(TOLD, place["cells"])
        at = cases["occurred_at"]
        assert place["count"] == _between(at, **window)
        assert place["before"] == _between(at, **found["before"])
        # Steps are whole days: the last of them is the one before.
        assert place["starts"][-1] == "2026-11-08"


def _between(at: pd.Series, **ends: str) -> int:
    return int(((at >= ends["from"]) & (at < ends["to"])).sum())


async def test_who_is_bound_to_an_area_is_told_its_places_only(account: SignedIn) -> None:
    found = await places(await account("command_room", "t0"), k=1)
    mine = CASES[~CASES["category"].isin(SENSITIVE) & CASES[f"in_{IN_FORCE}"].notna()]
    mine = mine[mine[f"in_{IN_FORCE}"].str[1].astype(int) < 2]
    assert found["places"]
    for place in found["places"]:
        assert place["count"] == len(within(in_cells(mine, place["cells"]), *NOVEMBER.values()))
        assert place["township"]["code"] == "t0"


async def test_a_period_without_cases_says_so(leader: httpx.AsyncClient) -> None:
    found = await places(leader, **{"from": "1990-01-01", "to": "1990-02-01"})
    assert (found["not_enough_data"], found["places"]) == ("no_cases", [])
    few = await places(leader, **{"from": "2026-11-14", "to": "2026-11-15", "category": "other"})
    assert few["places"] == []


async def test_a_city_without_boundaries_has_no_places(signed_in: SignedIn) -> None:
    found = await places(await signed_in("leader"))
    assert (found["version"], found["not_enough_data"], found["places"]) == (
        None,
        "too_few_places",
        [],
    )


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"from": ""}, None, "from"),
        ({"to": "2026-10-19"}, "window_empty", "to"),
        ({"from": "0001-01-02", "to": "0001-02-01"}, "time_invalid", "from"),
        ({"from": "0001-03-01", "to": "0001-03-02"}, "time_invalid", "from"),
        ({"resolution": 12}, "resolution_too_fine", "resolution"),
        ({"steps": 61}, None, "steps"),
        ({"category": "neighbour_dispute"}, "category_sensitive", "category"),
        ({"version": "77"}, "version_unknown", "version"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_name(
    leader: httpx.AsyncClient, asked: dict[str, Any], code: str | None, field: str
) -> None:
    answer = await leader.get(PLACES, params={"resolution": 9, **NOVEMBER, **asked})
    assert answer.status_code == 422
    assert field in answer.text
    if code:
        assert (answer.json()["code"], answer.json()["field"]) == (code, field)


async def test_a_period_without_an_end_and_too_many_cells_in_time_are_refused(
    leader: httpx.AsyncClient, account: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for field in NOVEMBER:
        rest = {name: day for name, day in NOVEMBER.items() if name != field}
        answer = await leader.get(PLACES, params={"resolution": 9, **rest})
        assert (answer.json()["code"], answer.json()["field"]) == ("window_missing", field)
    monkeypatch.setattr(hot_places, "MOST_BINS", 1000)
    answer = await leader.get(PLACES, params={"resolution": 9, **NOVEMBER})
    assert (answer.status_code, answer.json()["code"]) == (422, "steps_too_many")
    worker = await account("worker", "g00")
    assert (await worker.get(PLACES, params={"resolution": 9, **NOVEMBER})).status_code == 403
