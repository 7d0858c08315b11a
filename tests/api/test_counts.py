"""Counts over HTTP: every key told, each case once, and nobody told more than is theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pandas as pd
import pytest
import pytest_asyncio
import shapely
from fastapi import FastAPI

from gis.cells import CASE_RESOLUTION, CellRegion, cells_of, names, parents
from gis.store.building_counts import replace_counts
from gis.store.engine import CityEngine, Transaction
from tests.api.conftest import SignedIn, app_in
from tests.api.signing_in import asking, open_session_of
from tests.counted_cases import (
    EDGES,
    IN_FORCE,
    SENSITIVE,
    own_version,
    random_cases,
    store_city,
)
from tests.databases import rolled_back
from tests.gis.store.counts_oracle import counted
from tests.small_city import SOUTH, STEP, WEST

COUNTS = "/api/hotspots/counts"
CASES = random_cases(3, 300)
OPEN = CASES[~CASES["held"]]
TOLD = OPEN[~OPEN["category"].isin(SENSITIVE)]
TOO_FINE = names(cells_of([0.0], [0.0], 12))[0]
GRIDS = [f"g{column}{row}" for column in range(3) for row in range(3)]


@pytest_asyncio.fixture(scope="module")
async def full(engine: CityEngine) -> AsyncIterator[tuple[FastAPI, Transaction]]:
    """The application of a city with all cases; whoever changes it takes it back."""
    async with rolled_back(engine) as tx:
        await store_city(tx, CASES)
        with app_in(tx, engine) as app:
            yield app, tx


@pytest_asyncio.fixture
async def account(full: tuple[FastAPI, Transaction]) -> AsyncIterator[SignedIn]:
    """Gives clients of new accounts in the full city."""
    app, tx = full
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


async def counts(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(COUNTS, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert sum(found["counts"]) + found["outside"] == found["total"]
    return found


def by_key(found: dict[str, Any]) -> dict[Any, int]:
    return dict(zip(found["keys"], found["counts"], strict=True))


def expected(column: pd.Series, keys: list[Any]) -> dict[Any, int]:
    return dict.fromkeys(keys, 0) | column.dropna().value_counts().to_dict()


@pytest.mark.parametrize("resolution", [0, 7, 9, 11])
async def test_every_cell_of_the_city_is_told_with_its_share(
    leader: httpx.AsyncClient, resolution: int
) -> None:
    found = await counts(leader, by="cell", resolution=resolution)
    square = shapely.box(WEST, SOUTH, WEST + 3 * STEP, SOUTH + 3 * STEP)
    region = CellRegion.of(square, resolution)
    assert found["keys"] == names(region.cells)
    assert found["shares"] == pytest.approx(region.share.tolist(), abs=2e-6)
    cells = names(parents(cells_of(TOLD["lng"], TOLD["lat"], CASE_RESOLUTION), resolution))
    counted_by_cell = pd.Series(cells).value_counts().to_dict()
    assert by_key(found) == {cell: counted_by_cell.get(cell, 0) for cell in found["keys"]}
    assert (found["total"], found["version"]) == (len(TOLD), IN_FORCE)
    assert set(found["withheld"]) >= SENSITIVE


@pytest.mark.parametrize("version", [*EDGES, "own", None])
@pytest.mark.parametrize("level", ["grid", "community", "township"])
async def test_cases_are_counted_by_the_areas_of_any_version(
    leader: httpx.AsyncClient, version: int | str | None, level: str
) -> None:
    found = await counts(leader, by=level, **({} if version is None else {"version": version}))
    cases = TOLD if level == "grid" else OPEN
    if version == "own":
        grids = cases["in_1"].where(own_version(cases) == 1, cases["in_2"])
    else:
        grids = cases[f"in_{version or IN_FORCE}"]
    if level == "grid":
        assert by_key(found) == expected(grids, GRIDS)
    else:
        column = grids.dropna().str[1].astype(int)
        part = level[0] + (column // 2).astype(str)
        assert by_key(found) == expected(part, [f"{level[0]}0", f"{level[0]}1"])
    assert found["total"] == len(cases)
    assert found["version"] == (version or IN_FORCE)


@pytest.mark.parametrize("word", ["category", "kind", "channel", "state"])
async def test_words_nobody_used_are_told_as_zero(leader: httpx.AsyncClient, word: str) -> None:
    found = await counts(leader, by=word)
    assert {key: n for key, n in by_key(found).items() if n} == OPEN[word].value_counts().to_dict()
    empty = await counts(leader, by=word, **{"from": "2020-01-01", "to": "2020-02-01"})
    assert (empty["keys"], set(empty["counts"])) == (found["keys"], {0})
    assert found["withheld"] == []


async def test_hours_weekdays_and_days_are_those_of_the_city(leader: httpx.AsyncClient) -> None:
    local = OPEN["occurred_at"].dt.tz_convert("Asia/Shanghai")
    assert by_key(await counts(leader, by="hour")) == expected(local.dt.hour, [*range(24)])
    weekdays = by_key(await counts(leader, by="weekday"))
    assert {int(day): n for day, n in weekdays.items()} == expected(
        local.dt.day_of_week + 1, [*range(1, 8)]
    )
    window = {"from": "2025-03-01", "to": "2025-04-01"}
    days = await counts(leader, by="day", **window)
    dates = local[(local >= "2025-03-01") & (local < "2025-04-01")].dt.strftime("%Y-%m-%d")
    march = [f"2025-03-{day:02}" for day in range(1, 32)]
    assert days["keys"] == march
    assert by_key(days) == expected(dates, march)
    assert (await counts(leader, by="day"))["total"] == len(OPEN)


@pytest.mark.parametrize("by", ["cell", "grid", "township", "day", "hour", "kind"])
async def test_a_window_without_data_is_an_answer_of_zeros(
    leader: httpx.AsyncClient, by: str
) -> None:
    found = await counts(leader, by=by, resolution=8, **{"from": "2020-01-01", "to": "2020-01-08"})
    assert found["total"] == found["outside"] == 0
    assert len(found["keys"]) > 1


async def test_a_city_without_boundaries_has_no_cells_and_no_areas(signed_in: SignedIn) -> None:
    leader = await signed_in("leader")
    for by in ("cell", "grid", "community"):
        found = await counts(leader, by=by, resolution=8)
        assert (found["total"], found["keys"], found["version"]) == (0, [], None)


async def test_the_count_on_a_cell_is_the_list_behind_it(leader: httpx.AsyncClient) -> None:
    for asked in (
        {},
        {"category": "garbage,flooding"},
        {"channel": "web,hotline,staff", "weekday": "1,2,3,4"},
        {"hour": "0,1,2,3,4,5,6,7,8,9", "from": "2025-03-01", "to": "2026-11-21"},
        {"within": "121.001,30.001,121.025,30.003,121.01,30.028"},
    ):
        for resolution in (7, 9, 11):
            found = await counts(leader, by="cell", resolution=resolution, **asked)
            some = sorted(by_key(found).items(), key=lambda cell: -cell[1])[:6]
            for cell, n in some:
                listed = (
                    await leader.get("/api/cases", params=asked | {"cell": cell, "limit": 500})
                ).json()
                assert listed["total"] == len(listed["cases"]) == n


# ---- who is told what ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["worker", "grid_lead", "department", "contributor", "reporter"])
async def test_who_does_not_analyse_is_refused(account: SignedIn, role: str) -> None:
    more = {"department": "water"} if role == "department" else {}
    answer = await (await account(role, **more)).get(COUNTS, params={"by": "kind"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")


async def test_held_cases_are_counted_for_the_command_room_only(account: SignedIn) -> None:
    room = await counts(await account("command_room"), by="kind")
    others = await counts(await account("dispatcher"), by="kind")
    assert (room["total"], others["total"]) == (len(CASES), len(OPEN))


async def test_who_is_bound_to_an_area_is_told_its_cases_and_its_ground_only(
    account: SignedIn,
) -> None:
    leader = await account("leader", "t1")
    inside = OPEN[OPEN[f"in_{IN_FORCE}"].isin(["g20", "g21", "g22"])]
    assert by_key(await counts(leader, by="township")) == {"t1": len(inside)}
    assert (await counts(leader, by="kind"))["total"] == len(inside)
    assert (await counts(leader, by="grid"))["keys"] == ["g20", "g21", "g22"]
    cells = await counts(leader, by="cell", resolution=9)
    column = shapely.box(WEST + 2 * STEP, SOUTH, WEST + 3 * STEP, SOUTH + 3 * STEP)
    assert cells["keys"] == names(CellRegion.of(column, 9).cells)
    assert cells["total"] == len(inside[~inside["category"].isin(SENSITIVE)])


async def test_a_bound_viewer_is_told_the_areas_of_another_version_that_it_sees_into(
    account: SignedIn,
) -> None:
    leader = await account("leader", "g00")
    mine = TOLD[TOLD[f"in_{IN_FORCE}"] == "g00"]
    found = await counts(leader, by="grid", version=3)
    assert by_key(found) == expected(mine["in_3"], ["g00", "g10"])


@pytest.mark.parametrize(
    "finely",
    [
        {"by": "cell", "resolution": 5},
        {"by": "grid"},
        {"by": "hour", "bbox": "121,30,121.03,30.03"},
        {"by": "kind", "within": "121,30,121.03,30,121.03,30.03"},
        {"by": "day", "grid": "g00"},
        {"by": "category", "cell": names(cells_of([WEST], [SOUTH], 4))[0]},
    ],
)
async def test_sensitive_cases_are_counted_by_nothing_smaller_than_a_community(
    account: SignedIn, finely: dict[str, Any]
) -> None:
    for role in ("leader", "dispatcher", "command_room"):
        client = await account(role)
        found = await counts(client, **finely)
        without = await counts(client, **finely, category="garbage,flooding,other")
        assert found["total"] == without["total"]
        assert set(found["withheld"]) >= SENSITIVE
        answer = await client.get(COUNTS, params=finely | {"category": "neighbour_dispute"})
        assert (answer.status_code, answer.json()["code"]) == (422, "category_sensitive")
    of_a_grid = await account("leader", "g00")
    assert set((await counts(of_a_grid, by="hour"))["withheld"]) >= SENSITIVE
    for by in ("community", "township", "hour", "day", "category"):
        found = await counts(await account("leader"), by=by, category="neighbour_dispute")
        assert found["total"] == OPEN["category"].isin(SENSITIVE).sum()


async def test_no_list_of_a_cell_or_a_drawn_area_holds_a_sensitive_case(account: SignedIn) -> None:
    cell = names(cells_of([WEST], [SOUTH], 3))[0]
    for role in ("leader", "dispatcher", "worker"):
        client = await account(role, "t0")
        for where in ({"cell": cell}, {"within": "120,29,122,29,122,31,120,31"}):
            listed = (await client.get("/api/cases", params=where | {"limit": 500})).json()
            assert listed["cases"]
            assert not SENSITIVE & {case["category"] for case in listed["cases"]}


# ---- rates ---------------------------------------------------------------------------------------


async def test_rates_are_absent_where_nothing_was_counted(leader: httpx.AsyncClient) -> None:
    found = await counts(leader, by="grid", per="households")
    assert found["people"] == found["rates"] == [None] * 9


async def test_rates_are_smoothed_cases_for_one_of_the_people(
    leader: httpx.AsyncClient, full: tuple[FastAPI, Transaction]
) -> None:
    _, tx = full
    before = await tx.begin_nested()
    spots = [shapely.Point(WEST + c * STEP + 0.005, SOUTH + 0.005) for c in range(3)]
    await replace_counts(tx, counted(spots, [100, 400, None]))
    found = await counts(leader, by="grid", per="households")
    await before.rollback()
    people = dict(zip(found["keys"], found["people"], strict=True))
    rates = dict(zip(found["keys"], found["rates"], strict=True))
    assert (people["g00"], people["g10"], people["g20"], people["g01"]) == (100, 400, None, 0)
    assert (rates["g20"], rates["g01"]) == (None, None)
    own = {code: by_key(found)[code] / people[code] for code in ("g00", "g10")}
    mean = (by_key(found)["g00"] + by_key(found)["g10"]) / 500
    for code in own:
        low, high = sorted((own[code], mean))
        assert low - 1e-12 <= rates[code] <= high + 1e-12


# ---- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"by": "cell"}, "resolution_missing", "resolution"),
        ({"by": "cell", "resolution": 12}, "resolution_too_fine", "resolution"),
        ({"by": "kind", "category": "no_such"}, "category_unknown", "category"),
        ({"by": "kind", "kind": "crime"}, "kind_unknown", "kind"),
        ({"by": "kind", "state": "done"}, "state_unknown", "state"),
        ({"by": "kind", "channel": "pigeon"}, "channel_unknown", "channel"),
        ({"by": "kind", "grid": "g99"}, "grid_unknown", "grid"),
        ({"by": "kind", "hour": "24"}, "hour_unknown", "hour"),
        ({"by": "kind", "hour": "1.5"}, "hour_unknown", "hour"),
        ({"by": "kind", "hour": "١"}, "hour_unknown", "hour"),
        ({"by": "kind", "weekday": "0"}, "weekday_unknown", "weekday"),
        ({"by": "kind", "cell": "zz"}, "cell_invalid", "cell"),
        ({"by": "kind", "cell": TOO_FINE}, "resolution_too_fine", "cell"),
        ({"by": "kind", "within": "1,2,3"}, "within_invalid", "within"),
        ({"by": "kind", "within": "1,2,3,4"}, "within_invalid", "within"),
        ({"by": "kind", "within": "nan,2,3,4,5,6"}, "within_invalid", "within"),
        ({"by": "grid", "version": "9"}, "version_unknown", "version"),
        ({"by": "cell", "resolution": 8, "version": "own"}, "version_unknown", "version"),
        ({"by": "kind", "per": "households"}, "per_invalid", "per"),
        ({"by": "grid", "version": "own", "per": "population"}, "per_invalid", "per"),
        ({"by": "day", "from": "1900-01-01", "to": "2026-01-01"}, "window_too_long", "from"),
        ({"by": "day", "from": "9999-12-30", "to": "9999-12-31T23:00Z"}, "time_invalid", "from"),
        ({"by": "day", "from": "0001-01-01"}, "time_invalid", "from"),
    ],
)  # fmt: skip
async def test_what_cannot_be_counted_is_told_by_its_field(
    leader: httpx.AsyncClient, asked: dict[str, Any], code: str, field: str
) -> None:
    answer = await leader.get(COUNTS, params=asked)
    assert (answer.status_code, answer.json().get("code")) == (422, code)
    assert answer.json()["field"] == field


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"by": "person"},
        {"by": "cell", "resolution": "-1"},
        {"by": "day", "from": "x"},
        {"by": "day", "from": "2026-01-01T00:00:00"},
        {"by": "day", "to": "2026-02-30"},
    ],
)
async def test_forged_parameters_are_malformed(
    leader: httpx.AsyncClient, asked: dict[str, Any]
) -> None:
    assert (await leader.get(COUNTS, params=asked)).status_code == 422
